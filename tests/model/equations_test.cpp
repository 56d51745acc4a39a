#include <gtest/gtest.h>

#include <Eigen/Cholesky>

#include "base/aligned.h"
#include "model/kernel.h"
#include "toy.h"

namespace mrec {
namespace {

// The least squares problem |rows x - targets|^2 + |x|^2, solved at a level.
AlignedFloats solution_at(const KernelLevel& level, const Matrix& rows, const Vector& targets) {
  const auto num_rows = static_cast<int>(rows.rows());
  const auto size = static_cast<int>(rows.cols());
  const int stride = equations_stride(size);
  AlignedFloats padded = aligned_zeros(static_cast<std::size_t>(num_rows * stride));
  Eigen::Map<Matrix> both(padded.data(), num_rows, stride);
  both.leftCols(size) = rows;
  both.col(size) = targets;
  AlignedFloats values = aligned_zeros(static_cast<std::size_t>((size + 7) / 8 * 8 * stride));
  const Equations equations{values.data(), size, stride};
  level.add_rows(equations, padded.data(), num_rows, size + 1);
  for (int i = 0; i < size; ++i) values[static_cast<std::size_t>(i * stride + i)] += 1;
  AlignedFloats solution(static_cast<std::size_t>(stride), 7.0F);
  level.solve(equations, solution.data());
  return solution;
}

// Sizes around the lengths of tiles and vectors; the levels that this machine has.
TEST(Equations, AreSolvedWithTheSameBitsAtEveryLevel) {
  for (const int size : {1, 2, 7, 8, 9, 15, 16, 17, 31, 40, 63, 64, 65, 130}) {
    const Matrix rows = random_matrix(50, size, 1);
    const Vector targets = random_matrix(50, 1, 2).col(0);
    Eigen::MatrixXd system = rows.cast<double>().transpose() * rows.cast<double>();
    system.diagonal().array() += 1;
    const Eigen::VectorXd expected =
        system.llt().solve(rows.cast<double>().transpose() * targets.cast<double>());
    const AlignedFloats portable = solution_at(kernel_levels().front(), rows, targets);
    const Eigen::Map<const Vector> solved(portable.data(), equations_stride(size));
    EXPECT_LT((solved.head(size).cast<double>() - expected).norm(), 1e-5 * expected.norm()) << size;
    EXPECT_TRUE(solved.tail(equations_stride(size) - size).isZero()) << size;
    for (const KernelLevel& level : kernel_levels()) {
      if (!level.supported()) continue;
      EXPECT_EQ(solution_at(level, rows, targets), portable) << level.name << " " << size;
    }
  }
}

TEST(Equations, LeaveAtZeroWhatTheOthersDoNotDetermine) {
  for (const KernelLevel& level : kernel_levels()) {
    if (!level.supported()) continue;
    AlignedFloats values = aligned_zeros(std::size_t{8} * 16);
    AlignedFloats solution = aligned_zeros(16);
    AlignedFloats row = aligned_zeros(16);
    std::fill_n(row.begin(), 3, 2.0F);  // 4 x + 4 y = 4, twice
    const Equations equations{values.data(), 2, 16};
    level.add_rows(equations, row.data(), 1, 3);
    level.solve(equations, solution.data());
    EXPECT_EQ(solution[0], 1) << level.name;
    EXPECT_EQ(solution[1], 0) << level.name;
  }
}

TEST(Equations, TransposeAtEveryLevel) {
  const Matrix from = random_matrix(32, 48, 1);
  const AlignedFloats values(from.data(), from.data() + from.size());
  for (const KernelLevel& level : kernel_levels()) {
    if (!level.supported()) continue;
    AlignedFloats to = aligned_zeros(values.size());
    level.transpose(values.data(), 32, 48, to.data());
    EXPECT_EQ(Eigen::Map<const Matrix>(to.data(), 48, 32), from.transpose()) << level.name;
  }
}

// The first `size` columns are the rows' products, above the diagonal; the rest stays as it was.
TEST(Equations, AddProductsOfAFewRowsWithTheSameBitsAtEveryLevel) {
  constexpr int kWidth = 48;
  for (int size = 1; size <= 9; ++size) {
    const int stride = equations_stride(size);
    const Matrix rows = random_matrix(size, kWidth, 3);
    const AlignedFloats padded(rows.data(), rows.data() + rows.size());
    const Eigen::MatrixXd expected = rows.cast<double>() * rows.cast<double>().transpose();
    AlignedFloats portable;
    for (const KernelLevel& level : kernel_levels()) {
      if (!level.supported()) continue;
      AlignedFloats values(static_cast<std::size_t>((size + 7) / 8 * 8 * stride), 0.5F);
      level.add_dots({values.data(), size, stride}, padded.data(), kWidth);
      if (portable.empty()) portable = values;
      EXPECT_EQ(values, portable) << level.name << " " << size;
    }
    for (int i = 0; i < size; ++i) {
      for (int j = i; j < stride; ++j) {
        const double sum = 0.5 + (j < size ? expected(i, j) : 0);
        EXPECT_NEAR(portable[static_cast<std::size_t>(i * stride + j)], sum, 1e-5) << i << " " << j;
      }
    }
  }
}

}  // namespace
}  // namespace mrec
