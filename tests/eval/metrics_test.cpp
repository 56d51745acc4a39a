#include "eval/metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"

namespace mrec {
namespace {

// Hits at positions 1 and 3 of 5, three relevant artists.
const Ranking kExample{.hits = {true, false, true, false, false}, .num_relevant = 3, .k = 5};

TEST(Metrics, HandWorkedList) {
  EXPECT_DOUBLE_EQ(precision(kExample), 2.0 / 5);
  EXPECT_DOUBLE_EQ(recall(kExample), 2.0 / 3);
  EXPECT_DOUBLE_EQ(average_precision(kExample), (1.0 / 1 + 2.0 / 3) / 3);
  const double ideal = 1 + 1 / std::log2(3.0) + 1 / std::log2(4.0);
  EXPECT_DOUBLE_EQ(ndcg(kExample), (1 + 1 / std::log2(4.0)) / ideal);
  EXPECT_DOUBLE_EQ(reciprocal_rank(kExample), 1);
  EXPECT_DOUBLE_EQ(hit_rate(kExample), 1);
}

TEST(Metrics, APerfectListScores1AndAnEmptyOne0) {
  for (const RankingMetric& metric : ranking_metrics()) {
    EXPECT_DOUBLE_EQ(metric.value({.hits = {true, true, true}, .num_relevant = 3, .k = 3}), 1)
        << metric.name;
    EXPECT_EQ(metric.value({.hits = {false, false, false}, .num_relevant = 3, .k = 3}), 0)
        << metric.name;
  }
}

TEST(Metrics, MoreRelevantThanPlacesStillAllowsAPerfectList) {
  const Ranking full{.hits = {true, true}, .num_relevant = 7, .k = 2};
  EXPECT_DOUBLE_EQ(average_precision(full), 1);
  EXPECT_DOUBLE_EQ(ndcg(full), 1);
  EXPECT_DOUBLE_EQ(recall(full), 2.0 / 7);
}

TEST(Metrics, AListThatRanOutOfArtistsCountsItsMissingPlaces) {
  EXPECT_DOUBLE_EQ(precision({.hits = {true}, .num_relevant = 1, .k = 10}), 0.1);
}

TEST(Auc, CountsPairsWithTiesAsHalf) {
  Rng rng(3);
  for (int round = 0; round < 30; ++round) {
    std::vector<float> scores(40);
    for (float& score : scores) score = static_cast<float>(rng.below(8));
    std::vector<int> relevant;
    std::vector<int> excluded;
    for (int a = 0; a < 40; ++a) {
      const double u = rng.uniform();
      if (u < 0.2)
        relevant.push_back(a);
      else if (u < 0.4)
        excluded.push_back(a);
    }
    double right = 0;
    double pairs = 0;
    for (const int r : relevant) {
      for (int a = 0; a < 40; ++a) {
        if (std::ranges::find(relevant, a) != relevant.end()) continue;
        if (std::ranges::find(excluded, a) != excluded.end()) continue;
        const float own = scores[static_cast<std::size_t>(r)];
        const float other = scores[static_cast<std::size_t>(a)];
        right += own > other ? 1 : own == other ? 0.5 : 0;
        pairs += 1;
      }
    }
    EXPECT_NEAR(auc(scores, relevant, excluded), right / pairs, 1e-12);
  }
}

}  // namespace
}  // namespace mrec
