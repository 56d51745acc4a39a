#include "model/square_loss.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "base/prefetch.h"

namespace mrec {
namespace {

constexpr std::size_t kBlock = 128;  // pairs that are gathered at once
constexpr std::size_t kAhead = 4;    // rows that are on their way to the cache meanwhile
constexpr std::size_t kSingly = 8;   // so few rows are multiplied one by one

}  // namespace

double SquareLoss::ridge(double observed, double others) const {
  return regularization * std::pow(observed + unheard * others, exponent);
}

RowSolver::RowSolver(const SquareLoss& loss, const Vector& spectrum, const float* other, int others,
                     int stride)
    : loss_(loss),
      level_(best_level()),
      spectrum_(spectrum.cwiseMax(0.0F)),
      other_(other),
      others_(others),
      stride_(stride),
      width_(equations_stride(static_cast<int>(spectrum.size()))) {
  const auto width = static_cast<std::size_t>(width_);
  gathered_ = aligned_zeros(std::max(width, kBlock) * width);
  transposed_ = aligned_zeros(width * width);
  values_ = aligned_zeros(width * width);
  solution_ = aligned_zeros(width);
}

double RowSolver::solve(std::span<const int> columns, std::span<const PairFit> fits, float* row) {
  const Eigen::Index dim = spectrum_.size();
  if (columns.empty()) {
    std::fill_n(row, dim, 0.0F);
    return 0;
  }
  const double ridge = loss_.ridge(static_cast<double>(columns.size()), others_);
  weight_ = static_cast<float>(loss_.unheard) * spectrum_.array() +
            static_cast<float>(std::max(ridge, 1e-9));
  if (columns.size() == 1) return solve_one(columns[0], fits[0], row);
  return std::ssize(columns) < dim ? solve_few(columns, fits, row) : solve_many(columns, fits, row);
}

double RowSolver::solve_one(int column, PairFit fit, float* row) {
  const Eigen::Map<const Vector> v = other(column);
  Eigen::Map<Vector> p(row, v.size());
  p = v.cwiseQuotient(weight_);
  const float y = fit.target / (1 / fit.confidence + v.dot(p));
  p *= y;
  return y * y / fit.confidence;
}

double RowSolver::solve_few(std::span<const int> columns, std::span<const PairFit> fits,
                            float* row) {
  const std::size_t n = columns.size();
  const Eigen::Index dim = spectrum_.size();
  const Equations equations = no_equations(static_cast<int>(n));
  const auto stride = static_cast<std::size_t>(equations.stride);

  // V D^-1/2, whose products with itself are wanted row by row.
  scale_ = weight_.array().rsqrt();
  for (std::size_t i = 0; i < n; ++i) {
    if (i + kAhead < n) fetch(columns[i + kAhead]);
    gathered(i) = scale_.cwiseProduct(other(columns[i]));
    gathered(i).data()[dim] = 0;  // that is where solve_many() has targets
  }
  if (n <= kSingly) {
    level_.add_dots(equations, gathered_.data(), width_);
  } else {
    for (std::size_t i = n; i < stride; ++i) gathered(i).setZero();
    level_.transpose(gathered_.data(), equations.stride, width_, transposed_.data());
    level_.add_rows(equations, transposed_.data(), static_cast<int>(dim), equations.size);
  }
  for (std::size_t i = 0; i < n; ++i) {
    equations.values[i * stride + i] += 1 / fits[i].confidence;
    equations.values[i * stride + n] = fits[i].target;
  }
  level_.solve(equations, solution_.data());

  double loss = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const float y = solution_[i];
    loss += y * y / fits[i].confidence;
  }
  Eigen::Map<Vector> p(row, dim);
  p.setZero();
  const float* y = solution_.data();
  std::size_t i = 0;
  for (; i + 4 <= n; i += 4) {  // four at once: p is read and written less often
    p += y[i] * gathered(i) + y[i + 1] * gathered(i + 1) + y[i + 2] * gathered(i + 2) +
         y[i + 3] * gathered(i + 3);
  }
  for (; i < n; ++i) p += y[i] * gathered(i);
  p.array() *= scale_.array();
  return loss;
}

double RowSolver::solve_many(std::span<const int> columns, std::span<const PairFit> fits,
                             float* row) {
  const Eigen::Index dim = spectrum_.size();
  const Equations equations = no_equations(static_cast<int>(dim));

  // C^1/2 V with C^1/2 t as one more column, whose products are the right side.
  for (std::size_t first = 0; first < columns.size(); first += kBlock) {
    const std::size_t count = std::min(kBlock, columns.size() - first);
    for (std::size_t i = 0; i < count; ++i) {
      if (first + i + kAhead < columns.size()) fetch(columns[first + i + kAhead]);
      const float root = std::sqrt(fits[first + i].confidence);
      gathered(i) = root * other(columns[first + i]);
      gathered(i).data()[dim] = root * fits[first + i].target;
    }
    level_.add_rows(equations, gathered_.data(), static_cast<int>(count), equations.size + 1);
  }
  Eigen::Map<Matrix>(equations.values, dim, equations.stride).diagonal() += weight_;
  level_.solve(equations, solution_.data());

  double loss = 0;
  Eigen::Map<Vector> p(row, dim);
  p = Eigen::Map<const Vector>(solution_.data(), dim);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const float error = fits[i].target - p.dot(other(columns[i]));
    loss += fits[i].confidence * error * error;
  }
  return loss;
}

Eigen::Map<const Vector> RowSolver::other(int column) const {
  return {other_ + static_cast<std::ptrdiff_t>(column) * stride_, spectrum_.size()};
}

void RowSolver::fetch(int column) const {
  const float* row = other(column).data();
  for (Eigen::Index c = 0; c < spectrum_.size(); c += 16) prefetch_line(row + c);
}

Eigen::Map<Vector> RowSolver::gathered(std::size_t i) {
  return {gathered_.data() + i * static_cast<std::size_t>(width_), spectrum_.size()};
}

Equations RowSolver::no_equations(int size) {
  const Equations equations{values_.data(), size, equations_stride(size)};
  std::fill_n(equations.values, (size + 7) / 8 * 8 * equations.stride, 0.0F);
  return equations;
}

Spectrum spectrum_of(const Eigen::MatrixXd& gram) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(gram);
  return {.values = solver.eigenvalues().cast<float>(),
          .vectors = solver.eigenvectors().cast<float>()};
}

}  // namespace mrec
