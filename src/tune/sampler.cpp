#include "tune/sampler.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "tune/grid.h"
#include "tune/quasi_random.h"
#include "tune/tpe.h"

namespace mrec {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr std::uint64_t kSalt = 0x73616D706C657273ULL;  // apart from other uses of the seed
constexpr std::uint64_t kStreams = 1024;                // per attempt
constexpr std::size_t kRandomStream = 512;              // behind those of the samplers
constexpr int kRandomAttempts = 100;

Sampler random_sampler(const SamplerInput& /*input*/) {
  return {.draw = [](int, std::size_t, Configuration&) {}, .num_attempts = 0};
}

struct Kind {
  const char* name;
  Sampler (*make)(const SamplerInput&);
};

constexpr Kind kKinds[] = {
    {"tpe", [](const SamplerInput& input) { return tpe_sampler(input, {}); }},
    {"tpe-optuna", [](const SamplerInput& input) { return tpe_sampler(input, optuna_tpe()); }},
    {"random", random_sampler},
    {"qmc", quasi_random_sampler},
    {"grid", grid_sampler},
};

const Kind& kind_of(const std::string& name) {
  const auto* kind = std::ranges::find(kKinds, name, &Kind::name);
  if (kind != std::end(kKinds)) return *kind;
  std::string known;
  for (const Kind& one : kKinds) known += (known.empty() ? "" : ", ") + std::string(one.name);
  throw InputError("'" + name + "' is no sampler; there are " + known);
}

Configuration drawn(const SamplerInput& input, const Sampler& sampler, int attempt,
                    const Configuration& fixed) {
  const Space& space = input.space;
  Configuration configuration(space.size(), kNone);
  for (std::size_t group = 0; group < space.groups().size(); ++group) {
    const std::vector<std::size_t>& members = space.groups()[group];
    if (!space.is_active(members[0], configuration)) continue;
    sampler.draw(attempt, group, configuration);
    Rng rng = input.rng(attempt, kRandomStream + group);
    for (const std::size_t i : members) {
      if (!fixed.empty() && !std::isnan(fixed[i])) configuration[i] = fixed[i];
      if (std::isnan(configuration[i])) {
        configuration[i] = space.params()[i].distribution.at(rng.uniform());
      }
    }
  }
  return configuration;
}

// The first free configuration behind a random place; nullopt when there is none.
std::optional<Configuration> enumerated(const SamplerInput& input, std::int64_t count,
                                        const std::function<bool(const Configuration&)>& is_taken) {
  const double place = input.rng(0, kRandomStream - 1).uniform();
  const auto first = static_cast<std::int64_t>(place * static_cast<double>(count));
  // Every trial takes one, so one of these is free if any is.
  const auto num_tries = std::min(count, static_cast<std::int64_t>(input.trials.size()) + 1);
  for (std::int64_t i = 0; i < num_tries; ++i) {
    Configuration configuration = input.space.configuration((first + i) % count);
    if (!is_taken(configuration)) return configuration;
  }
  return std::nullopt;
}

}  // namespace

Fields SamplerParams::fields() {
  return {
      {.name = "sampler",
       .value = &sampler,
       .help = "how configurations are chosen: TPE, TPE exactly as Optuna has it, at random, by a "
               "scrambled Sobol sequence, from a grid",
       .choices = sampler_names()},
      {.name = "seed", .value = &seed, .help = "of the study", .min = 0},
      {.name = "startup_trials",
       .value = &num_startup,
       .help = "finished trials before TPE looks at them",
       .min = 1},
      {.name = "candidates",
       .value = &num_candidates,
       .help = "drawn by TPE for each suggestion",
       .min = 1,
       .max = 100000},
      {.name = "constant_liar",
       .value = &constant_liar,
       .help = "take running trials for bad ones, so that workers spread out"},
      {.name = "allow_duplicates",
       .value = &allow_duplicates,
       .help = "let a configuration be tried again"},
      {.name = "grid_points",
       .value = &grid_points,
       .help = "in the grid, of a parameter that has all values of an interval",
       .min = 1,
       .max = 1000},
  };
}

std::vector<std::string> sampler_names() {
  std::vector<std::string> names;
  for (const Kind& kind : kKinds) names.emplace_back(kind.name);
  return names;
}

Rng SamplerInput::rng(int attempt, std::size_t what) const {
  return Rng(static_cast<std::uint64_t>(params.seed) ^ kSalt, static_cast<std::uint64_t>(number),
             static_cast<std::uint64_t>(attempt) * kStreams + what);
}

std::optional<Configuration> suggest(const SamplerInput& input, const Configuration& fixed) {
  bool is_free = true;  // to choose everything
  for (std::size_t i = 0; i < fixed.size(); ++i) {
    if (std::isnan(fixed[i])) continue;
    is_free = false;
    const Param& param = input.space.params()[i];
    if (!param.distribution.contains(fixed[i])) {
      throw InputError(param.name + ": the value given for trial " + std::to_string(input.number) +
                       " is not of " + to_json(param.distribution));
    }
  }
  const Sampler sampler = kind_of(input.params.sampler).make(input);
  if (!is_free || input.params.allow_duplicates) return drawn(input, sampler, 0, fixed);

  const auto is_taken = [&](const Configuration& configuration) {
    return std::ranges::any_of(input.trials, [&](const Trial& trial) {
      return trial.number != input.number && trial.failure != Failure::kInfrastructure &&
             same(trial.configuration, configuration);
    });
  };
  int attempt = 0;
  for (; attempt < sampler.num_attempts; ++attempt) {
    Configuration configuration = drawn(input, sampler, attempt, fixed);
    if (!is_taken(configuration)) return configuration;
  }
  if (!sampler.random_after) return std::nullopt;
  const Sampler random = random_sampler(input);
  for (int i = 0; i < kRandomAttempts; ++i) {
    Configuration configuration = drawn(input, random, attempt++, fixed);
    if (!is_taken(configuration)) return configuration;
  }
  const auto count = input.space.num_configurations();
  // Equal draws from more than 2^53 configurations mean a space whose mass lies in few of them.
  if (!count) return drawn(input, random, attempt, fixed);
  return enumerated(input, *count, is_taken);
}

}  // namespace mrec
