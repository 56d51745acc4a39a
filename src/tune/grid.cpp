#include "tune/grid.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <memory>

#include "base/error.h"

namespace mrec {
namespace {

// The values of a grid in the place of those of an interval: as choices, by index.
Space gridded(const Space& space, int points) {
  std::vector<Param> params = space.params();
  for (Param& param : params) {
    if (param.distribution.num_values()) continue;
    Distribution indices{.kind = Distribution::Kind::kInt, .high = points - 1.0, .step = 1};
    param.distribution = indices;
  }
  return Space(std::move(params));
}

double grid_value(const Distribution& distribution, double index, int points) {
  const double way = points == 1 ? 0.5 : index / (points - 1);
  const double value =
      distribution.log
          ? std::exp(std::lerp(std::log(distribution.low), std::log(distribution.high), way))
          : std::lerp(distribution.low, distribution.high, way);
  return std::clamp(value, distribution.low, distribution.high);
}

// A keyed permutation of [0, count): a Feistel network on the next even number of bits, walked
// until it comes back into the range.
std::int64_t permuted(std::int64_t i, std::int64_t count, std::uint64_t key) {
  constexpr std::uint64_t kRounds = 4;
  const auto width = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(count - 1)));
  const int half = std::max(1, (width + 1) / 2);
  const std::uint64_t mask = (std::uint64_t{1} << half) - 1;
  auto x = static_cast<std::uint64_t>(i);
  do {
    for (std::uint64_t round = 0; round < kRounds; ++round) {
      const std::uint64_t left = x >> half;
      const std::uint64_t right = x & mask;
      x = (right << half) | (left ^ (mix64(right ^ mix64(key + round)) & mask));
    }
  } while (x >= static_cast<std::uint64_t>(count));
  return static_cast<std::int64_t>(x);
}

}  // namespace

Sampler grid_sampler(const SamplerInput& input) {
  const int points = input.params.grid_points;
  const auto grid = std::make_shared<Space>(gridded(input.space, points));
  const auto size = grid->num_configurations();
  if (!size) throw InputError("the grid has more than 2^53 configurations");
  const std::int64_t count = *size;
  const auto draw = [=](int attempt, std::size_t group, Configuration& configuration) {
    const std::int64_t i = (input.number + attempt) % count;
    const Configuration indices =
        grid->configuration(permuted(i, count, static_cast<std::uint64_t>(input.params.seed)));
    for (const std::size_t p : input.space.groups()[group]) {
      const Distribution& distribution = input.space.params()[p].distribution;
      configuration[p] = distribution.num_values() || std::isnan(indices[p])
                             ? indices[p]
                             : grid_value(distribution, indices[p], points);
    }
  };
  // Every trial takes one, so one of these is free if any is.
  const auto num_trials = static_cast<std::int64_t>(input.trials.size());
  return {.draw = draw, .num_attempts = std::min(count, num_trials + 1), .random_after = false};
}

}  // namespace mrec
