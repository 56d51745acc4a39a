#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>

#include "tune/space.h"

namespace mrec {

// With Optuna's numbers.
enum class TrialState { kRunning = 0, kComplete = 1, kPruned = 2, kFail = 3, kWaiting = 4 };

constexpr bool is_finished(TrialState state) {
  return state != TrialState::kRunning && state != TrialState::kWaiting;
}

// Why a trial failed: by what it tried (it diverged, it threw), or by what it ran on.
enum class Failure { kNone, kObjective, kInfrastructure };

// One configuration and what came of it.
struct Trial {
  std::int64_t number = 0;  // from 0, within the study
  TrialState state = TrialState::kRunning;
  // Of a waiting trial: what whoever enqueued it has fixed, NaN what is left to the sampler.
  Configuration configuration = {};
  double value = std::numeric_limits<double>::quiet_NaN();  // of a complete trial
  std::map<int, double> intermediate = {};                  // step (epochs) -> value
  std::int64_t start = 0;  // microseconds since the epoch; 0: not yet
  std::int64_t end = 0;
  int paused_at = 0;   // the step at which a running trial is put aside; 0: it is not
  int resumed_at = 0;  // the step from which a trial has gone on; 0: it never was put aside
  int attempt = 0;     // 1 after its run died once, and so on
  Failure failure = Failure::kNone;
  // How many lines of the journal its suggestion was a function of; -1: it was not suggested by us.
  std::int64_t seen = -1;
  std::string problem = {};  // why a waiting trial cannot run: what is fixed is not of the space
  std::map<std::string, std::string> attributes = {};  // for people: user attributes
};

}  // namespace mrec
