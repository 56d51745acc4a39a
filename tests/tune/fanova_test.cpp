#include "tune/fanova.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "tune/sampler.h"

namespace mrec {
namespace {

Space space_of(const char* toml) { return parse_space(toml, "a test"); }

Forest forest_of(const Space& space, int num_trials,
                 const std::function<double(const Configuration&)>& value) {
  const SamplerParams params{.sampler = "random"};
  std::vector<Trial> trials;
  for (int n = 0; n < num_trials; ++n) {
    const auto x = suggest({.params = params, .space = space, .trials = {}, .number = n});
    trials.push_back(
        {.number = n, .state = TrialState::kComplete, .configuration = *x, .value = value(*x)});
  }
  return {space, trials};
}

// x uniform in [0, 1] has the variance 1/12, a coin of 0 and 1 has 1/4, the log of a parameter that
// is drawn so, over an interval of ln 100, (ln 100)^2 / 12.
TEST(Fanova, FindsTheVarianceThatEachParameterHasByItself) {
  const Space space = space_of(
      "x = \"float:0:1\"\ny = \"float:0.01:1:log\"\ncoin = [\"a\", \"b\"]\nidle = \"float:0:1\"\n");
  const double width = std::log(100);
  const auto shares = forest_of(space, 600, [&](const auto& v) {
                        return v[0] + 2 * std::log(v[1]) / width + v[2] / std::sqrt(3);
                      }).shares();
  // Variances 1/12, 4/12 and 1/12.
  EXPECT_NEAR(shares[0], 1.0 / 6, 0.04);
  EXPECT_NEAR(shares[1], 4.0 / 6, 0.05);
  EXPECT_NEAR(shares[2], 1.0 / 6, 0.04);
  EXPECT_LT(shares[3], 0.02);
}

// (x - 1/2) (y - 1/2) has the mean 0 along either, so all of its variance is of both together.
TEST(Fanova, WhatTwoDoTogetherBelongsToNeither) {
  const Space space = space_of("x = \"float:0:1\"\ny = \"float:0:1\"\n");
  const Forest forest =
      forest_of(space, 600, [](const auto& v) { return (v[0] - 0.5) * (v[1] - 0.5); });
  const auto shares = forest.shares();
  EXPECT_LT(shares[0], 0.1);
  EXPECT_LT(shares[1], 0.1);
  EXPECT_NEAR(forest.marginal(0, 0.9, 1, 0.9), 0.16, 0.03);
  EXPECT_NEAR(forest.marginal(0, 0.9, 1, 0.1), -0.16, 0.03);
}

TEST(Fanova, MeansOverWhatIsNotAskedFor) {
  const Space space = space_of("n = \"int:1:4\"\nc = [\"a\", \"b\", \"c\"]\nz = \"float:0:1\"\n");
  const Forest forest =
      forest_of(space, 500, [](const auto& v) { return v[0] + 10 * v[1] + 4 * v[2]; });
  for (const double n : {1.0, 4.0}) {
    for (const double c : {0.0, 2.0}) {
      const double place = unit_place(space.params()[0].distribution, n);
      EXPECT_NEAR(forest.marginal(0, place, 1, c), n + 10 * c + 2, 0.4);
    }
  }
}

TEST(Fanova, TellsNothingOfTooLittle) {
  const Space space = space_of("x = \"float:0:1\"\n");
  EXPECT_TRUE(forest_of(space, 3, [](const auto& v) { return v[0]; }).empty());
  const Forest equal = forest_of(space, 20, [](const auto&) { return 1.0; });
  EXPECT_TRUE(equal.empty());
  EXPECT_EQ(equal.shares(), std::vector<double>{0});
}

}  // namespace
}  // namespace mrec
