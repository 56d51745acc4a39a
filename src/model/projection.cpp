#include "model/projection.h"

#include <algorithm>

#include "model/square_loss.h"

namespace mrec {

Projection project(const Matrix& factors, std::span<const int> rows) {
  const Eigen::Index dim = factors.cols();
  Matrix directions(std::ssize(rows), dim);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    directions.row(static_cast<Eigen::Index>(i)) = factors.row(rows[i]).normalized();  // zeros stay
  }
  Projection plane{.points = Matrix::Zero(directions.rows(), 2)};
  if (rows.empty()) return plane;
  const RowVector mean = directions.colwise().mean();
  directions.rowwise() -= mean;
  const Eigen::MatrixXf gram = directions.transpose() * directions;
  const Spectrum spectrum = spectrum_of(gram.cast<double>());  // ascending
  const double all = std::max(static_cast<double>(spectrum.values.sum()), 1e-30);
  for (int axis = 0; axis < std::min<int>(2, static_cast<int>(dim)); ++axis) {
    const Eigen::Index at = dim - 1 - axis;
    Vector direction = spectrum.vectors.col(at);
    Eigen::Index largest = 0;
    direction.cwiseAbs().maxCoeff(&largest);
    if (direction(largest) < 0) direction = -direction;
    plane.points.col(axis) = directions * direction;
    plane.explained[static_cast<std::size_t>(axis)] =
        std::max(0.0, static_cast<double>(spectrum.values(at))) / all;
  }
  return plane;
}

}  // namespace mrec
