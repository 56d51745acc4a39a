#pragma once

#include <functional>
#include <optional>

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
// On the root of the group; false ends the trial.
using TellReport = std::function<bool(const TrialReport&)>;
// On the root of the group, after every epoch.
using AfterEpoch = std::function<void()>;

struct TrialResult {
  bool stopped = false;             // by what a report was answered
  std::optional<TrialReport> last;  // nothing without a validation part
};

// What is done with what a trial has learnt, on all ranks of the group, while it is there.
using UseLearnt = std::function<void(const Parameters&)>;

// Collective over `group`, of which `node` are the ranks that share memory: trains by `params` and
// validates NDCG@k every `report_every` epochs (0: never before the end) and at the end. Throws
// InputError on all ranks for options that do not fit, a Verdict when training diverges.
TrialResult run_trial(const Communicator& group, const Communicator& node, const TrialData& data,
                      const TrainParams& params, int k, int report_every, const TellReport& tell,
                      const AfterEpoch& after_epoch = {}, const UseLearnt& use = {});

}  // namespace mrec
