#pragma once

#include <functional>
#include <optional>
#include <string>

#include "dataset/dataset.h"
#include "model/train_params.h"
#include "parallel/training.h"

namespace mrec {

// What a group of ranks reads once to train one trial after another.
struct TrialData {
  RankData rows;           // this rank's users
  SparseMatrix tags;       // [artists x T]
  FeatureMatrix features;  // [artists x F]
};
// Collective over `group`.
TrialData read_trial_data(const Communicator& group, const DatasetFile& dataset);

// What a trial has learnt by some epoch.
struct TrialReport {
  int epoch = 0;
  double ndcg = 0;  // on the validation part
};
// How far a trial trains, and how it is put aside.
struct TrialPlan {
  int k = 10;                   // of NDCG@k
  int report_every = 5;         // epochs between validations; 0: only where it ends or pauses
  int to_epoch = 0;             // where it pauses; 0: it trains to its end
  std::string checkpoint = {};  // written when it is put aside; "": it cannot be, and ends there
  bool resumes = false;         // goes on from that file when it is there
};

struct TrialResult {
  bool stopped = false;  // by what a report was answered, or put aside without a checkpoint
  int paused_at = 0;     // the epoch of the checkpoint; 0: it is not put aside
  int resumed_at = 0;    // the epoch that it went on from
  std::optional<TrialReport> last;  // nothing without a validation part
};

// What others have to do with a trial; all but `use` on the root of the group.
struct TrialHooks {
  std::function<bool(const TrialReport&)> tell;     // false ends the trial
  std::function<bool()> after_epoch = {};           // false puts the trial aside
  std::function<void()> within_epoch = {};          // often, for a root that has others to answer
  std::function<void(const Parameters&)> use = {};  // on all ranks, with what has been learnt
};

// Collective over `group`, of which `node` are the ranks that share memory: trains by `params` as
// `plan` says. A trial that was put aside and goes on is, on one rank or with one rank a node, bit
// for bit the trial that was not. Throws InputError on all ranks for options that do not fit, a
// Verdict when training diverges, or when the checkpoint was made by other `params`.
// `hooks.use` is called at the end, not for a trial that is put aside.
TrialResult run_trial(const Communicator& group, const Communicator& node, const TrialData& data,
                      const TrainParams& params, const TrialPlan& plan, const TrialHooks& hooks);

}  // namespace mrec
