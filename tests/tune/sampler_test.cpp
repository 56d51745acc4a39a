#include "tune/sampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "base/error.h"
#include "tune/quasi_random.h"
#include "tune/tpe.h"

namespace mrec {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

Space conditional() {
  return parse_space(R"(
dim = "int:16:128:16"
loss = ["warp", "bpr", "warp-kos"]
rate = "float:0.01:1:log"
sampled = { type = "int", low = 5, high = 100, log = true, when = { loss = ["warp", "warp-kos"] } }
kos_k = { type = "int", low = 1, high = 10, when = { loss = "warp-kos" } }
)",
                     "test");
}

Space small() { return parse_space("a = \"int:0:3\"\nb = [\"x\", \"y\", \"z\"]", "test"); }

Trial complete(std::int64_t number, Configuration configuration, double value) {
  return {.number = number,
          .state = TrialState::kComplete,
          .configuration = std::move(configuration),
          .value = value};
}

// A study by one worker.
std::vector<Trial> study(const SamplerParams& params, const Space& space, int num_trials,
                         const std::function<double(const Configuration&)>& value) {
  std::vector<Trial> trials;
  for (int n = 0; n < num_trials; ++n) {
    const auto configuration = suggest(
        {.params = params, .space = space, .trials = trials, .maximize = false, .number = n});
    if (!configuration) break;
    trials.push_back(complete(n, *configuration, value(*configuration)));
  }
  return trials;
}

class EverySampler : public testing::TestWithParam<std::string> {};

TEST_P(EverySampler, SuggestsWhatTheSpaceContains) {
  const Space space = conditional();
  SamplerParams params{.sampler = GetParam()};
  std::set<std::string> losses;
  for (const Trial& trial : study(params, space, 60, [](const Configuration& c) { return c[0]; })) {
    EXPECT_NO_THROW(space.check(trial.configuration));
    losses.insert(std::to_string(trial.configuration[1]));
  }
  // Of the grid, bpr has one in a thousand.
  EXPECT_GE(losses.size(), GetParam() == "grid" ? 2 : 3);
}

TEST_P(EverySampler, DependsOnItsArgumentsAlone) {
  const Space space = conditional();
  const auto value = [](const Configuration& c) { return c[2]; };
  const auto one = study({.sampler = GetParam(), .seed = 1}, space, 30, value);
  const auto again = study({.sampler = GetParam(), .seed = 1}, space, 30, value);
  const auto other = study({.sampler = GetParam(), .seed = 2}, space, 30, value);
  int num_equal = 0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_TRUE(same(one[i].configuration, again[i].configuration));
    num_equal += static_cast<int>(same(one[i].configuration, other[i].configuration));
  }
  EXPECT_LT(num_equal, 3);
  std::vector<Trial> shuffled(one.begin(), one.end() - 1);
  std::ranges::reverse(shuffled);
  const SamplerParams params{.sampler = GetParam(), .seed = 1};
  EXPECT_TRUE(same(*suggest({.params = params,
                             .space = space,
                             .trials = shuffled,
                             .maximize = false,
                             .number = one.back().number}),
                   one.back().configuration));
}

TEST_P(EverySampler, TriesEachConfigurationOnceAndSaysWhenNoneIsLeft) {
  const Space space = small();
  const SamplerParams params{.sampler = GetParam()};
  const auto trials = study(params, space, 20, [](const Configuration& c) { return c[0] + c[1]; });
  EXPECT_EQ(trials.size(), 12);
  std::set<std::string> keys;
  for (const Trial& trial : trials) keys.insert(key(space, trial.configuration));
  EXPECT_EQ(keys.size(), 12);
  EXPECT_EQ(suggest({.params = params, .space = space, .trials = trials, .number = 12}),
            std::nullopt);
}

TEST_P(EverySampler, TriesPendingOnesNotAgainButThoseThatWereCutOff) {
  const Space space = small();
  const SamplerParams params{.sampler = GetParam()};
  auto trials = study(params, space, 20, [](const Configuration& c) { return c[0] + c[1]; });
  trials[3].state = TrialState::kRunning;
  EXPECT_EQ(suggest({.params = params, .space = space, .trials = trials, .number = 12}),
            std::nullopt);
  trials[3].state = TrialState::kFail;
  trials[3].failure = Failure::kObjective;
  EXPECT_EQ(suggest({.params = params, .space = space, .trials = trials, .number = 12}),
            std::nullopt);
  trials[3].failure = Failure::kInfrastructure;
  const auto again = suggest({.params = params, .space = space, .trials = trials, .number = 12});
  ASSERT_TRUE(again);
  EXPECT_TRUE(same(*again, trials[3].configuration));
}

TEST_P(EverySampler, ObeysWhatIsFixed) {
  const Space space = conditional();
  const SamplerParams params{.sampler = GetParam()};
  const auto trials = study(params, space, 20, [](const Configuration& c) { return c[2]; });
  const SamplerInput input{
      .params = params, .space = space, .trials = trials, .maximize = false, .number = 20};
  const auto some = suggest(input, {64, 2, kNone, kNone, 7});
  ASSERT_TRUE(some);
  EXPECT_NO_THROW(space.check(*some));
  EXPECT_EQ((*some)[0], 64);
  EXPECT_EQ((*some)[1], 2);
  EXPECT_EQ((*some)[4], 7);
  const auto inactive = suggest(input, {kNone, 1, kNone, 20, 7});
  EXPECT_NO_THROW(space.check(*inactive));
  EXPECT_TRUE(std::isnan((*inactive)[4]));
  EXPECT_TRUE(same(*suggest(input, trials[4].configuration), trials[4].configuration));
  EXPECT_THROW(suggest(input, {65, kNone, kNone, kNone, kNone}), InputError);
}

INSTANTIATE_TEST_SUITE_P(Sampler, EverySampler, testing::ValuesIn(sampler_names()),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

TEST(Sampler, IsRefusedByNameWhenThereIsNone) {
  const SamplerParams params{.sampler = "gp"};
  const Space space = small();
  EXPECT_THROW(suggest({.params = params, .space = space, .trials = {}}), InputError);
}

TEST(Tpe, SplitsByStateAsOptuna) {
  std::vector<Trial> trials;
  for (int n = 0; n < 11; ++n) trials.push_back(complete(n, {0, 0}, n == 4 ? -1 : n));
  const Space space = small();
  SamplerParams params;
  const SamplerInput input{
      .params = params, .space = space, .trials = trials, .maximize = false, .number = 99};
  EXPECT_THAT(split_trials(input, true).below, ElementsAre(0, 4));  // ceil(0.1 * 11)

  // Pruned ones fill up: the last pruned first, then by value; without a report last of all.
  for (Trial& trial : trials) trial.state = TrialState::kPruned;
  trials[2].intermediate = {{5, 0.3}};
  trials[3].intermediate = {{5, 0.9}, {10, 0.8}};
  trials[7].intermediate = {{10, 0.7}};
  EXPECT_THAT(split_trials(input, true).below, ElementsAre(3, 7));
  trials[9] = complete(9, {0, 0}, 1e9);
  EXPECT_THAT(split_trials(input, true).below, ElementsAre(7, 9));
}

TEST(Tpe, TakesPendingAndFailedTrialsForBad) {
  std::vector<Trial> trials;
  for (int n = 0; n < 4; ++n) trials.push_back(complete(n, {0, 0}, n));
  trials[1].state = TrialState::kRunning;
  trials[2].state = TrialState::kFail;
  trials[2].failure = Failure::kObjective;
  trials[3].state = TrialState::kFail;
  trials[3].failure = Failure::kInfrastructure;
  const Space space = small();
  SamplerParams params;
  const SamplerInput input{
      .params = params, .space = space, .trials = trials, .maximize = false, .number = 99};
  EXPECT_THAT(split_trials(input, true).above, ElementsAre(1, 2));
  EXPECT_THAT(split_trials(input, false).above, ElementsAre(1));
  params.constant_liar = false;
  EXPECT_THAT(split_trials(input, false).above, IsEmpty());
}

TEST(Tpe, StartsByALatinHypercube) {
  const Space space = parse_space("x = \"float:0:1\"\nc = [\"a\", \"b\"]", "test");
  const SamplerParams params;
  std::set<int> shares;
  int num_a = 0;
  for (int n = 0; n < 10; ++n) {
    const auto c = suggest({.params = params, .space = space, .trials = {}, .number = n});
    shares.insert(static_cast<int>((*c)[0] * 10));
    num_a += static_cast<int>((*c)[1] == 0);
  }
  EXPECT_EQ(shares.size(), 10);
  EXPECT_EQ(num_a, 5);
}

TEST(QuasiRandom, PutsOnePointIntoEachShareOfEachDimension) {
  for (const std::size_t dimension : {0U, 1U, 5U}) {
    std::set<int> shares;
    for (int n = 0; n < 64; ++n) {
      shares.insert(static_cast<int>(sobol_point(n, 6, 3)[dimension] * 64));
    }
    EXPECT_EQ(shares.size(), 64) << dimension;
  }
  // A (0, m, 2)-net: every 8 x 8 box has one of 64 points in the first two dimensions.
  std::set<int> boxes;
  for (int n = 0; n < 64; ++n) {
    const auto point = sobol_point(n, 2, 9);
    boxes.insert(static_cast<int>(point[0] * 8) * 8 + static_cast<int>(point[1] * 8));
  }
  EXPECT_EQ(boxes.size(), 64);
  EXPECT_NE(sobol_point(3, 2, 1), sobol_point(3, 2, 2));
}

TEST(Grid, HasTheEndsOfIntervals) {
  const Space space = parse_space("x = \"float:0.01:1:log\"\ny = [\"a\", \"b\"]", "test");
  const SamplerParams params{.sampler = "grid", .grid_points = 3};
  const auto trials = study(params, space, 99, [](const Configuration& c) { return c[0]; });
  ASSERT_EQ(trials.size(), 6);
  std::set<int> thousandths;
  for (const Trial& trial : trials) {
    thousandths.insert(static_cast<int>(std::lround(1000 * trial.configuration[0])));
  }
  EXPECT_THAT(thousandths, ElementsAre(10, 100, 1000));
}

}  // namespace
}  // namespace mrec
