#include "model/square_loss.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

namespace mrec {

double SquareLoss::ridge(double observed, double others) const {
  return regularization * std::pow(observed + unheard * others, exponent);
}

RowSolver::RowSolver(const SquareLoss& loss, const Vector& spectrum, const float* other, int others,
                     int stride)
    : loss_(loss),
      spectrum_(spectrum.cwiseMax(0.0F)),
      other_(other),
      others_(others),
      stride_(stride) {}

void RowSolver::solve(std::span<const int> columns, std::span<const float> confidences,
                      float* row) {
  const Eigen::Index dim = spectrum_.size();
  if (columns.empty()) {
    std::fill_n(row, dim, 0.0F);
    return;
  }
  const double ridge = loss_.ridge(static_cast<double>(columns.size()), others_);
  weight_ = static_cast<float>(loss_.unheard) * spectrum_.array() +
            static_cast<float>(std::max(ridge, 1e-9));
  gather(columns);
  if (heard_.rows() < dim) {
    solve_few(columns, confidences, row);
  } else {
    solve_many(columns, confidences, row);
  }
}

void RowSolver::gather(std::span<const int> columns) {
  heard_.resize(std::ssize(columns), spectrum_.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const float* from = other_ + static_cast<std::ptrdiff_t>(columns[i]) * stride_;
    std::copy_n(from, spectrum_.size(), heard_.row(static_cast<Eigen::Index>(i)).data());
  }
}

void RowSolver::solve_few(std::span<const int> columns, std::span<const float> confidences,
                          float* row) {
  const auto n = std::ssize(columns);
  const Eigen::Map<const Vector> c(confidences.data(), n);
  const Vector scale = weight_.array().rsqrt();
  heard_ *= scale.asDiagonal();
  Eigen::MatrixXf system = Eigen::MatrixXf::Zero(n, n);
  system.selfadjointView<Eigen::Lower>().rankUpdate(heard_);
  system.diagonal().array() += c.array().inverse();
  const Vector dual = system.selfadjointView<Eigen::Lower>().llt().solve(Vector::Ones(n));
  Eigen::Map<Vector> out(row, spectrum_.size());
  out.noalias() = heard_.transpose() * dual;
  out.array() *= scale.array();
}

void RowSolver::solve_many(std::span<const int> columns, std::span<const float> confidences,
                           float* row) {
  const Eigen::Map<const Vector> c(confidences.data(), std::ssize(columns));
  const Vector target = heard_.transpose() * c;
  heard_.array().colwise() *= c.array().sqrt();
  Eigen::MatrixXf system = weight_.asDiagonal();
  system.selfadjointView<Eigen::Lower>().rankUpdate(heard_.transpose());
  Eigen::Map<Vector>(row, spectrum_.size()) =
      system.selfadjointView<Eigen::Lower>().llt().solve(target);
}

Spectrum spectrum_of(const Eigen::MatrixXd& gram) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(gram);
  return {.values = solver.eigenvalues().cast<float>(),
          .vectors = solver.eigenvectors().cast<float>()};
}

}  // namespace mrec
