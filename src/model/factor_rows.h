#pragma once

#include "base/matrix.h"

namespace mrec {

// Factors [n x d] that lie in the memory of somebody else, who outlives the view.
using FactorRows = Eigen::Map<const Matrix, 0, Eigen::OuterStride<>>;

inline FactorRows view_of(const Matrix& factors) {
  return {factors.data(), factors.rows(), factors.cols(), Eigen::OuterStride<>(factors.cols())};
}

// factors' factors [d x d]: sums of 128 rows in single precision, added in double.
Eigen::MatrixXd gram_of(const Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>& factors);

}  // namespace mrec
