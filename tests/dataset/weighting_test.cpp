#include "dataset/weighting.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "model/toy.h"

namespace mrec {
namespace {

const SparseMatrix kTrain = sparse(Matrix{{1, 10, 100}, {5, 5, 0}, {0, 0, 0}});
const SparseMatrix kTest = sparse(Matrix{{0, 0, 0}, {0, 0, 50}, {7, 0, 0}});

Matrix weighed(const std::string& scheme, const SparseMatrix& plays) {
  return weigh(plays, kTrain, {.weighting = scheme});
}

TEST(Weighting, LogIsRelativeToTheUsersMean) {
  const double mean = (std::log(2.0) + std::log(11.0) + std::log(101.0)) / 3;
  const Matrix weights = weighed("log", kTrain);
  EXPECT_NEAR(weights(0, 1), std::log(11.0) / mean, 1e-6);
  EXPECT_NEAR(weights.row(0).mean(), 1, 1e-6);
  EXPECT_NEAR(weighed("log", kTest)(1, 2), std::log(51.0) / std::log(6.0), 1e-6);
}

TEST(Weighting, MinMaxIsPerUserAndKeepsEveryInteraction) {
  const Matrix weights = weighed("minmax", kTrain);
  EXPECT_NEAR(weights(0, 0), 0.1, 1e-6);
  EXPECT_NEAR(weights(0, 1), 0.1 + 0.9 * 9 / 99, 1e-6);
  EXPECT_NEAR(weights(0, 2), 1, 1e-6);
  EXPECT_EQ(weights(1, 0), 1) << "all counts equal";
}

TEST(Weighting, Bm25FollowsItsFormula) {
  // Three users, two of them active; totals 111 and 10, mean 60.5.
  const double length = 1 - 0.75 + 0.75 * 111 / 60.5;
  const double frequency = 10 * 2.2 / (10 + 1.2 * length);
  const double rarity = std::log(1 + (2 - 2 + 0.5) / (2 + 0.5));
  EXPECT_NEAR(weighed("bm25", kTrain)(0, 1), frequency * rarity, 1e-6);
}

TEST(Weighting, BinaryAndUsersOutsideTrainAreOne) {
  EXPECT_EQ(weighed("binary", kTrain)(0, 2), 1);
  for (const char* scheme : {"log", "minmax", "bm25", "binary"}) {
    EXPECT_EQ(weighed(scheme, kTest)(2, 0), 1) << scheme;
  }
}

TEST(Weighting, MinMaxIsCutAtTheEndsOfTrain) {
  const SparseMatrix held_out = sparse(Matrix{{0.5F, 500, 0}, {0, 0, 0}, {0, 0, 0}});
  EXPECT_NEAR(weighed("minmax", held_out)(0, 0), 0.1, 1e-6);
  EXPECT_NEAR(weighed("minmax", held_out)(0, 1), 1, 1e-6);
}

TEST(Weighting, HeldOutPlaysDoNotChangeTheWeightsOfOthers) {
  SparseMatrix louder = kTest;
  louder.coeffRef(2, 0) = 500'000;
  for (const char* scheme : {"log", "minmax", "bm25", "binary"}) {
    EXPECT_EQ(weighed(scheme, louder)(1, 2), weighed(scheme, kTest)(1, 2)) << scheme;
  }
}

TEST(Weighting, EveryWeightIsPositive) {
  for (const char* scheme : {"log", "minmax", "bm25", "binary"}) {
    const SparseMatrix weights = weigh(kTrain, kTrain, {.weighting = scheme});
    ASSERT_EQ(weights.nonZeros(), kTrain.nonZeros());
    for (Eigen::Index k = 0; k < weights.nonZeros(); ++k) EXPECT_GT(weights.valuePtr()[k], 0);
  }
  EXPECT_THROW(weigh(kTrain, kTrain, {.weighting = "x"}), InputError);
}

}  // namespace
}  // namespace mrec
