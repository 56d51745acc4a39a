#include "tune/importance.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <numeric>

#include "tune/sampler.h"

namespace mrec {
namespace {

std::vector<Trial> random_trials(const Space& space, int num_trials,
                                 const std::function<double(const Configuration&)>& value) {
  const SamplerParams params{.sampler = "random"};
  std::vector<Trial> trials;
  for (int n = 0; n < num_trials; ++n) {
    const auto x = suggest({.params = params, .space = space, .trials = {}, .number = n});
    trials.push_back(
        {.number = n, .state = TrialState::kComplete, .configuration = *x, .value = value(*x)});
  }
  return trials;
}

TEST(Importance, IsThatOfTheParameterThatDecides) {
  const Space space = parse_space(R"(
a = "float:0.001:1:log"
b = "int:0:10"
c = ["x", "y", "z"]
d = ["only"]
)",
                                  "test");
  for (const bool maximize : {true, false}) {
    const double sign = maximize ? -1 : 1;
    const auto by_a = importances(space, maximize, random_trials(space, 500, [&](const auto& x) {
                                    return sign * std::pow(std::log10(x[0]) + 1, 2);
                                  }));
    EXPECT_GT(by_a[0], 0.9);
    EXPECT_NEAR(std::accumulate(by_a.begin(), by_a.end(), 0.0), 1, 1e-12);
    const auto by_both = importances(space, maximize, random_trials(space, 500, [&](const auto& x) {
                                       return sign * (std::abs(x[1] - 3) / 3 + (x[2] == 1 ? 0 : 1));
                                     }));
    EXPECT_GT(by_both[1], 0.2);
    EXPECT_GT(by_both[2], 0.2);
    EXPECT_LT(by_both[0], 0.1);
    EXPECT_EQ(by_both[3], 0);
  }
}

TEST(Importance, WorksOutByHand) {
  // 20 trials, 10 with each choice; the best 2 have the choice 1.
  const Space space = parse_space("c = [\"x\", \"y\"]\nb = [\"p\", \"q\"]", "test");
  std::vector<Trial> trials;
  for (int n = 0; n < 20; ++n) {
    trials.push_back({.number = n,
                      .state = TrialState::kComplete,
                      .configuration = {n % 2 * 1.0, n / 2 % 2 * 1.0},
                      .value = n == 1 || n == 3 ? 1.0 : 0.0});
  }
  // c: best (0.5, 2.5) / 3 against 1/2: 2 * (1/2) * (2/3)^2 = 4/9. b: 1 and 1 of 2: 0.
  const auto found = importances(space, true, trials);
  EXPECT_NEAR(found[0], 1, 1e-9);
  EXPECT_NEAR(found[1], 0, 1e-9);
}

TEST(Importance, CountsConditionalParametersByTheirShare) {
  const Space space = parse_space(R"(
c = ["x", "y"]
k = { type = "float", low = 0, high = 1, when = { c = "x" } }
)",
                                  "test");
  const auto decides =
      importances(space, false,
                  random_trials(space, 400, [](const auto& x) { return x[0] == 0 ? x[1] : 0.9; }));
  EXPECT_GT(decides[1], decides[0]);
  // Where the best trials do not have it, it decides nothing.
  const auto idle = importances(space, false, random_trials(space, 400, [](const auto& x) {
                                  return x[0] == 0 ? 1 + x[1] : 0.5;
                                }));
  EXPECT_EQ(idle[1], 0);
  EXPECT_EQ(idle[0], 1);
}

TEST(Importance, IsZeroWhenTooLittleIsKnown) {
  const Space space = parse_space("a = \"float:0:1\"", "test");
  EXPECT_EQ(importances(space, true, {}), std::vector<double>{0});
}

}  // namespace
}  // namespace mrec
