#include "model/square_rows.h"

#include <gtest/gtest.h>

#include <cmath>

#include "toy.h"

namespace mrec {
namespace {

TEST(SquareRows, AWeightTellsTheConfidenceAndTheTarget) {
  TrainParams params;
  params.confidence = 3;
  params.target_spread = 0.5;
  EXPECT_FLOAT_EQ(fit_of(2, params).confidence, 7);
  EXPECT_FLOAT_EQ(fit_of(2, params).target, 1.5F);
  EXPECT_FLOAT_EQ(fit_of(0.5F, params).confidence, 2.5F);
  EXPECT_FLOAT_EQ(fit_of(0.5F, params).target, 0.75F);
  params.target_spread = 0;
  EXPECT_EQ(fit_of(2, params).target, 1);
}

TEST(SquareRows, ATagCountsByItsOwnOption) {
  TrainParams params;
  params.tag_weight = 2;
  params.target_spread = 0.5;
  EXPECT_FLOAT_EQ(fit_of(-3, params).confidence, 6);
  EXPECT_FLOAT_EQ(fit_of(-3, params).target, 2);
}

TEST(SquareRows, NoTargetComesNearThatOfTheUnheard) {
  TrainParams params;
  params.target_spread = 5;
  EXPECT_FLOAT_EQ(fit_of(0.5F, params).target, 0.1F);
}

TEST(SquareRows, TagsBecomeRowsOfTheirArtists) {
  const SparseMatrix tags = sparse(Matrix{{1, 0, 4}, {0, 9, 0}});  // [2 artists x 3 tags]
  const SparseMatrix rows = tag_rows(tags, 1, 3);
  ASSERT_EQ(rows.rows(), 2);
  ASSERT_EQ(rows.cols(), 2);
  EXPECT_EQ(rows.nonZeros(), 2);
  EXPECT_FLOAT_EQ(rows.coeff(0, 1), -3);  // sqrt(9)
  EXPECT_FLOAT_EQ(rows.coeff(1, 0), -2);
}

TEST(SquareRows, AppendingKeepsBothParts) {
  const Matrix above{{0, 2}, {0.5F, 0}};
  const Matrix below{{3, 4}};
  SparseMatrix all = sparse(above);
  append_rows(all, sparse(below));
  Matrix expected(3, 2);
  expected << above, below;
  EXPECT_TRUE(Matrix(all).isApprox(expected));
}

TEST(SquareRows, TheStartDependsOnSeedAndArtistOnly) {
  std::vector<float> one(64), same(64), other(64);
  draw_start(1, 5, one);
  draw_start(1, 5, same);
  draw_start(1, 6, other);
  EXPECT_EQ(one, same);
  EXPECT_NE(one, other);
  double squares = 0;
  for (const float value : one) squares += static_cast<double>(value) * value;
  EXPECT_NEAR(std::sqrt(squares), 0.1, 0.03);
}

}  // namespace
}  // namespace mrec
