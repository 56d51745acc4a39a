#pragma once

#include <cmath>
#include <limits>
#include <string>

#include "tune/journal.h"

namespace mrec {

constexpr double kAbsent = std::numeric_limits<double>::quiet_NaN();

// A study of four parameters, one of them conditional, and six trials of all states; trial 3 is the
// best.
inline Study small_study() {
  const std::int64_t start = 1764039600000000;  // 2025-11-25T03:00:00Z
  const std::int64_t second = 1000000;
  Study study{.settings = {.name = "small",
                           .maximize = true,
                           .metric = "ndcg@10",
                           .space = Space({parse_param("dim=int:16:128:16"),
                                           parse_param("loss=cat:warp,warp-kos"),
                                           parse_param("learning_rate=float:0.01:0.2:log"),
                                           Param{.name = "kos_k",
                                                 .distribution = parse_distribution("int:1:10"),
                                                 .when = Condition{"loss", {1}}}}),
                           .identity = {{"train.loss", "warp"}, {"train.epochs", "15"}}},
              .trials = {},
              .attributes = {{"note", "it's \"small\""}}};
  const auto add = [&](TrialState state, Configuration configuration, double value, int seconds) {
    const auto number = static_cast<std::int64_t>(study.trials.size());
    Trial trial{.number = number, .state = state, .configuration = configuration, .value = value};
    if (state != TrialState::kWaiting) trial.start = start + 10 * number * second;
    if (is_finished(state)) trial.end = trial.start + seconds * second;
    study.trials.push_back(trial);
  };
  add(TrialState::kComplete, {64, 0, 0.05, kAbsent}, 0.125, 10);
  add(TrialState::kPruned, {16, 1, 0.01, 3}, kAbsent, 4);
  add(TrialState::kFail, {128, 0, 0.2, kAbsent}, kAbsent, 1);
  add(TrialState::kComplete, {32, 1, 0.07, 5}, 0.25, 8);
  add(TrialState::kRunning, {48, 0, 0.02, kAbsent}, kAbsent, 0);
  add(TrialState::kWaiting, {96, kAbsent, kAbsent, kAbsent}, kAbsent, 0);
  study.trials[0].intermediate = {{5, 0.1}, {10, 0.125}};
  study.trials[1].intermediate = {{5, 0.03125}};
  study.trials[2].failure = Failure::kObjective;
  study.trials[2].attributes = {{"failure", "it diverged"}};
  study.trials[3].intermediate = {{5, 0.2}, {10, 0.25}};
  study.trials[3].attributes = {
      {"epochs", "12"}, {"seconds", "7.5"}, {"group", "1"}, {"precision@10", "0.5"}};
  return study;
}

}  // namespace mrec
