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
                    const std::vector<PairFit>& fits) {
  const Eigen::MatrixXd q = others.cast<double>();
  Eigen::MatrixXd system = loss.unheard * q.transpose() * q;
  system.diagonal().array() +=
      loss.ridge(static_cast<double>(columns.size()), static_cast<double>(others.rows()));
  Eigen::VectorXd target = Eigen::VectorXd::Zero(q.cols());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const Eigen::VectorXd v = q.row(columns[i]);
    const double c = fits[i].confidence;
    system += c * v * v.transpose();
    target += c * fits[i].target * v;
  }
  return system.lu().solve(target).cast<float>();
}

// What solve() does for these pairs: the row in the basis of `others`, and the loss.
struct Solved {
  Vector row;
  double loss;
};
class Solver {
 public:
  Solver(const SquareLoss& loss, const Matrix& others)
      : spectrum_(spectrum_of((others.transpose() * others).cast<double>())),
        turned_(others * spectrum_.vectors),
        solver_(loss, spectrum_.values, turned_.data(), static_cast<int>(others.rows()),
                static_cast<int>(others.cols())) {}

  Solved operator()(const std::vector<int>& columns, const std::vector<PairFit>& fits) {
    Vector row = Vector::Constant(turned_.cols(), 7);
    const double loss = solver_.solve(columns, fits, row.data());
    return {spectrum_.vectors * row, loss};
  }

 private:
  Spectrum spectrum_;
  Matrix turned_;
  RowSolver solver_;
};

void expect_solved(const SquareLoss& loss, const Matrix& others, const Solved& solved,
                   const std::vector<int>& columns, const std::vector<PairFit>& fits) {
  const Vector expected = expected_row(loss, others, columns, fits);
  EXPECT_TRUE(solved.row.isApprox(expected, 1e-4F))
      << "pairs:    " << columns.size() << ", dim " << others.cols()
      << "\nsolved:   " << solved.row.transpose() << "\nexpected: " << expected.transpose();
  double of_pairs = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const double error = fits[i].target - expected.dot(others.row(columns[i]));
    of_pairs += fits[i].confidence * error * error;
  }
  EXPECT_NEAR(solved.loss, of_pairs, 1e-4 * of_pairs) << columns.size() << " pairs";
}

class RowSolverOf : public testing::TestWithParam<int> {};

// One pair, few, fewer than components, as many, more, and more than are gathered at once: all ways
// of solving, with dims that fill vectors and such that do not. One solver does all of them twice,
// so that nothing is left of one row in the next.
TEST_P(RowSolverOf, SolvesTheNormalEquations) {
  constexpr int kOthers = 400;
  const int dim = GetParam();
  const SquareLoss loss{.unheard = 0.3, .regularization = 0.1, .exponent = 0.5};
  const Matrix others = random_matrix(kOthers, dim, 1);
  Solver solver(loss, others);
  for (const int pairs : {1, 2, 3, 7, 300, 8, 9, dim - 1, dim, dim + 1, 40, 130, 256, 1, 2, 7}) {
    if (pairs < 1) continue;
    std::vector<int> columns(static_cast<std::size_t>(pairs));
    std::iota(columns.begin(), columns.end(), 3);
    std::vector<PairFit> fits;
    for (const int column : columns) {
      fits.push_back({.confidence = 1 + 0.1F * static_cast<float>(column),
                      .target = 1 + 0.3F * static_cast<float>(column % 4)});
    }
    expect_solved(loss, others, solver(columns, fits), columns, fits);
  }
}
INSTANTIATE_TEST_SUITE_P(Dims, RowSolverOf, testing::Values(1, 2, 7, 8, 15, 16, 17, 64, 129));

// Two artists may have the same factors, as those have that the same users heard.
TEST(RowSolver, EqualRowsOfTheOtherSideAreSolvedFor) {
  const SquareLoss loss{.unheard = 0.3, .regularization = 0.1};
  const Matrix others = random_matrix(50, 8, 1);
  Solver solver(loss, others);
  for (const std::vector<int>& columns :
       {std::vector<int>{5, 5}, {5, 6, 5}, std::vector<int>(20, 5)}) {
    const std::vector<PairFit> fits(columns.size(), {.confidence = 2, .target = 0.7F});
    expect_solved(loss, others, solver(columns, fits), columns, fits);
  }
}

TEST(RowSolver, NoPairsGiveZeros) {
  const Matrix others = random_matrix(5, 2, 1);
  RowSolver solver({}, Vector::Ones(2), others.data(), 5, 2);
  Vector row = Vector::Constant(2, 7);
  EXPECT_EQ(solver.solve({}, {}, row.data()), 0);
  EXPECT_TRUE(row.isZero());
}

TEST(SquareLoss, RidgeGrowsWithThePairsAndTheOthers) {
  const SquareLoss loss{.unheard = 0.5, .regularization = 2, .exponent = 0.5};
  EXPECT_DOUBLE_EQ(loss.ridge(4, 10), 6);  // 2 * sqrt(4 + 0.5 * 10)
}

}  // namespace
}  // namespace mrec
