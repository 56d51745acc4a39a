#include "tune/cost.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "base/text.h"
#include "tune/sampler.h"

namespace mrec {
namespace {

const Space& space() {
  static const Space made = parse_space(
      "dim = \"int:8:128:log\"\nloss = [\"warp\", \"bpr\"]\nshare = \"float:0:1\"\n", "a test");
  return made;
}

// 0.01 s for each epoch and dimension, 1.5 times as much with bpr, and noise of 10 %.
double seconds(const Configuration& x, int epochs) {
  return 0.01 * epochs * x[0] * (x[1] == 1 ? 1.5 : 1);
}

std::vector<Trial> trials(std::int64_t count) {
  const SamplerParams params{.sampler = "random"};
  std::vector<Trial> made;
  for (std::int64_t number = 0; number < count; ++number) {
    Rng rng(7, static_cast<std::uint64_t>(number), 0);
    Trial trial{.number = number, .state = TrialState::kComplete};
    trial.configuration =
        *suggest({.params = params, .space = space(), .trials = made, .number = number});
    const int epochs = number % 2 == 0 ? 5 : 20;
    trial.intermediate[epochs] = 0.1;
    trial.attributes["seconds"] =
        shortest(seconds(trial.configuration, epochs) * std::exp(0.2 * (rng.uniform() - 0.5)));
    made.push_back(trial);
  }
  return made;
}

TEST(CostModel, LearnsWhatCostsTime) {
  const CostModel model(space(), trials(60));
  for (const Configuration& x : {Configuration{16, 0, 0.5}, Configuration{100, 1, 0.1}}) {
    EXPECT_NEAR(*model.seconds(x, 10) / seconds(x, 10), 1, 0.1);
    EXPECT_GT(*model.seconds(x, 10, 2), *model.seconds(x, 10) * std::exp(1.9 * model.sigma()));
  }
  EXPECT_GT(model.sigma(), 0.05);
  EXPECT_LT(model.sigma(), 0.15);
  const std::vector<std::size_t> dim{0};
  EXPECT_NEAR(model.ln_share(dim, std::vector{64.0}) - model.ln_share(dim, std::vector{8.0}),
              std::log(8), 0.1);
}

TEST(CostModel, TellsNothingWithoutTrialsAndIsCarefulWithFew) {
  EXPECT_FALSE(CostModel(space(), {}).seconds({16, 0, 0.5}, 10).has_value());
  const CostModel one(space(), trials(1));
  EXPECT_EQ(one.num_trials(), 1U);
  EXPECT_GT(one.sigma(), 0.2);
  const Trial known = trials(1)[0];
  EXPECT_NEAR(*one.seconds(known.configuration, 10) / std::stod(known.attributes.at("seconds")), 2,
              1e-4)
      << "twice the epochs take twice the time";
}

TEST(CostModel, AsAPartOfTheScorePrefersTheCheap) {
  SamplerParams params;
  std::vector<Trial> known = trials(60);
  for (Trial& trial : known) trial.value = trial.configuration[2];  // dim does not matter
  const CostModel cost(space(), known);
  double with = 0;
  double without = 0;
  for (std::int64_t number = 60; number < 90; ++number) {
    SamplerInput input{.params = params, .space = space(), .trials = known, .number = number};
    without += std::log((*suggest(input))[0]);
    input.cost = &cost;
    input.cost_weight = 1;
    with += std::log((*suggest(input))[0]);
  }
  EXPECT_LT(with / 30, without / 30 - 0.3);
}

}  // namespace
}  // namespace mrec
