#include "tune/suggestion.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <sstream>

#include "base/error.h"
#include "tune/cost.h"
#include "tune/journal.h"
#include "tune/replay.h"

namespace mrec {

Fields SuggestionRule::fields() {
  return join(sampler.fields(),
              {{.name = "lag", .value = &lag, .help = "", .min = 0},
               {.name = "cost_aware",
                .value = &cost_aware,
                .help = "TPE prefers what is cheap to train, the less so the later in the study"},
               {.name = "num_trials", .value = &num_trials, .help = "", .min = 0}});
}

std::string to_text(SuggestionRule rule) {
  std::string text;
  for (const Field& field : rule.fields()) {
    text += (text.empty() ? "" : " ") + field.name + '=' + to_text(field);
  }
  return text;
}

SuggestionRule rule_from(const std::string& text) {
  SuggestionRule rule;
  const Fields fields = rule.fields();
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const std::size_t sign = word.find('=');
    const auto field = std::ranges::find(fields, word.substr(0, sign), &Field::name);
    if (sign == std::string::npos || field == fields.end()) {
      throw InputError("the study was made by a newer version: it has '" + word + "'");
    }
    set(*field, word.substr(sign + 1));
  }
  return rule;
}

bool can_suggest(const SuggestionRule& rule, std::span<const Trial> trials, std::int64_t number) {
  if (rule.lag == 0) return true;
  return std::ranges::all_of(trials, [&](const Trial& trial) {
    return trial.number > number - rule.lag || is_finished(trial.state);
  });
}

std::vector<Trial> visible(const SuggestionRule& rule, std::span<const Trial> trials,
                           std::int64_t number) {
  std::vector<Trial> known(trials.begin(), trials.end());
  if (rule.lag == 0) return known;
  for (Trial& trial : known) {
    if (trial.number <= number - rule.lag) continue;
    trial = {.number = trial.number, .configuration = std::move(trial.configuration)};
  }
  return known;
}

std::optional<Configuration> suggest(const SuggestionRule& rule, const Space& space, bool maximize,
                                     std::span<const Trial> trials, std::int64_t number,
                                     const Configuration& fixed) {
  std::vector<Trial> masked;
  if (rule.lag > 0) {
    masked = visible(rule, trials, number);
    trials = masked;
  }
  SamplerInput input{.params = rule.sampler,
                     .space = space,
                     .trials = trials,
                     .maximize = maximize,
                     .number = number};
  std::optional<CostModel> cost;
  if (rule.cost_aware && rule.num_trials > 0) {
    cost.emplace(space, trials);
    constexpr std::size_t kFewest = 5;
    if (cost->num_trials() >= kFewest) {
      input.cost = &*cost;
      input.cost_weight =
          std::max(0.0, 1 - static_cast<double>(number) / static_cast<double>(rule.num_trials));
    }
  }
  return suggest(input, fixed);
}

namespace {

std::string shown(const Space& space, const std::optional<Configuration>& configuration) {
  return configuration ? key(space, *configuration) : "nothing";
}

}  // namespace

Recomputed recompute_suggestions(const std::string& path, const std::string& name) {
  const Study study = read_study(path, name);
  const Space& space = study.settings.space;
  Recomputed found;
  std::multimap<std::int64_t, const Trial*> by_seen;
  for (const Trial& trial : study.trials) {
    if (trial.seen >= 0) {
      by_seen.emplace(trial.seen, &trial);
    } else if (trial.state != TrialState::kWaiting) {
      ++found.num_unknown;
    }
  }
  std::ifstream lines(path);
  Replay known{.study = name, .space = space};
  for (const auto& [seen, trial] : by_seen) {
    for (std::string line; known.num_lines < seen && std::getline(lines, line);) {
      mrec::apply(known, line);
    }
    const auto rule = known.attributes.find("mrec:suggestions");
    if (rule == known.attributes.end()) {
      ++found.num_unknown;
      continue;
    }
    // One that waited has in it what was fixed.
    const auto place = static_cast<std::size_t>(trial->number);
    const Configuration fixed =
        place < known.trials.size() ? known.trials[place].configuration : Configuration{};
    const auto again = suggest(rule_from(rule->second), space, study.settings.maximize,
                               known.trials, trial->number, fixed);
    if (again && same(*again, trial->configuration)) {
      ++found.num_same;
      continue;
    }
    found.difference = "trial " + std::to_string(trial->number) + " has " +
                       key(space, trial->configuration) + ", computed again it is " +
                       shown(space, again);
    return found;
  }
  return found;
}

}  // namespace mrec
