#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "tune/sampler.h"

namespace mrec {

// All that decides a suggestion besides the trials so far.
struct SuggestionRule {
  SamplerParams sampler = {};
  // Strict order: suggestion n knows the results of the trials up to n - lag, and takes those after
  // them for running, whatever they are. So it depends on nothing that happens by chance. 0: it
  // knows what there is (order of arrival).
  int lag = 0;
  bool cost_aware = false;
  std::int64_t num_trials = 50;  // of the study, over which attention to cost fades

  Fields fields();
};

// One line, kept with the study, and back. Throws InputError.
std::string to_text(SuggestionRule rule);
SuggestionRule rule_from(const std::string& text);

// Whether what suggestion `number` needs to know is there.
bool can_suggest(const SuggestionRule& rule, std::span<const Trial> trials, std::int64_t number);

// The trials that suggestion `number`, or the pruning of that trial, knows.
std::vector<Trial> visible(const SuggestionRule& rule, std::span<const Trial> trials,
                           std::int64_t number);

// suggest() (tune/sampler.h) for trial `number`, by the rule. A pure function.
std::optional<Configuration> suggest(const SuggestionRule& rule, const Space& space, bool maximize,
                                     std::span<const Trial> trials, std::int64_t number,
                                     const Configuration& fixed = {});

// What came of computing all suggestions of a study again from its journal.
struct Recomputed {
  std::int64_t num_same = 0;
  std::int64_t num_unknown = 0;  // trials that were not suggested by us
  std::string difference = {};   // the first, as a sentence; "": there is none
};
// Throws InputError when the file is damaged or has no such study.
Recomputed recompute_suggestions(const std::string& path, const std::string& name);

}  // namespace mrec
