#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/params.h"
#include "base/random.h"
#include "tune/space.h"
#include "tune/trial.h"

namespace mrec {

class CostModel;

// How configurations are chosen.
struct SamplerParams {
  std::string sampler = "tpe";
  std::int64_t seed = 42;
  int num_startup = 10;     // finished trials before TPE looks at them
  int num_candidates = 24;  // that TPE draws for each suggestion
  bool constant_liar = true;
  bool allow_duplicates = false;
  int grid_points = 10;  // of a parameter with the values of an interval

  Fields fields();
};

std::vector<std::string> sampler_names();

// What a suggestion is a function of. Trials may be in any order and state; those that run or wait
// count as pending (paused ones as pruned), those that failed by infrastructure as absent.
struct SamplerInput {
  const SamplerParams& params;
  const Space& space;
  std::span<const Trial> trials;
  bool maximize = true;
  std::int64_t number = 0;  // of the trial that the suggestion is for
  // TPE takes so much of what a candidate adds to ln seconds from its score.
  const CostModel* cost = nullptr;
  double cost_weight = 0;

  // The stream of an attempt (0, 1, ... while a configuration is a duplicate) and a purpose.
  [[nodiscard]] Rng rng(int attempt, std::size_t what) const;
};

// The configuration of trial `number`, or nullopt when all of the space has been tried or is
// pending. It depends on the arguments alone, so that it can be computed again.
//
// A configuration of another trial is not suggested again: it is drawn anew, then at random, then
// by enumeration.
//
// `fixed` [space.size()] holds values that are not to be chosen (NaN: choose): what an enqueued
// trial brings. Values of parameters that turn out inactive are dropped, and a duplicate is
// allowed. Throws InputError when a value is not of its parameter.
std::optional<Configuration> suggest(const SamplerInput& input, const Configuration& fixed = {});

// A sampler at work for one suggestion. `draw` sets the parameters of an active group
// (Space::groups()), given the values of the groups before it; what it leaves NaN is drawn at
// random.
struct Sampler {
  std::function<void(int attempt, std::size_t group, Configuration& configuration)> draw;
  std::int64_t num_attempts = 24;  // before random ones
  bool random_after = true;        // false: when the attempts are used up, so is the space
};

}  // namespace mrec
