#include "tune/importance.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tune/parzen.h"

namespace mrec {
namespace {

constexpr double kBest = 0.1;
constexpr std::size_t kMinBest = 2;
constexpr std::size_t kMinTrials = 4;
constexpr int kMaxCells = 50;

// Which cell of `num_cells` each trial lies in; those that lack the parameter are left out.
std::vector<std::size_t> cells(const Distribution& distribution, std::size_t param,
                               const std::vector<const Trial*>& trials, std::size_t num_cells) {
  std::vector<std::size_t> found;
  for (const Trial* trial : trials) {
    double value = trial->configuration[param];
    if (std::isnan(value)) continue;
    if (!distribution.is_categorical()) {
      const auto place = [&](double x) { return distribution.log ? std::log(x) : x; };
      value = (place(value) - place(distribution.low)) /
              (place(distribution.high) - place(distribution.low)) *
              static_cast<double>(num_cells - 1);
    }
    found.push_back(static_cast<std::size_t>(
        std::clamp(std::nearbyint(value), 0.0, static_cast<double>(num_cells - 1))));
  }
  return found;
}

// Scott's rule, in cells, robust against tails; at least so wide that nine tenths fill a cell.
double bandwidth(const std::vector<std::size_t>& sorted) {
  constexpr double kNarrowest = 0.5 / 1.64;
  const std::size_t n = sorted.size();
  const auto count = static_cast<double>(n);
  const double mean = std::accumulate(sorted.begin(), sorted.end(), 0.0) / count;
  double squares = 0;
  for (const std::size_t cell : sorted) squares += std::pow(static_cast<double>(cell) - mean, 2);
  const double deviation = std::sqrt(squares / std::max(1.0, count - 1));
  const auto quartiles = static_cast<double>(sorted[std::min(n - 1, 3 * n / 4)] - sorted[n / 4]);
  return std::max(kNarrowest,
                  1.059 * std::min(quartiles / 1.34, deviation) * std::pow(count, -0.2));
}

// [num_cells], sum 1: the smoothed share of each cell, with a prior that weighs as one trial.
std::vector<double> density(std::vector<std::size_t> cells, std::size_t num_cells,
                            bool categorical) {
  std::ranges::sort(cells);
  const double weight = 1 / (static_cast<double>(cells.size()) + 1);
  std::vector<double> shares(num_cells);
  // The share of each cell in a normal distribution that is cut off at the ends.
  const auto add = [&](double mu, double sigma, double times) {
    const double first = -0.5;
    const double last = static_cast<double>(num_cells) - 0.5;
    const double all = log_normal_mass((first - mu) / sigma, (last - mu) / sigma);
    for (std::size_t cell = 0; cell < num_cells; ++cell) {
      const double left = static_cast<double>(cell) - 0.5;
      shares[cell] +=
          times * std::exp(log_normal_mass((left - mu) / sigma, (left + 1 - mu) / sigma) - all);
    }
  };
  if (categorical) {
    for (double& share : shares) share += weight / static_cast<double>(num_cells);
    for (const std::size_t cell : cells) shares[cell] += weight;
    return shares;
  }
  add(static_cast<double>(num_cells - 1) / 2, static_cast<double>(num_cells), weight);
  const double sigma = bandwidth(cells);
  for (std::size_t first = 0; first < cells.size();) {
    std::size_t last = first;
    while (last < cells.size() && cells[last] == cells[first]) ++last;
    add(static_cast<double>(cells[first]), sigma, weight * static_cast<double>(last - first));
    first = last;
  }
  return shares;
}

double divergence(const std::vector<double>& best, const std::vector<double>& all) {
  constexpr double kTiny = 1e-12;
  double sum = 0;
  for (std::size_t cell = 0; cell < best.size(); ++cell) {
    const double share = all[cell] + kTiny;
    sum += share * std::pow((best[cell] + kTiny) / share - 1, 2);
  }
  return sum;
}

}  // namespace

std::vector<double> importances(const Space& space, bool maximize, std::span<const Trial> trials) {
  std::vector<double> found(space.size());
  std::vector<const Trial*> all;
  for (const Trial& trial : trials) {
    if (trial.state == TrialState::kComplete && !std::isnan(trial.value)) all.push_back(&trial);
  }
  if (all.size() < kMinTrials) return found;
  const auto badness = [&](const Trial* trial) { return maximize ? -trial->value : trial->value; };
  std::ranges::stable_sort(all, {}, badness);
  auto num_best = std::max(
      kMinBest, static_cast<std::size_t>(std::ceil(kBest * static_cast<double>(all.size()))));
  const double worst = badness(all[num_best - 1]);
  while (num_best < all.size() && badness(all[num_best]) <= worst) ++num_best;  // ties
  const std::vector<const Trial*> best(all.begin(),
                                       all.begin() + static_cast<std::ptrdiff_t>(num_best));

  for (std::size_t i = 0; i < space.size(); ++i) {
    const Distribution& distribution = space.params()[i].distribution;
    const bool categorical = distribution.is_categorical();
    const auto values = distribution.num_values();
    if (values == 1) continue;
    const auto num_cells = static_cast<std::size_t>(
        values && (categorical || (*values <= kMaxCells && !distribution.log)) ? *values
                                                                               : kMaxCells);
    std::vector<std::size_t> in_best = cells(distribution, i, best, num_cells);
    std::vector<std::size_t> in_all = cells(distribution, i, all, num_cells);
    if (in_best.empty()) continue;
    const double alpha = static_cast<double>(in_best.size()) / static_cast<double>(best.size());
    const double beta = static_cast<double>(in_all.size()) / static_cast<double>(all.size());
    found[i] = alpha * alpha / beta *
               divergence(density(std::move(in_best), num_cells, categorical),
                          density(std::move(in_all), num_cells, categorical));
  }
  const double sum = std::accumulate(found.begin(), found.end(), 0.0);
  if (sum > 0) {
    for (double& one : found) one /= sum;
  }
  return found;
}

}  // namespace mrec
