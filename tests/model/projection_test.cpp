#include "model/projection.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "toy.h"

namespace mrec {
namespace {

TEST(Projection, FindsTheAxesOfTheLargestVariance) {
  // Directions +-x and, with a quarter of the variance, +-y at the height z.
  Matrix factors(10, 3);
  for (int i = 0; i < 8; ++i) factors.row(i) = RowVector{{i % 2 == 0 ? 5.0F : -0.5F, 0, 0}};
  factors.row(8) = RowVector{{0, 3, 0}};
  factors.row(9) = RowVector{{0, -1, 0}};
  std::vector<int> rows(10);
  std::iota(rows.begin(), rows.end(), 0);
  const Projection plane = project(factors, rows);
  EXPECT_NEAR(plane.explained[0], 0.8, 1e-6);
  EXPECT_NEAR(plane.explained[1], 0.2, 1e-6);
  EXPECT_NEAR(plane.points(0, 0), 1, 1e-6) << "the length does not count, the sign is fixed";
  EXPECT_NEAR(plane.points(1, 0), -1, 1e-6);
  EXPECT_NEAR(plane.points(8, 1), 1, 1e-6);
  EXPECT_NEAR(plane.points(8, 0), 0, 1e-6);
}

TEST(Projection, NothingAndOneDimensionAreNoTrouble) {
  const std::vector<int> rows{0, 1};
  EXPECT_EQ(project(random_matrix(2, 3, 1), {}).points.rows(), 0);
  const Projection line = project(random_matrix(2, 1, 1), rows);
  EXPECT_EQ(line.points(0, 1), 0);
  EXPECT_EQ(project(Matrix::Zero(2, 3), rows).explained[0], 0);
}

}  // namespace
}  // namespace mrec
