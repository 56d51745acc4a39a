#include "model/square_loss.h"

#include <gtest/gtest.h>

#include <Eigen/LU>
#include <numeric>
#include <vector>

#include "toy.h"

namespace mrec {
namespace {

// The normal equations as the definition has them, in double precision.
Vector expected_row(const SquareLoss& loss, const Matrix& others, const std::vector<int>& columns,
                    const std::vector<float>& confidences) {
  const Eigen::MatrixXd q = others.cast<double>();
  Eigen::MatrixXd system = loss.unheard * q.transpose() * q;
  system.diagonal().array() +=
      loss.ridge(static_cast<double>(columns.size()), static_cast<double>(others.rows()));
  Eigen::VectorXd target = Eigen::VectorXd::Zero(q.cols());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const Eigen::VectorXd v = q.row(columns[i]);
    const double c = confidences[i];
    system += c * v * v.transpose();
    target += c * v;
  }
  return system.lu().solve(target).cast<float>();
}

class RowSolverOf : public testing::TestWithParam<int> {};

// Fewer pairs than components, as many, and more: both ways of solving.
TEST_P(RowSolverOf, SolvesTheNormalEquations) {
  constexpr int kOthers = 50;
  constexpr int kDim = 8;
  const SquareLoss loss{.unheard = 0.3, .regularization = 0.1, .exponent = 0.5};
  Matrix others = random_matrix(kOthers, kDim, 1);
  std::vector<int> columns(static_cast<std::size_t>(GetParam()));
  std::iota(columns.begin(), columns.end(), 3);
  std::vector<float> confidences;
  for (const int column : columns) confidences.push_back(1 + 0.1F * static_cast<float>(column));
  const Vector expected = expected_row(loss, others, columns, confidences);

  const Spectrum spectrum = spectrum_of((others.transpose() * others).cast<double>());
  others = (others * spectrum.vectors).eval();
  RowSolver solver(loss, spectrum.values, others.data(), kOthers, kDim);
  Vector row = Vector::Constant(kDim, 7);
  solver.solve(columns, confidences, row.data());

  EXPECT_TRUE((spectrum.vectors * row).isApprox(expected, 1e-4F))
      << "solved:   " << (spectrum.vectors * row).transpose()
      << "\nexpected: " << expected.transpose();
}
INSTANTIATE_TEST_SUITE_P(Pairs, RowSolverOf, testing::Values(1, 3, 7, 8, 9, 40));

TEST(RowSolver, NoPairsGiveZeros) {
  const Matrix others = random_matrix(5, 2, 1);
  RowSolver solver({}, Vector::Ones(2), others.data(), 5, 2);
  Vector row = Vector::Constant(2, 7);
  solver.solve({}, {}, row.data());
  EXPECT_TRUE(row.isZero());
}

TEST(SquareLoss, RidgeGrowsWithThePairsAndTheOthers) {
  const SquareLoss loss{.unheard = 0.5, .regularization = 2, .exponent = 0.5};
  EXPECT_DOUBLE_EQ(loss.ridge(4, 10), 6);  // 2 * sqrt(4 + 0.5 * 10)
}

}  // namespace
}  // namespace mrec
