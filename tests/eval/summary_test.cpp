#include "eval/summary.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "model/toy.h"

namespace mrec {
namespace {

constexpr int kUsers = 200;
const SparseMatrix kHeldOut = sparse(Matrix::Ones(kUsers, 3));

EvalTask small_task() { return {.held_out = kHeldOut, .ks = {2}}; }

// A contender whose every metric of user u is value(u).
template <typename Value>
Contender contender(const std::string& name, Value value) {
  Contender result{.name = name, .values = {}};
  const std::size_t num_columns = columns(small_task()).size();
  for (int u = 0; u < kUsers; ++u) {
    result.values.users.push_back(u);
    result.values.values.resize(static_cast<std::size_t>(u + 1) * num_columns, value(u));
    result.values.lists.insert(result.values.lists.end(), {0, 1});
  }
  return result;
}

double noise(std::uint64_t what, int user) {
  Rng rng(1, what, static_cast<std::uint64_t>(user));
  return rng.uniform();
}

TEST(Summary, TheIntervalIsAboutTwoStandardErrorsAround) {
  const Contender one = contender("x", [](int u) { return noise(1, u); });
  const Report report = summarize("x", small_task(), one.values);
  const Summary& ndcg = report.at("ndcg", 2);
  EXPECT_NEAR(ndcg.low, ndcg.mean - 1.96 * ndcg.standard_error, 0.25 * ndcg.standard_error);
  EXPECT_NEAR(ndcg.high, ndcg.mean + 1.96 * ndcg.standard_error, 0.25 * ndcg.standard_error);
  EXPECT_EQ(ndcg.num_users, kUsers);
  EXPECT_DOUBLE_EQ(report.at("coverage", 2).mean, 2.0 / 3);
  EXPECT_NEAR(report.at("gini", 2).mean, 1.0 / 3, 1e-12);  // 200, 200, 0
}

TEST(Summary, UsersForWhomAMetricIsUndefinedAreLeftOut) {
  const Contender one = contender("x", [](int u) {
    return u < 50 ? std::nan("") : u < 100 ? 1 : 0;
  });
  const Summary ndcg = summarize("x", small_task(), one.values).at("ndcg", 2);
  EXPECT_EQ(ndcg.num_users, 150);
  EXPECT_DOUBLE_EQ(ndcg.mean, 50.0 / 150);
}

TEST(Comparison, FindsASmallSteadyDifferenceAndNoneInNoise) {
  // b is a little worse than a for nearly all users, though users differ much more; c is as good as
  // a.
  const std::vector contenders{
      contender("a", [](int u) { return noise(1, u); }),
      contender("b", [](int u) { return noise(1, u) - 0.02 + 0.01 * noise(2, u); }),
      contender("c", [](int u) { return noise(1, u) + 0.1 * (noise(3, u) - 0.5); })};
  const std::vector<Comparison> comparisons = compare(contenders, 1, small_task());
  const auto find = [&](const std::string& second) {
    for (const Comparison& one : comparisons) {
      if (one.metric == "ndcg@2" && one.second == second) return one;
    }
    return Comparison{};
  };
  const Comparison worse = find("b");
  EXPECT_NEAR(worse.difference, 0.015, 0.001);
  EXPECT_LT(worse.low, worse.difference);
  EXPECT_GT(worse.low, 0.01);
  EXPECT_LT(worse.p_value, 0.001);
  const Comparison same = find("c");
  EXPECT_GT(same.p_value, 0.05);
  EXPECT_LT(same.low, 0);
  EXPECT_GT(same.high, 0);
  EXPECT_EQ(comparisons.size(), 2U) << "with what is no model by NDCG only";
  for (const Comparison& one : comparisons) EXPECT_GE(one.adjusted_p, one.p_value);
}

TEST(Comparison, IsExactForFewUsers) {
  // Three differences of one sign: of the 8 signs 2 are as far from 0.
  EvalTask task = small_task();
  const SparseMatrix three = sparse(Matrix::Ones(3, 3));
  const EvalTask few{.held_out = three, .ks = {2}};
  const std::size_t num_columns = columns(few).size();
  const auto of = [&](double value) {
    return UserValues{.users = {0, 1, 2},
                      .values = std::vector<double>(3 * num_columns, value),
                      .lists = {0, 1, 0, 1, 0, 1}};
  };
  const std::vector<Contender> contenders{{"a", of(0.5)}, {"b", of(0.25)}};
  EXPECT_NEAR(compare(contenders, 1, few).front().p_value, 0.25, 0.02);
  const std::vector<Contender> twins{{"a", of(0.5)}, {"b", of(0.5)}};
  EXPECT_EQ(compare(twins, 1, few).front().p_value, 1);
}

TEST(Comparison, IsAdjustedAsHolmHasIt) {
  // All 7 accuracy metrics are the same here, so that p p ... p become 7 p for all.
  const std::vector contenders{contender("a", [](int u) { return noise(1, u); }),
                               contender("b", [](int u) { return noise(2, u); })};
  const std::vector<Comparison> comparisons = compare(contenders, 2, small_task());
  ASSERT_EQ(comparisons.size(), 7U);
  for (const Comparison& one : comparisons) {
    EXPECT_DOUBLE_EQ(one.adjusted_p, std::min(1.0, 7 * comparisons[0].p_value));
  }
}

}  // namespace
}  // namespace mrec
