#include "tune/tpe.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <tuple>

#include "tune/cost.h"
#include "tune/parzen.h"

namespace mrec {
namespace {

constexpr std::size_t kPermutationStream = 256;

// A paused trial tells as much as one that was pruned there, also when it goes on: it did well.
TrialState effective_state(const Trial& trial) {
  const bool was_put_aside = trial.paused_at > 0 || trial.resumed_at > 0;
  return trial.state == TrialState::kRunning && was_put_aside ? TrialState::kPruned : trial.state;
}

std::size_t num_finished(const SamplerInput& input) {
  return static_cast<std::size_t>(std::ranges::count_if(input.trials, [](const Trial& trial) {
    const TrialState state = effective_state(trial);
    return state == TrialState::kComplete || state == TrialState::kPruned;
  }));
}

// The mixture of the trials that have all parameters of the group.
ParzenEstimator estimator(const SamplerInput& input, const std::vector<std::size_t>& group,
                          const std::vector<std::size_t>& trials) {
  std::vector<Distribution> distributions;
  distributions.reserve(group.size());
  for (const std::size_t i : group) {
    distributions.push_back(input.space.params()[i].distribution);
  }
  std::vector<std::vector<double>> observations(group.size());
  for (const std::size_t t : trials) {
    const Configuration& configuration = input.trials[t].configuration;
    const bool has_all =
        std::ranges::none_of(group, [&](std::size_t i) { return std::isnan(configuration[i]); });
    if (!has_all) continue;
    for (std::size_t d = 0; d < group.size(); ++d) {
      observations[d].push_back(configuration[group[d]]);
    }
  }
  return {std::move(distributions), observations};
}

// What is computed once for a suggestion, however often it is drawn again.
class Tpe {
 public:
  Tpe(const SamplerInput& input, const TpeOptions& options)
      : input_(input),
        options_(options),
        split_(split_trials(input, options.learns_failures)),
        ranked_(input.space.groups().size()) {}

  void draw(int attempt, std::size_t group, Configuration& configuration) {
    const std::vector<std::size_t>& members = input_.space.groups()[group];
    // Only the root has other candidates in store for a duplicate: what depends on it is drawn
    // anew.
    std::vector<std::vector<double>> fresh;
    std::vector<std::vector<double>>& ranked = group == 0 ? ranked_[0] : fresh;
    if (ranked.empty()) ranked = candidates(attempt, group);
    const std::vector<double>& point =
        ranked[group == 0 ? static_cast<std::size_t>(attempt) % ranked.size() : 0];
    Rng rng = input_.rng(attempt, 2 * group + 1);
    const bool redraw = options_.redraw_every > 0 && input_.number < options_.redraw_before &&
                        input_.number % options_.redraw_every == options_.redraw_every - 1;
    for (std::size_t d = 0; d < members.size(); ++d) {
      const Distribution& distribution = input_.space.params()[members[d]].distribution;
      configuration[members[d]] =
          redraw && distribution.is_categorical() ? distribution.at(rng.uniform()) : point[d];
    }
  }

 private:
  // Draws of the good density, the best first: [candidates][members of the group].
  [[nodiscard]] std::vector<std::vector<double>> candidates(int attempt, std::size_t group) const {
    const std::vector<std::size_t>& members = input_.space.groups()[group];
    const ParzenEstimator below = estimator(input_, members, split_.below);
    const ParzenEstimator above = estimator(input_, members, split_.above);
    Rng rng = input_.rng(attempt, 2 * group);
    std::vector<std::pair<double, std::vector<double>>> scored;
    for (int i = 0; i < input_.params.num_candidates; ++i) {
      std::vector<double> point = below.sample(rng);
      double score = below.log_density(point) - above.log_density(point);
      if (input_.cost != nullptr) {
        score -= input_.cost_weight * input_.cost->ln_share(members, point);
      }
      scored.emplace_back(score, std::move(point));
    }
    std::ranges::stable_sort(scored,
                             [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<std::vector<double>> points;
    points.reserve(scored.size());
    for (auto& [score, point] : scored) points.push_back(std::move(point));
    return points;
  }

  SamplerInput input_;
  TpeOptions options_;
  Split split_;
  std::vector<std::vector<std::vector<double>>> ranked_;  // by group
};

// A Latin hypercube of `num_startup` trials: each parameter has one of them in each of as many
// equal shares of its range.
void latin_draw(const SamplerInput& input, int attempt, std::size_t group,
                Configuration& configuration) {
  const std::int64_t size = input.params.num_startup;
  const std::int64_t block = input.number / size;
  for (const std::size_t i : input.space.groups()[group]) {
    SamplerInput of_block = input;
    of_block.number = block;
    Rng permutation_rng = of_block.rng(0, kPermutationStream + i);
    std::vector<std::int64_t> share(static_cast<std::size_t>(size));
    std::iota(share.begin(), share.end(), std::int64_t{0});
    shuffle(share, permutation_rng);
    const auto mine = static_cast<double>(share[static_cast<std::size_t>(input.number % size)]);
    Rng rng = input.rng(attempt, kPermutationStream + i);
    configuration[i] =
        input.space.params()[i].distribution.at((mine + rng.uniform()) / static_cast<double>(size));
  }
}

}  // namespace

std::size_t num_below(std::size_t n) {
  constexpr std::size_t kMost = 25;
  return std::min((n + 9) / 10, kMost);
}

Split split_trials(const SamplerInput& input, bool learns_failures) {
  const auto& trials = input.trials;
  const double sign = input.maximize ? -1 : 1;  // small is good
  std::vector<std::size_t> order(trials.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t t) { return trials[t].number; });

  // Complete trials by value, then pruned ones: who came further, then the value there.
  struct Ranked {
    std::tuple<int, int, double> key;
    std::size_t trial;
  };
  std::vector<Ranked> ranked;
  Split split;
  for (const std::size_t t : order) {
    const Trial& trial = trials[t];
    switch (effective_state(trial)) {
      case TrialState::kComplete:
        ranked.push_back({{0, 0, sign * trial.value}, t});
        break;
      case TrialState::kPruned: {
        if (trial.intermediate.empty()) {
          ranked.push_back({{1, 1, 0}, t});
          break;
        }
        const auto& [step, value] = *trial.intermediate.rbegin();
        const double badness =
            std::isnan(value) ? std::numeric_limits<double>::infinity() : sign * value;
        ranked.push_back({{1, -step, badness}, t});
        break;
      }
      case TrialState::kFail:
        if (learns_failures && trial.failure == Failure::kObjective) split.above.push_back(t);
        break;
      case TrialState::kRunning:
      case TrialState::kWaiting:
        if (input.params.constant_liar && trial.number != input.number) split.above.push_back(t);
        break;
    }
  }
  std::ranges::stable_sort(ranked, {}, &Ranked::key);
  const std::size_t good = num_below(ranked.size());
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    (i < good ? split.below : split.above).push_back(ranked[i].trial);
  }
  const auto by_number = [&](std::size_t t) { return trials[t].number; };
  std::ranges::sort(split.below, {}, by_number);
  std::ranges::sort(split.above, {}, by_number);
  return split;
}

Sampler tpe_sampler(const SamplerInput& input, const TpeOptions& options) {
  if (num_finished(input) < static_cast<std::size_t>(input.params.num_startup)) {
    if (!options.latin_start) return {.draw = [](int, std::size_t, Configuration&) {}};
    return {.draw = [input](int attempt, std::size_t group, Configuration& configuration) {
      latin_draw(input, attempt, group, configuration);
    }};
  }
  const auto tpe = std::make_shared<Tpe>(input, options);
  return {.draw = [tpe](int attempt, std::size_t group, Configuration& configuration) {
    tpe->draw(attempt, group, configuration);
  }};
}

}  // namespace mrec
