#include "tune/cost.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

namespace mrec {
namespace {

constexpr double kRidge = 0.1;

// The lower triangle of a positive definite matrix [n x n] becomes its Cholesky factor.
void factorize(std::vector<double>& a, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = a[i * n + j];
      for (std::size_t k = 0; k < j; ++k) sum -= a[i * n + k] * a[j * n + k];
      a[i * n + j] = i == j ? std::sqrt(sum) : sum / a[j * n + j];
    }
  }
}

// Solves A x = b, given the factor of A.
std::vector<double> solved(const std::vector<double>& factor, std::vector<double> b) {
  const std::size_t n = b.size();
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k) b[i] -= factor[i * n + k] * b[k];
    b[i] /= factor[i * n + i];
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) b[i] -= factor[k * n + i] * b[k];
    b[i] /= factor[i * n + i];
  }
  return b;
}

double dot(std::span<const double> a, std::span<const double> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

double seconds_told(const Trial& trial) {
  const auto told = trial.attributes.find("seconds");
  return told == trial.attributes.end() ? 0 : std::strtod(told->second.c_str(), nullptr);
}

}  // namespace

CostModel::CostModel(const Space& space, std::span<const Trial> trials)
    : space_(space), num_columns_(1) {
  for (const Param& param : space.params()) {
    first_column_.push_back(num_columns_);
    num_columns_ += param.distribution.is_categorical() ? param.distribution.choices.size() : 1;
  }
  ++num_columns_;  // ln epochs
  weights_.assign(num_columns_, 0);
  centre_.assign(num_columns_, 0);

  std::vector<std::vector<double>> rows;
  std::vector<double> targets;
  for (const Trial& trial : trials) {
    const double told = seconds_told(trial);
    if (!(told > 0) || trial.intermediate.empty()) continue;
    const int epochs = trial.intermediate.rbegin()->first;
    if (epochs <= 0 || trial.configuration.size() != space.size()) continue;
    rows.push_back(row_of(trial.configuration, epochs));
    targets.push_back(std::log(told / epochs));
  }
  num_trials_ = rows.size();
  if (rows.empty()) return;

  // The constant is left free: other columns are centred, and the ridge draws to their mean.
  const auto count = static_cast<double>(rows.size());
  for (const auto& row : rows) {
    for (std::size_t c = 1; c < num_columns_; ++c) centre_[c] += row[c] / count;
  }
  std::vector<double> normal(num_columns_ * num_columns_);
  std::vector<double> right(num_columns_);
  for (std::size_t c = 0; c < num_columns_; ++c) {
    normal[c * num_columns_ + c] = c == 0 ? 1e-9 : kRidge;
  }
  for (std::size_t n = 0; n < rows.size(); ++n) {
    for (std::size_t c = 1; c < num_columns_; ++c) rows[n][c] -= centre_[c];
    for (std::size_t i = 0; i < num_columns_; ++i) {
      right[i] += rows[n][i] * targets[n];
      for (std::size_t j = 0; j <= i; ++j) normal[i * num_columns_ + j] += rows[n][i] * rows[n][j];
    }
  }
  factorize(normal, num_columns_);
  weights_ = solved(normal, right);

  // Each residual as if its trial had been left out.
  constexpr double kPriorSigma = 0.3;
  constexpr double kPriorTrials = 2;
  double squares = kPriorTrials * kPriorSigma * kPriorSigma;
  for (std::size_t n = 0; n < rows.size(); ++n) {
    const double leverage = std::min(0.99, dot(rows[n], solved(normal, rows[n])));
    squares += std::pow((targets[n] - dot(rows[n], weights_)) / (1 - leverage), 2);
  }
  sigma_ = std::sqrt(squares / (count + kPriorTrials));
}

void CostModel::add(std::size_t param, double value, std::span<double> row) const {
  if (std::isnan(value)) return;
  const Distribution& distribution = space_.params()[param].distribution;
  const std::size_t column = first_column_[param];
  if (distribution.is_categorical()) {
    row[column + static_cast<std::size_t>(value)] = 1;
  } else if (distribution.low > 0) {
    row[column] = std::log(value);
  } else if (distribution.high > distribution.low) {
    row[column] = (value - distribution.low) / (distribution.high - distribution.low);
  }
}

std::vector<double> CostModel::row_of(const Configuration& configuration, int epochs) const {
  std::vector<double> row(num_columns_);
  row.front() = 1;
  row.back() = std::log(epochs);
  for (std::size_t p = 0; p < configuration.size(); ++p) add(p, configuration[p], row);
  return row;
}

std::optional<double> CostModel::seconds(const Configuration& configuration, int epochs,
                                         double sigmas) const {
  if (num_trials_ == 0) return std::nullopt;
  std::vector<double> row = row_of(configuration, epochs);
  for (std::size_t c = 1; c < num_columns_; ++c) row[c] -= centre_[c];
  return epochs * std::exp(dot(row, weights_) + sigmas * sigma_);
}

double CostModel::ln_share(std::span<const std::size_t> params,
                           std::span<const double> values) const {
  std::vector<double> row(num_columns_);
  for (std::size_t i = 0; i < params.size(); ++i) add(params[i], values[i], row);
  return dot(row, weights_);
}

}  // namespace mrec
