#include "tune/pruner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace mrec {
namespace {

using testing::ElementsAre;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

Trial trial(std::int64_t number, TrialState state, std::map<int, double> intermediate) {
  const double value = intermediate.empty() ? kNone : intermediate.rbegin()->second;
  return {.number = number,
          .state = state,
          .configuration = {},
          .value = value,
          .intermediate = std::move(intermediate)};
}

Trial complete(std::int64_t number, std::map<int, double> intermediate) {
  return trial(number, TrialState::kComplete, std::move(intermediate));
}

Trial running(std::int64_t number, std::map<int, double> intermediate) {
  return trial(number, TrialState::kRunning, std::move(intermediate));
}

TEST(MedianPruner, PrunesWhatIsWorseThanTheMedianAtTheStep) {
  const PrunerParams params{.pruner = "median", .num_startup = 3};
  std::vector<Trial> trials{complete(0, {{5, 0.1}, {10, 0.2}}), complete(1, {{5, 0.2}, {10, 0.3}}),
                            complete(2, {{5, 0.3}, {10, 0.4}})};
  EXPECT_TRUE(should_prune(params, true, trials, running(3, {{5, 0.15}})));
  EXPECT_FALSE(should_prune(params, true, trials, running(3, {{5, 0.2}})));
  EXPECT_TRUE(should_prune(params, false, trials, running(3, {{5, 0.25}})));
  EXPECT_FALSE(should_prune(params, false, trials, running(3, {{5, 0.2}})));
  // Its best value counts, and NaN prunes.
  EXPECT_FALSE(should_prune(params, true, trials, running(3, {{5, 0.35}, {10, 0.1}})));
  EXPECT_TRUE(should_prune(params, true, trials, running(3, {{5, kNone}})));
  // Nobody has been there.
  EXPECT_FALSE(should_prune(params, true, trials, running(3, {{7, 0}})));
  // Those that run or were pruned are no yardstick.
  trials[2].state = TrialState::kPruned;
  EXPECT_FALSE(should_prune(params, true, trials, running(3, {{5, 0}})));
}

TEST(MedianPruner, LooksOncePerIntervalAfterTheWarmup) {
  const PrunerParams params{.pruner = "median", .num_startup = 1, .warmup = 4, .interval = 10};
  const std::vector<Trial> trials{complete(0, {{3, 1}, {5, 1}, {6, 1}, {14, 1}})};
  EXPECT_FALSE(should_prune(params, true, trials, running(1, {{3, 0}})));
  EXPECT_TRUE(should_prune(params, true, trials, running(1, {{3, 0}, {5, 0}})));
  EXPECT_FALSE(should_prune(params, true, trials, running(1, {{3, 0}, {5, 0}, {6, 0}})));
  EXPECT_TRUE(should_prune(params, true, trials, running(1, {{5, 0}, {6, 0}, {14, 0}})));
}

TEST(Asha, HasGeometricRungs) {
  const PrunerParams params{.min_resource = 5, .eta = 3};
  EXPECT_THAT(rungs(params, 45), ElementsAre(5, 15, 45));
  EXPECT_THAT(rungs(params, 50), ElementsAre(5, 15, 45, 50));
  EXPECT_THAT(rungs(params, 4), ElementsAre(4));
}

TEST(AshaStop, LetsTheBestThirdOfARungGoOn) {
  const PrunerParams params{.pruner = "asha-stop", .min_resource = 5, .eta = 3};
  // The first goes on, whatever it is.
  EXPECT_FALSE(should_prune(params, true, {}, running(0, {{5, 0.1}})));
  std::vector<Trial> trials{running(0, {{5, 0.1}})};
  EXPECT_TRUE(should_prune(params, true, trials, running(1, {{5, 0.05}})));
  EXPECT_FALSE(should_prune(params, true, trials, running(1, {{5, 0.2}})));
  EXPECT_FALSE(should_prune(params, false, trials, running(1, {{5, 0.05}})));
  // With 6 in the rung, 2 go on, whatever the state of the others.
  trials = {
      complete(0, {{5, 0.1}}), running(1, {{5, 0.2}}), trial(2, TrialState::kPruned, {{5, 0.3}}),
      running(3, {{6, 0.4}}),  running(4, {{4, 0.9}}), complete(5, {{5, 0.5}})};
  EXPECT_FALSE(should_prune(params, true, trials, running(6, {{5, 0.45}})));
  EXPECT_TRUE(should_prune(params, true, trials, running(6, {{5, 0.35}})));
  // Between rungs nothing is judged.
  EXPECT_FALSE(should_prune(params, true, trials, running(6, {{5, 0.35}, {10, 0.0}})));
  EXPECT_TRUE(should_prune(params, true, trials, running(6, {{5, kNone}})));
}

TEST(Asha, PromotesTheBestThirdOfARung) {
  const PrunerParams params{.pruner = "asha", .min_resource = 5, .eta = 3};
  const auto paused = [](std::int64_t number, std::map<int, double> intermediate) {
    Trial one = running(number, std::move(intermediate));
    one.paused_at = one.intermediate.rbegin()->first;
    return one;
  };
  std::vector<Trial> trials{paused(0, {{5, 0.1}}), paused(1, {{5, 0.2}})};
  EXPECT_FALSE(next_promotion(params, true, trials, 45));
  trials.push_back(trial(2, TrialState::kFail, {{5, 0.05}}));
  const auto first = next_promotion(params, true, trials, 45);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->number, 1);
  EXPECT_EQ(first->from_step, 5);
  EXPECT_EQ(first->to_step, 15);
  // While it runs on, and when it has paused higher up, it is not promoted from there again.
  trials[1].paused_at = 0;
  EXPECT_FALSE(next_promotion(params, true, trials, 45));
  trials[1] = paused(1, {{5, 0.2}, {15, 0.3}});
  EXPECT_FALSE(next_promotion(params, true, trials, 45));
  // The higher rung comes first.
  for (std::int64_t n = 3; n < 9; ++n) {
    trials.push_back(paused(n, {{5, 0.15}}));
  }
  trials[3] = paused(3, {{5, 0.25}, {15, 0.4}});
  trials[4] = paused(4, {{5, 0.25}, {15, 0.35}});
  const auto second = next_promotion(params, true, trials, 45);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->number, 3);
  EXPECT_EQ(second->to_step, 45);
  EXPECT_EQ(next_promotion(params, false, trials, 45)->from_step, 15);
}

TEST(Wilcoxon, HasTheProbabilitiesOfTheLiterature) {
  // By scipy 1.10: wilcoxon(d, alternative="greater", zero_method="zsplit").
  const auto p = [](std::vector<double> differences) { return signed_rank_p(differences); };
  EXPECT_NEAR(p({1, 2, 3}), 0.125, 1e-12);
  EXPECT_NEAR(p({1.5, -0.5, 2, 3, -1, 0.7}), 0.109375, 1e-12);
  EXPECT_NEAR(p({0.3, 0.2, -0.1, 0.4, 0.5, 0.6, 0.7, -0.8}), 0.125, 1e-12);
  EXPECT_NEAR(p({1, 1, -1, 2, 2, 3, 0, -2, 4, 0.5}), 0.05056398530630862, 1e-12);
  EXPECT_EQ(p({0, 0}), 0.5);
}

TEST(Wilcoxon, PrunesWhatIsWorseBlockByBlock) {
  const PrunerParams params{.pruner = "wilcoxon"};
  const std::vector<Trial> trials{complete(0, {{0, 0.1}, {1, 0.5}, {2, 0.3}, {3, 0.2}}),
                                  complete(1, {{0, 0.0}, {1, 0.0}, {2, 0.0}, {3, 0.0}})};
  // The best is trial 0, whose value is its last one here.
  EXPECT_FALSE(should_prune(params, true, trials, running(2, {{0, 0.0}})));
  EXPECT_FALSE(should_prune(params, true, trials, running(2, {{0, 0.05}, {1, 0.4}, {2, 0.1}})));
  EXPECT_TRUE(
      should_prune(params, true, trials, running(2, {{0, 0.05}, {1, 0.4}, {2, 0.1}, {3, 0.05}})));
  EXPECT_FALSE(should_prune(params, false, trials,
                            running(2, {{0, -0.05}, {1, -0.4}, {2, -0.1}, {3, -0.05}})));
  EXPECT_FALSE(
      should_prune(params, true, trials, running(2, {{0, 0.15}, {1, 0.6}, {2, 0.4}, {3, 0.25}})));
}

}  // namespace
}  // namespace mrec
