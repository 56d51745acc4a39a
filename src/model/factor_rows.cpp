#include "model/factor_rows.h"

#include <algorithm>

#include "base/aligned.h"
#include "model/kernel.h"

namespace mrec {

Eigen::MatrixXd gram_of(const Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>& factors) {
  using Rows = Eigen::Map<Matrix, 0, Eigen::OuterStride<>>;
  constexpr Eigen::Index kBlock = 128;
  const auto dim = static_cast<int>(factors.cols());
  const int stride = equations_stride(dim);
  AlignedFloats memory = aligned_zeros(static_cast<std::size_t>(kBlock * stride));
  AlignedFloats sums = aligned_zeros(static_cast<std::size_t>((dim + 7) / 8 * 8 * stride));
  Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(dim, dim);
  for (Eigen::Index first = 0; first < factors.rows(); first += kBlock) {
    const Eigen::Index count = std::min(kBlock, factors.rows() - first);
    Rows(memory.data(), count, dim, Eigen::OuterStride<>(stride)) =
        factors.middleRows(first, count);
    std::ranges::fill(sums, 0.0F);
    best_level().add_rows({.values = sums.data(), .size = dim, .stride = stride}, memory.data(),
                          static_cast<int>(count), dim);
    gram.triangularView<Eigen::Upper>() +=
        Rows(sums.data(), dim, dim, Eigen::OuterStride<>(stride)).cast<double>();
  }
  gram.triangularView<Eigen::StrictlyLower>() = gram.transpose();
  return gram;
}

}  // namespace mrec
