#include "eval/evaluate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/random.h"
#include "eval/metrics.h"
#include "eval/summary.h"
#include "model/recommend.h"
#include "model/toy.h"

namespace mrec {
namespace {

// Three users, five artists; user 1 has nothing held out.
const SparseMatrix kTrain = sparse(Matrix{{1, 0, 0, 0, 0}, {0, 1, 0, 0, 0}, {0, 0, 0, 0, 1}});
const SparseMatrix kTest = sparse(Matrix{{0, 1, 0, 0, 0}, {0, 0, 0, 0, 0}, {1, 0, 0, 1, 0}});

// Higher indices score higher.
void by_index(int /*user*/, std::span<float> scores) {
  for (std::size_t a = 0; a < scores.size(); ++a) scores[a] = static_cast<float>(a);
}

TEST(Evaluate, KnownArtistsAreLeftOutAndUsersWithoutHeldOutSkipped) {
  const EvalTask task{.held_out = kTest, .known = {&kTrain}, .ks = {2}};
  const Report report = summarize("x", task, evaluate_users(task, by_index));
  EXPECT_EQ(report.num_users, 2);
  // User 0: list 4 3, held out 1: no hit. User 2: list 3 2 (4 is known), held out 0 and 3: one hit.
  EXPECT_DOUBLE_EQ(report.at("precision", 2).mean, (0 + 0.5) / 2);
  EXPECT_DOUBLE_EQ(report.at("ndcg", 2).mean, 1 / (1 + 1 / std::log2(3.0)) / 2);
  EXPECT_DOUBLE_EQ(report.at("coverage", 2).mean, 3.0 / 5);
  // AUC: user 0: 1 against 2 3 4: 0 of 3. User 2: 0 and 3 against 1 2: 0 + 2 of 4.
  EXPECT_DOUBLE_EQ(report.at("auc", 0).mean, (0 + 0.5) / 2);
}

TEST(Evaluate, WithoutExclusionTheKnownComeBack) {
  const EvalTask task{.held_out = kTest, .ks = {1}};
  const Report report = summarize("x", task, evaluate_users(task, by_index));
  EXPECT_DOUBLE_EQ(report.at("hit_rate", 1).mean, 0);  // artist 4 for everybody
  EXPECT_DOUBLE_EQ(report.at("coverage", 1).mean, 1.0 / 5);
}

TEST(Evaluate, TheStandardErrorIsThatOfTheMeanOverUsers) {
  const EvalTask task{.held_out = kTest, .known = {&kTrain}, .ks = {2}};
  const Report report = summarize("x", task, evaluate_users(task, by_index));
  // Values 0 and 0.5: variance 0.125, two users.
  EXPECT_DOUBLE_EQ(report.at("precision", 2).standard_error, std::sqrt(0.125 / 2));
}

TEST(Evaluate, SeveralLengthsAreEvaluatedAtOnce) {
  const EvalTask task{.held_out = kTest, .known = {&kTrain}, .ks = {1, 4}};
  const Report report = summarize("x", task, evaluate_users(task, by_index));
  EXPECT_DOUBLE_EQ(report.at("hit_rate", 1).mean, 0.5);
  EXPECT_DOUBLE_EQ(report.at("recall", 4).mean, 1);
  EXPECT_THROW(static_cast<void>(report.at("recall", 3)), Error);
}

TEST(Evaluate, SumNdcgAgreesWithTheReport) {
  const EvalTask task{.held_out = kTest, .known = {&kTrain}, .ks = {3}};
  const MeanNdcg quick = sum_ndcg(task, by_index);
  const Report report = summarize("x", task, evaluate_users(task, by_index));
  EXPECT_DOUBLE_EQ(quick.sum / quick.users, report.at("ndcg", 3).mean);
}

// A random task with scores that tie: 40 users, 700 artists (more than a tile), dim 3.
struct RandomTask {
  RandomTask() : train(40, 700), test(40, 700), factors(700, 3), users(40, 3), bias(700) {
    Rng rng(4);
    const auto small = [&] { return static_cast<float>(rng.below(5)) - 2; };
    for (float& value : factors.reshaped()) value = small();
    for (float& value : users.reshaped()) value = small();
    for (float& value : bias) value = small();
    for (int u = 0; u < 40; ++u) {
      for (int a = 0; a < 700; ++a) {
        const double draw = rng.uniform();
        if (draw < 0.02) train.insert(u, a) = 1;
        if (draw > 0.99 && u % 7 != 0) test.insert(u, a) = 1;
      }
    }
    train.makeCompressed();
    test.makeCompressed();
  }

  [[nodiscard]] Vector scores(int user) const {
    return factors * users.row(user).transpose() + bias;  // whole numbers: no rounding
  }

  SparseMatrix train, test;
  Matrix factors, users;
  Vector bias;
};

// A full sort, and the definitions.
TEST(Evaluate, FactorsAndRowsEqualBruteForce) {
  const RandomTask random;
  const EvalTask task{.held_out = random.test, .known = {&random.train}, .ks = {5, 20}};
  const ArtistScorer artists(random.factors, random.bias);
  const UserValues by_factors = evaluate_users(task, FactorScores{artists, random.users});
  const UserValues by_rows = evaluate_users(task, ScoreUser([&](int user, std::span<float> scores) {
                                              Eigen::Map<Vector>(scores.data(), 700) =
                                                  random.scores(user);
                                            }));
  EXPECT_EQ(by_factors.values, by_rows.values);
  EXPECT_EQ(by_factors.lists, by_rows.lists);
  EXPECT_EQ(by_factors.users, by_rows.users);

  const std::vector<Column> titles = columns(task);
  ASSERT_GT(by_factors.users.size(), 20U);
  for (std::size_t at = 0; at < by_factors.users.size(); ++at) {
    const int user = by_factors.users[at];
    const Vector scores = random.scores(user);
    std::vector<int> order;
    std::vector<int> relevant;
    std::vector<int> known;
    for (int a = 0; a < 700; ++a) {
      if (random.train.coeff(user, a) > 0) {
        known.push_back(a);
      } else {
        order.push_back(a);
      }
      if (random.test.coeff(user, a) > 0) relevant.push_back(a);
    }
    std::ranges::stable_sort(order, std::greater{}, [&](int a) { return scores(a); });
    const std::vector<int> list(
        by_factors.lists.begin() + static_cast<std::ptrdiff_t>(at) * 20,
        by_factors.lists.begin() + static_cast<std::ptrdiff_t>(at + 1) * 20);
    EXPECT_EQ(list, std::vector<int>(order.begin(), order.begin() + 20));
    for (std::size_t column = 0; column < titles.size(); ++column) {
      const double value = by_factors.values[at * titles.size() + column];
      if (titles[column].metric == "auc") {
        EXPECT_DOUBLE_EQ(value, auc(std::span(scores.data(), 700), relevant, known));
      } else {
        Ranking ranking{.num_relevant = static_cast<int>(relevant.size()), .k = titles[column].k};
        for (int position = 0; position < ranking.k; ++position) {
          ranking.hits.push_back(
              std::ranges::binary_search(relevant, order[static_cast<std::size_t>(position)]));
        }
        for (const RankingMetric& metric : ranking_metrics()) {
          if (metric.name == titles[column].metric) {
            EXPECT_DOUBLE_EQ(value, metric.value(ranking));
          }
        }
      }
    }
  }
}

TEST(Evaluate, DrawingAllOthersIsTheFullRanking) {
  const RandomTask random;
  const ArtistScorer artists(random.factors, random.bias);
  EvalTask task{.held_out = random.test, .known = {&random.train}, .ks = {10}};
  const UserValues all = evaluate_users(task, FactorScores{artists, random.users});
  task.num_sampled = 10'000;
  const UserValues drawn = evaluate_users(task, FactorScores{artists, random.users});
  EXPECT_EQ(all.values, drawn.values);
  EXPECT_EQ(all.lists, drawn.lists);
}

TEST(Evaluate, DrawnOthersAreNeitherKnownNorHeldOutAndTheSameForEveryScorer) {
  const RandomTask random;
  EvalTask task{.held_out = random.test, .known = {&random.train}, .ks = {700}};
  task.num_sampled = 15;
  const auto lists_by = [&](float sign) {
    UserValues values = evaluate_users(task, ScoreUser([&](int user, std::span<float> scores) {
                                         Eigen::Map<Vector>(scores.data(), 700) =
                                             sign * random.scores(user);
                                       }));
    std::vector<std::vector<int>> lists;
    for (std::size_t at = 0; at < values.users.size(); ++at) {
      std::vector<int> list;
      for (std::size_t i = 0; i < 700; ++i) {
        const int artist = values.lists[at * 700 + i];
        if (artist < 0) break;
        list.push_back(artist);
        EXPECT_EQ(random.train.coeff(values.users[at], artist), 0);
      }
      std::ranges::sort(list);
      EXPECT_EQ(std::ranges::adjacent_find(list), list.end()) << "drawn without return";
      EXPECT_EQ(std::ssize(list), 15 + random.test.row(values.users[at]).nonZeros());
      lists.push_back(list);
    }
    return lists;
  };
  EXPECT_EQ(lists_by(1), lists_by(-1));
  task.seed = 2;
  const auto other_seed = lists_by(1);
  task.seed = 1;
  EXPECT_NE(lists_by(1), other_seed);
}

TEST(Evaluate, ShardsGiveWhatTheWholeGives) {
  const RandomTask random;
  const ArtistScorer artists(random.factors, random.bias);
  for (const int num_sampled : {0, 30}) {
    EvalTask task{.held_out = random.test, .known = {&random.train}, .num_sampled = num_sampled};
    const UserValues whole = evaluate_users(task, FactorScores{artists, random.users});
    UserValues pieces;
    for (const auto& [begin, end] : {std::pair{0, 13}, {13, 14}, {14, 40}}) {
      const SparseMatrix held_out = random.test.middleRows(begin, end - begin);
      const SparseMatrix known = random.train.middleRows(begin, end - begin);
      const Matrix users = random.users.middleRows(begin, end - begin);
      const UserValues piece = evaluate_users({.held_out = held_out,
                                               .known = {&known},
                                               .first_user = begin,
                                               .num_sampled = num_sampled},
                                              FactorScores{artists, users});
      pieces.users.insert(pieces.users.end(), piece.users.begin(), piece.users.end());
      pieces.values.insert(pieces.values.end(), piece.values.begin(), piece.values.end());
      pieces.lists.insert(pieces.lists.end(), piece.lists.begin(), piece.lists.end());
    }
    EXPECT_EQ(pieces.users, whole.users);
    EXPECT_EQ(pieces.values, whole.values);
    EXPECT_EQ(pieces.lists, whole.lists);
  }
}

}  // namespace
}  // namespace mrec
