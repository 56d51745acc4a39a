#include "parallel/trial.h"

#include "base/error.h"
#include "parallel/als.h"
#include "parallel/rotation.h"

namespace mrec {
namespace {

template <typename Trainer>
TrialResult run(const Communicator& group, const TrialData& data, const TrainParams& params, int k,
                int report_every, const TellReport& tell, const AfterEpoch& after_epoch,
                const UseLearnt& use, Trainer& trainer) {
  TrialResult result;
  const int averaged = static_cast<int>(params.averaging * params.epochs);
  // Collective.
  const auto report = [&](int epoch) {
    const std::optional<double> ndcg = validation_ndcg(group, data.rows, parameters_of(trainer), k);
    if (!ndcg) return;
    result.last = {.epoch = epoch, .ndcg = *ndcg};
    int stop = 0;
    if (group.is_root()) stop = tell(*result.last) ? 0 : 1;
    result.stopped = group.max(stop) == 1;
  };
  for (int epoch = 1; epoch <= params.epochs; ++epoch) {
    if constexpr (requires { trainer.start_averaging(); }) {
      if (averaged > 1 && epoch == params.epochs - averaged + 1) trainer.start_averaging();
    }
    trainer.epoch();
    if (after_epoch && group.is_root()) after_epoch();
    if (report_every == 0 || epoch % report_every != 0 || epoch == params.epochs) continue;
    report(epoch);
    if (result.stopped) break;
  }
  if (!result.stopped) {
    trainer.finish();
    report(params.epochs);
    result.stopped = false;  // it is at its end anyway
  }
  if (use) use(parameters_of(trainer));
  return result;
}

}  // namespace

TrialData read_trial_data(const Communicator& group, const DatasetFile& dataset) {
  return group.agree([&] {
    return TrialData{.rows = read_rank_data(dataset, group.rank(), group.size()),
                     .tags = dataset.tags(),
                     .features = dataset.features()};
  });
}

TrialResult run_trial(const Communicator& group, const Communicator& node, const TrialData& data,
                      const TrainParams& params, int k, int report_every, const TellReport& tell,
                      const AfterEpoch& after_epoch, const UseLearnt& use) {
  params.check();  // the same on every rank
  if (!params.is_square()) {
    std::optional<Metadata> metadata;
    if (params.has_metadata()) {
      if (data.features.values.cols() == 0) {
        throw InputError("the data set has no metadata features; use features = identity");
      }
      metadata = centred(data.features, params.metadata_scale, params.standardize);
    }
    const TrainingShard shard{data.rows.train.weights, data.rows.shard.begin,
                              data.rows.first_interaction};
    if (params.rotates()) {
      RotationTrainer trainer(group, node, shard, params);
      return run(group, data, params, k, report_every, tell, after_epoch, use, trainer);
    }
    HogwildTrainer trainer(group, node, shard, metadata ? &*metadata : nullptr, params);
    return run(group, data, params, k, report_every, tell, after_epoch, use, trainer);
  }
  const SquareData square = square_data(group, data.rows, data.tags, params);
  const TrainingShard rows{square.pairs, data.rows.shard.begin, square.first_pair, square.num_tags};
  if (params.solver == "als") {
    AlsTrainer trainer(group, node, rows, params);
    return run(group, data, params, k, report_every, tell, after_epoch, use, trainer);
  }
  HogwildTrainer trainer(group, node, rows, nullptr, params);
  return run(group, data, params, k, report_every, tell, after_epoch, use, trainer);
}

}  // namespace mrec
