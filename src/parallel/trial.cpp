#include "parallel/trial.h"

#include <algorithm>

#include "base/error.h"
#include "parallel/als.h"
#include "parallel/checkpoint.h"
#include "parallel/rotation.h"

namespace mrec {
namespace {

// What must be the same for a trial to go on.
RunSettings settings_of(TrainParams params) {
  RunSettings settings;
  for (const Field& field : params.fields()) settings.emplace_back(field.name, to_text(field));
  return settings;
}

// Where a trial's training is kept while it is put aside.
class Aside {
 public:
  // Collective.
  Aside(const Communicator& group, const Communicator& node, const TrainingShard& shard,
        const TrainParams& params, const TrialPlan& plan)
      : group_(group), node_(node), plan_(plan), settings_(settings_of(params)) {
    if (plan.checkpoint.empty()) return;
    place_ = {.first_user = shard.first_user,
              .num_users = shard.num_users(),
              .first_tag = group.sum_before(std::int64_t{shard.num_tags}),
              .num_tags = shard.num_tags};
  }

  // Collective: returns the epoch that the trainer goes on from; 0: it is at its beginning.
  template <typename Trainer>
  int load(Trainer& trainer) {
    if (plan_.checkpoint.empty() || !plan_.resumes) return 0;
    if constexpr (requires { trainer.home(); }) {
      place_.first_artist = trainer.home().begin;
      place_.num_artists = trainer.home().size();
    }
    const auto saved =
        load_checkpoint(group_, plan_.checkpoint, settings_, place_, node_.is_root());
    if (!saved) return 0;
    trainer.restore(saved->state);
    return saved->state.epoch;
  }

  // Collective; false without a file to write.
  template <typename Trainer>
  bool save(Trainer& trainer) {
    if (plan_.checkpoint.empty()) return false;
    // One file is enough: without it the trial begins anew.
    constexpr bool kWithoutPrevious = true;
    if constexpr (requires { trainer.state_rows(); }) {
      save_checkpoint(group_, plan_.checkpoint, settings_, place_, trainer.state_rows(), 0,
                      kWithoutPrevious);
    } else {
      const TrainerState state = trainer.state();
      save_checkpoint(group_, plan_.checkpoint, settings_, place_, rows_of(group_, state), 0,
                      kWithoutPrevious);
    }
    return true;
  }

 private:
  const Communicator& group_;
  const Communicator& node_;
  const TrialPlan& plan_;
  RunSettings settings_;
  RowPlace place_;
};

// What a trial has beside its trainer.
struct Setting {
  const Communicator& group;
  const Communicator& node;
  const TrialData& data;
  const TrainParams& params;
  const TrialPlan& plan;
  const TrialHooks& hooks;
};

template <typename Trainer>
TrialResult run(const Setting& setting, const TrainingShard& shard, Trainer& trainer) {
  const auto& [group, node, data, params, plan, hooks] = setting;
  TrialResult result;
  const int averaged = static_cast<int>(params.averaging * params.epochs);
  const int last = plan.to_epoch > 0 ? std::min(plan.to_epoch, params.epochs) : params.epochs;
  // Collective.
  const auto report = [&](int epoch) {
    const std::optional<double> ndcg =
        validation_ndcg(group, data.rows, parameters_of(trainer), plan.k);
    if (!ndcg) return;
    result.last = {.epoch = epoch, .ndcg = *ndcg};
    int stop = 0;
    if (group.is_root()) stop = hooks.tell(*result.last) ? 0 : 1;
    result.stopped = group.max(stop) == 1;
  };
  if constexpr (requires { trainer.attend({}); }) {
    if (group.is_root()) trainer.attend(hooks.within_epoch);
  }
  Aside aside(group, node, shard, params, plan);
  int epoch = aside.load(trainer);
  result.resumed_at = epoch;
  if (epoch >= last && last < params.epochs) {  // it was put aside here, and nobody has heard of it
    report(epoch);
    if (!result.stopped) result.paused_at = epoch;
    return result;
  }
  while (epoch < last) {
    ++epoch;
    if constexpr (requires { trainer.start_averaging(); }) {
      if (averaged > 1 && epoch == params.epochs - averaged + 1) trainer.start_averaging();
    }
    trainer.epoch();
    int leave = 0;
    if (hooks.after_epoch && group.is_root()) leave = hooks.after_epoch() ? 0 : 1;
    leave = group.max(leave);
    if (epoch == params.epochs) break;
    const bool is_due = plan.report_every > 0 && epoch % plan.report_every == 0;
    if (is_due || epoch == last) report(epoch);
    if (result.stopped) break;
    if (leave == 0 && epoch < last) continue;
    if (aside.save(trainer)) {
      result.paused_at = epoch;
      return result;
    }
    result.stopped = true;
    break;
  }
  if (!result.stopped) {
    trainer.finish();
    report(params.epochs);
    result.stopped = false;  // it is at its end anyway
  }
  if (hooks.use) hooks.use(parameters_of(trainer));
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
                      const TrainParams& params, const TrialPlan& plan, const TrialHooks& hooks) {
  params.check();  // the same on every rank
  const Setting setting{group, node, data, params, plan, hooks};
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
      return run(setting, shard, trainer);
    }
    HogwildTrainer trainer(group, node, shard, metadata ? &*metadata : nullptr, params);
    return run(setting, shard, trainer);
  }
  const SquareData square = square_data(group, data.rows, data.tags, params);
  const TrainingShard rows{square.pairs, data.rows.shard.begin, square.first_pair, square.num_tags};
  if (params.solver == "als") {
    AlsTrainer trainer(group, node, rows, params);
    return run(setting, rows, trainer);
  }
  HogwildTrainer trainer(group, node, rows, nullptr, params);
  return run(setting, rows, trainer);
}

}  // namespace mrec
