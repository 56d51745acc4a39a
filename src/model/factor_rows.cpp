#include "model/factor_rows.h"

#include <algorithm>

namespace mrec {

Eigen::MatrixXd gram_of(const Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>& factors) {
  const Eigen::Index dim = factors.cols();
  Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(dim, dim);
  Eigen::MatrixXf block(dim, dim);
  constexpr Eigen::Index kBlock = 256;  // rows whose sum is taken in single precision
  for (Eigen::Index first = 0; first < factors.rows(); first += kBlock) {
    const Eigen::Index count = std::min(kBlock, factors.rows() - first);
    block.setZero();
    block.selfadjointView<Eigen::Lower>().rankUpdate(factors.middleRows(first, count).transpose());
    gram += block.cast<double>();
  }
  gram.triangularView<Eigen::StrictlyUpper>() = gram.transpose();
  return gram;
}

}  // namespace mrec
