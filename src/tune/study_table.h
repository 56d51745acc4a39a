#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tune/journal.h"

namespace mrec {

// "complete"; as Optuna says it, but in small letters.
std::string_view name_of(TrialState state);

// How long a trial took: its attribute "seconds", else from its start to its end. NaN: not known.
double seconds_of(const Trial& trial);
// Its attribute "epochs", else the last step that it reported; 0: not known.
int epochs_of(const Trial& trial);

// The places of trials. Complete trials with a value, the best first, the earlier of equal ones.
std::vector<std::size_t> best_first(const Study& study);
// Those first, then all others by number.
std::vector<std::size_t> all_best_first(const Study& study);
std::vector<std::size_t> by_number(const Study& study);

// The parameters that a trial has, as options take them, in the order of the space.
struct ParamText {
  std::string name;
  std::string value;
};
std::vector<ParamText> params_of(const Study& study, const Trial& trial);

// A line for each trial: number, state, value, epochs, seconds, parameters.
std::string trials_text(const Study& study, const std::vector<std::size_t>& order);
// An array of objects with "number", "state", "value", "epochs", "seconds", "start", "end" (UTC),
// "params" and "attributes"; what is not known is null.
std::string trials_json(const Study& study, const std::vector<std::size_t>& order);

// The studies of a journal: name, direction, metric, numbers of trials by state, best value.
std::string studies_text(const std::vector<Study>& studies);
std::string studies_json(const std::vector<Study>& studies);

// "mrec-train --dim 64 --loss warp", quoted for a shell where that is needed.
std::string command_of(std::string_view program, const std::vector<ParamText>& options);
// A trial as in trials_json(), with "command" and the "options" in it.
std::string best_json(const Study& study, std::size_t trial, std::string_view program,
                      const std::vector<ParamText>& options);

// How much each parameter decides on being among the best (see importances()), the most important
// one first, and which share of the variance it has by itself (see Forest); empty when nothing can
// be told.
struct Importance {
  std::string param;
  double share = 0;
  double variance = 0;
};
std::vector<Importance> importance_of(const Study& study);
// A line for each; an array of objects with "param", "importance" and "fanova".
std::string importance_text(const std::vector<Importance>& importance);
std::string importance_json(const std::vector<Importance>& importance);

// "2026-11-23T03:00:00.000000Z" of microseconds since the epoch; "" of 0.
std::string utc(std::int64_t microseconds);

}  // namespace mrec
