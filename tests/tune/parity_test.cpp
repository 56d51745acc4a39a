// TPE against what Optuna 5 reaches on the same functions (parity.json).
//
//   MREC_PARITY_SEEDS=200 tune_parity_test   more seeds, with a table

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tune/objectives.h"
#include "tune/sampler.h"

namespace mrec {
namespace {

using Numbers = std::vector<double>;

struct Best {
  Numbers at50;   // [seeds]
  Numbers at100;  // [seeds]
};

int num_seeds() {
  const char* text = std::getenv("MREC_PARITY_SEEDS");
  return text == nullptr ? 12 : std::atoi(text);
}

Best best(const Objective& objective, const std::string& sampler) {
  Best best;
  for (int seed = 0; seed < num_seeds(); ++seed) {
    const SamplerParams params{
        .sampler = sampler, .seed = seed, .allow_duplicates = sampler == "tpe-optuna"};
    std::vector<Trial> trials;
    double lowest = INFINITY;
    for (int n = 0; n < 100; ++n) {
      const auto configuration = suggest({.params = params,
                                          .space = objective.space,
                                          .trials = trials,
                                          .maximize = false,
                                          .number = n});
      const double value = objective.value(*configuration);
      lowest = std::min(lowest, value);
      trials.push_back({.number = n,
                        .state = TrialState::kComplete,
                        .configuration = *configuration,
                        .value = value});
      if (n == 49) best.at50.push_back(lowest);
    }
    best.at100.push_back(lowest);
  }
  return best;
}

double quantile(Numbers numbers, double q) {
  std::ranges::sort(numbers);
  const double place = q * static_cast<double>(numbers.size() - 1);
  const auto low = static_cast<std::size_t>(place);
  const std::size_t high = std::min(low + 1, numbers.size() - 1);
  return std::lerp(numbers[low], numbers[high], place - std::floor(place));
}

double mean(const Numbers& numbers) {
  double sum = 0;
  for (const double number : numbers) sum += number;
  return sum / static_cast<double>(numbers.size());
}

// How many standard deviations the rank sum of `a` lies above chance (Mann-Whitney): above 0 when
// `a` tends to be larger.
double rank_score(const Numbers& a, const Numbers& b) {
  double wins = 0;
  for (const double x : a) {
    for (const double y : b) wins += x > y ? 1 : x == y ? 0.5 : 0;
  }
  const auto n = static_cast<double>(a.size());
  const auto m = static_cast<double>(b.size());
  return (wins - n * m / 2) / std::sqrt(n * m * (n + m + 1) / 12);
}

nlohmann::json published() { return nlohmann::json::parse(std::ifstream(MREC_PARITY)); }

void print(const char* sampler, const std::string& name, const Numbers& ours,
           const Numbers& theirs) {
  std::printf(
      "%-11s %-11s q1 %-9.4g median %-9.4g (%-9.4g) q3 %-9.4g p90 %-9.4g (%-9.4g) mean "
      "%-9.4g (%-9.4g) z %.2f\n",
      sampler, name.c_str(), quantile(ours, 0.25), quantile(ours, 0.5), quantile(theirs, 0.5),
      quantile(ours, 0.75), quantile(ours, 0.9), quantile(theirs, 0.9), mean(ours), mean(theirs),
      rank_score(ours, theirs));
}

TEST(Parity, TpeOptunaIsNoWorseAndNoBetterThanOptuna) {
  constexpr double kMostDeviations = 3.3;  // p = 0.001
  const auto theirs = published();
  for (const Objective& objective : objectives()) {
    const Best ours = best(objective, "tpe-optuna");
    const auto at50 = theirs[objective.name]["50"].get<Numbers>();
    const auto at100 = theirs[objective.name]["100"].get<Numbers>();
    print("tpe-optuna", objective.name, ours.at100, at100);
    EXPECT_LT(std::abs(rank_score(ours.at50, at50)), kMostDeviations) << objective.name;
    EXPECT_LT(std::abs(rank_score(ours.at100, at100)), kMostDeviations) << objective.name;
  }
}

TEST(Parity, TpeIsNoWorseThanOptuna) {
  constexpr double kMostDeviations = 3.3;
  const auto theirs = published();
  for (const Objective& objective : objectives()) {
    const Best ours = best(objective, "tpe");
    const auto at100 = theirs[objective.name]["100"].get<Numbers>();
    print("tpe", objective.name, ours.at100, at100);
    EXPECT_LT(rank_score(ours.at100, at100), kMostDeviations) << objective.name;
  }
}

}  // namespace
}  // namespace mrec
