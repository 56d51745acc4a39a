#include "model/recommend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "base/random.h"
#include "model/factor_rows.h"
#include "toy.h"

namespace mrec {
namespace {

std::vector<int> artists_of(const std::vector<Scored>& list) {
  std::vector<int> artists;
  for (const Scored& scored : list) artists.push_back(scored.artist);
  return artists;
}

TEST(TopK, EqualsAFullSort) {
  Rng rng(5);
  for (int round = 0; round < 50; ++round) {
    std::vector<float> scores(60);
    for (float& score : scores) score = static_cast<float>(rng.below(20));  // with ties
    std::vector<int> excluded;
    for (int a = 0; a < 60; ++a) {
      if (rng.uniform() < 0.2) excluded.push_back(a);
    }
    std::vector<int> all(60);
    std::iota(all.begin(), all.end(), 0);
    std::erase_if(all, [&](int a) { return std::ranges::find(excluded, a) != excluded.end(); });
    std::ranges::stable_sort(all, std::greater{}, [&](int a) { return scores[std::size_t(a)]; });
    for (const int k : {1, 10, 100}) {
      std::vector<int> expected = all;
      expected.resize(std::min<std::size_t>(expected.size(), std::size_t(k)));
      EXPECT_EQ(artists_of(top_k(scores, excluded, k)), expected);
    }
  }
}

TEST(TopK, NothingIsLeftWhenAllAreExcluded) {
  const std::vector<float> scores{1, 2};
  EXPECT_TRUE(top_k(scores, std::vector<int>{0, 1, 0}, 5).empty());
  EXPECT_TRUE(top_k(scores, {}, 0).empty());
}

TEST(FoldIn, IsTheMeanOfTheRatedCarriedByTheMap) {
  const Artifact model = small_artifact();
  const std::vector<Rating> ratings{{.artist = 0, .weight = 1}, {.artist = 2, .weight = 3}};
  // Weighted mean of (1,0) and (1,1): (1, 0.75); then 2 m + (0.5, -0.5).
  EXPECT_TRUE(fold_in_mean(model, ratings).isApprox(RowVector{{1, 0.75F}}));
  EXPECT_TRUE(fold_in(model, ratings).isApprox(RowVector{{2.5F, 1}}));
  EXPECT_THROW(fold_in(model, {}), InputError);
}

TEST(FoldIn, RanksWeighFromOneDownToATenth) {
  EXPECT_FLOAT_EQ(rank_weight(1), 1.0F);
  EXPECT_FLOAT_EQ(rank_weight(2), 0.9F);
  EXPECT_FLOAT_EQ(rank_weight(10), 0.1F);
}

TEST(Recommend, ScoresAreDotProductsAndBias) {
  const Artifact model = small_artifact();
  std::vector<float> scores(4);
  score_artists(model, RowVector{{1, 2}}, scores);
  EXPECT_THAT(scores, testing::ElementsAre(1, 2.5F, 3, -1));
}

TEST(Recommend, CalibratedScoresKeepTheOrderInside0To1) {
  const Artifact model = small_artifact();
  EXPECT_FLOAT_EQ(calibrated(model, 0.5F), 0.5F);  // slope 2, offset -1
  EXPECT_LT(calibrated(model, -1), calibrated(model, 1));
  EXPECT_GE(calibrated(model, -1e9F), 0);
  EXPECT_LE(calibrated(model, 1e9F), 1);
}

TEST(FoldIn, PartsAddUpToTheUserVector) {
  Artifact model = small_artifact();
  const std::vector<Rating> ratings{{.artist = 0, .weight = 1}, {.artist = 2, .weight = 0.4F}};
  EXPECT_TRUE(
      fold_in_mean_parts(model, ratings).colwise().sum().isApprox(fold_in_mean(model, ratings)));
  const Matrix parts = fold_in_parts(model, ratings);
  ASSERT_EQ(parts.rows(), 3);
  EXPECT_TRUE(parts.colwise().sum().isApprox(fold_in(model, ratings)));
  EXPECT_TRUE(parts.row(2).isApprox(model.fold_in_map.row(2))) << "what everybody has";

  model.params.loss = "ials";
  model.fold_in_gram = gram_of(model.artist_factors).cast<float>();
  EXPECT_TRUE(fold_in_parts(model, ratings).colwise().sum().isApprox(fold_in(model, ratings)));
  EXPECT_TRUE(fold_in_parts(model, ratings).row(2).isZero());
}

}  // namespace
}  // namespace mrec
