#include "model/fold_in_fit.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "toy.h"

namespace mrec {
namespace {

// Users who have heard two artists at most: the mean is over all of them, whatever is drawn.
SparseMatrix few_plays(int users, int artists) {
  Matrix plays = Matrix::Zero(users, artists);
  Rng rng(9);
  for (int u = 0; u < users; ++u) {
    for (int i = 0; i < 2; ++i) plays(u, rng.below(static_cast<std::uint32_t>(artists))) = 1;
  }
  return sparse(plays);
}

Matrix means_of(const SparseMatrix& plays, const Matrix& artists) {
  Matrix means = plays * artists;
  for (int u = 0; u < plays.rows(); ++u) means.row(u) /= plays.row(u).sum();
  return means;
}

TEST(FoldInFit, FindsThePlantedMap) {
  const Matrix artists = random_matrix(40, 3, 1);
  const SparseMatrix plays = few_plays(400, 40);
  const Matrix planted = random_matrix(4, 3, 2);
  const Matrix users = (means_of(plays, artists) * planted.topRows(3)).rowwise() + planted.row(3);
  const Vector bias = Vector::Zero(40);
  FoldInSums sums(3);
  sums.add({plays, users, view_of(artists), bias});
  const Matrix map = fit_fold_in_map(sums);
  EXPECT_LT((map - planted).cwiseAbs().maxCoeff(), 0.15) << "up to the ridge\n" << map;
  const Matrix predicted = (means_of(plays, artists) * map.topRows(3)).rowwise() + map.row(3);
  EXPECT_GT(1 - (predicted - users).squaredNorm() / users.squaredNorm(), 0.99);
}

TEST(FoldInFit, SumsOfShardsAreTheSumOfAll) {
  const Matrix artists = random_matrix(40, 3, 1);
  const SparseMatrix plays = few_plays(50, 40);
  const Matrix users = random_matrix(50, 3, 4);
  const Vector bias = Vector::Zero(40);
  FoldInSums whole(3);
  whole.add({plays, users, view_of(artists), bias});
  FoldInSums parts(3);
  const SparseMatrix first = plays.topRows(20);
  const SparseMatrix second = plays.bottomRows(30);
  const Matrix first_users = users.topRows(20);
  const Matrix second_users = users.bottomRows(30);
  parts.add({first, first_users, view_of(artists), bias, 0});
  parts.add({second, second_users, view_of(artists), bias, 20});
  for (std::size_t i = 0; i < whole.gram.size(); ++i) {
    EXPECT_NEAR(parts.gram[i], whole.gram[i], 1e-9);
  }
  for (std::size_t i = 0; i < whole.target.size(); ++i) {
    EXPECT_NEAR(parts.target[i], whole.target[i], 1e-9);
  }
}

TEST(FoldInFit, NoUsersGiveAMapOfZeros) { EXPECT_TRUE(fit_fold_in_map(FoldInSums(3)).isZero()); }

TEST(Calibration, FindsThePlantedSlopeAndOffset) {
  Rng rng(17);
  std::vector<ScoreSample> samples;
  for (int i = 0; i < 20'000; ++i) {
    const double score = 4 * rng.uniform() - 2;
    const double heard = 1 / (1 + std::exp(-(1.5 * score - 0.5)));
    samples.push_back({static_cast<float>(score), rng.uniform() < heard ? 1.0F : 0.0F, 1});
  }
  const Calibration calibration = fit_calibration(samples);
  EXPECT_NEAR(calibration.slope, 1.5, 0.08);
  EXPECT_NEAR(calibration.offset, -0.5, 0.06);
}

// Whoever holds the users, the same of them give samples: all when they are few, else an even part.
TEST(Calibration, OfManyUsersAnEvenPartGivesSamples) {
  const Matrix artists = random_matrix(40, 3, 1);
  Matrix plays = Matrix::Zero(100, 40);
  plays.leftCols(20).setOnes();
  const SparseMatrix weights = sparse(plays);
  const Matrix users = random_matrix(100, 3, 4);
  const Vector bias = Vector::Zero(40);
  const auto heard_by = [&](int first, int count, std::int64_t num_users) {
    const SparseMatrix rows = weights.middleRows(first, count);
    const Matrix own = users.middleRows(first, count);
    const std::vector<ScoreSample> samples = score_samples(
        {rows, own, view_of(artists), bias, first, 1, num_users},
        [](std::span<const Rating> ratings) {
          return RowVector(RowVector::Constant(3, static_cast<float>(ratings.size())));
        });
    int heard = 0;
    for (const ScoreSample& sample : samples) heard += static_cast<int>(sample.heard);
    return heard;
  };
  // Of 20 artists 10, 10, 5 or 2 are given in turn: 53 of four users are left.
  EXPECT_EQ(heard_by(0, 100, 100), 25 * 53);
  EXPECT_EQ(heard_by(0, 100, 5 * kMostSampledUsers), 5 * 53);
  EXPECT_EQ(heard_by(0, 33, 5 * kMostSampledUsers) + heard_by(33, 67, 5 * kMostSampledUsers),
            5 * 53);
}

TEST(Calibration, ASampleOfWeightTwoCountsTwice) {
  const std::vector<ScoreSample> once{{1, 1, 1}, {1, 0, 2}, {-1, 0, 1}, {-1, 1, 1}, {2, 1, 1}};
  std::vector<ScoreSample> twice = once;
  twice[1].weight = 1;
  twice.push_back(twice[1]);
  EXPECT_NEAR(fit_calibration(once).slope, fit_calibration(twice).slope, 1e-9);
  EXPECT_NEAR(fit_calibration(once).offset, fit_calibration(twice).offset, 1e-9);
}

TEST(Calibration, SeparableScoresStayFinite) {
  const Calibration calibration =
      fit_calibration(std::vector<ScoreSample>{{-1, 0}, {1, 1}, {-2, 0}, {2, 1}});
  EXPECT_TRUE(std::isfinite(calibration.slope) && std::isfinite(calibration.offset));
  EXPECT_GT(calibration.slope, 0);
  EXPECT_EQ(fit_calibration({}).slope, 1);
}

}  // namespace
}  // namespace mrec
