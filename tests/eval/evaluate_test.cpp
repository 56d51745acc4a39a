#include "eval/evaluate.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
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
  const Report report = summarize("x", evaluate_users(task, by_index), task.ks);
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
  const Report report = summarize("x", evaluate_users(task, by_index), task.ks);
  EXPECT_DOUBLE_EQ(report.at("hit_rate", 1).mean, 0);  // artist 4 for everybody
  EXPECT_DOUBLE_EQ(report.at("coverage", 1).mean, 1.0 / 5);
}

TEST(Evaluate, TheStandardErrorIsThatOfTheMeanOverUsers) {
  const EvalTask task{.held_out = kTest, .known = {&kTrain}, .ks = {2}};
  const Report report = summarize("x", evaluate_users(task, by_index), task.ks);
  // Values 0 and 0.5: variance 0.125, two users.
  EXPECT_DOUBLE_EQ(report.at("precision", 2).standard_error, std::sqrt(0.125 / 2));
}

TEST(Evaluate, SeveralLengthsAreEvaluatedAtOnce) {
  const EvalTask task{.held_out = kTest, .known = {&kTrain}, .ks = {1, 4}};
  const Report report = summarize("x", evaluate_users(task, by_index), task.ks);
  EXPECT_DOUBLE_EQ(report.at("hit_rate", 1).mean, 0.5);
  EXPECT_DOUBLE_EQ(report.at("recall", 4).mean, 1);
  EXPECT_THROW(static_cast<void>(report.at("recall", 3)), Error);
}

TEST(Evaluate, SumNdcgAgreesWithTheReport) {
  const EvalTask task{.held_out = kTest, .known = {&kTrain}, .ks = {3}};
  const MeanNdcg quick = sum_ndcg(task, by_index);
  const Report report = summarize("x", evaluate_users(task, by_index), task.ks);
  EXPECT_DOUBLE_EQ(quick.sum / quick.users, report.at("ndcg", 3).mean);
}

}  // namespace
}  // namespace mrec
