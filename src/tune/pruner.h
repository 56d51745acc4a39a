#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/params.h"
#include "tune/trial.h"

namespace mrec {

// How trials that do badly are given up before their end. Steps are epochs, but for wilcoxon, where
// they are blocks of users and all of a trial's values together are its value.
struct PrunerParams {
  std::string pruner = "none";
  int num_startup = 5;   // median: complete trials before anything is pruned
  int warmup = 0;        // median: first step that may be pruned
  int interval = 1;      // median: steps between two looks
  int min_resource = 5;  // asha: the step of the first rung
  int eta = 3;           // asha: the best 1 / eta of a rung go on, to eta times the step
  double p_value = 0.1;  // wilcoxon

  Fields fields();
};

// Whether a trial that has just reported its last step should be given up, `trials` being all
// others (and it too or not). Its own state there does not matter.
//   median     its best value is worse than the median of the complete trials at this step
//   asha-stop  at a rung, it is not among the best 1 / eta of those that came so far
//   asha       never: see next_promotion()
//   wilcoxon   it is worse than the best complete trial by a signed-rank test over blocks
bool should_prune(const PrunerParams& params, bool maximize, std::span<const Trial> trials,
                  const Trial& trial);

// ASHA's rungs up to `max_step`, which is the last of them: min_resource * eta^r (Li et al., MLSys
// 2020).
std::vector<int> rungs(const PrunerParams& params, int max_step);

// A paused trial that goes on.
struct Promotion {
  std::int64_t number;
  int from_step;  // where it was paused
  int to_step;    // the next rung
};

// Of the promotion type of ASHA: trials run to the first rung and pause. The paused trial to go on
// with is, in the highest rung that has one, the best of those among the best 1 / eta of the rung;
// nullopt: begin a new one.
std::optional<Promotion> next_promotion(const PrunerParams& params, bool maximize,
                                        std::span<const Trial> trials, int max_step);

// Whether a paused trial may still go on when `num_trials` are begun in all: its rung would then be
// so full that it is among the best 1 / eta, or it is the best of the highest rung of all.
bool may_be_promoted(const PrunerParams& params, bool maximize, std::span<const Trial> trials,
                     const Trial& trial, int max_step, std::int64_t num_trials);

// When no trial has come to its end and none will be begun: the best of the highest rung, so that
// one does. Nothing when no trial is paused.
std::optional<Promotion> last_promotion(const PrunerParams& params, bool maximize,
                                        std::span<const Trial> trials, int max_step);

// The one-sided p of Wilcoxon's signed-rank test (1945) that differences are as often and as far
// above 0 as below it, against: they lie above. Zeros count half for each side. Exact for up to 50
// differences without ties, else by the normal distribution.
double signed_rank_p(std::span<const double> differences);

}  // namespace mrec
