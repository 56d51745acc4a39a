// dataset.h5 -> study.journal (every trial) and model.h5 (the best, trained on all allowed data)
//   mpirun -np 3 mrec-tune --dataset dataset.h5 --study study.journal --model model.h5 --trials 40
#include <iostream>
#include <optional>

#include "base/output_file.h"
#include "base/text.h"
#include "jobs/clock.h"
#include "jobs/job.h"
#include "jobs/model_file.h"
#include "jobs/stop_signal.h"
#include "jobs/tune_options.h"
#include "jobs/tune_search.h"

namespace {

using namespace mrec;

void tell_winner(const TuneOptions& options, const StudyRun& study,
                 const std::vector<Repeated>& ranking) {
  const Repeated& winner = ranking.front();
  const Trial best = study.best(1).front();
  std::cout << "best of " << study.num_finished() << " trials: " << fixed(best.value, 4)
            << " (trial " << best.number << ")\n";
  if (options.top > 1) {
    std::cout << "again with " << options.repeats << " fresh seeds, NDCG@" << options.k
              << " of validation +- standard error:\n";
    for (const Repeated& one : ranking) {
      std::cout << "  trial " << one.trial.number << "  " << fixed(one.mean(), 4) << " +- "
                << fixed(one.error(), 4) << "  (" << fixed(one.trial.value, 4)
                << " in the search)\n";
    }
    std::cout << "the search promised " << fixed(best.value - winner.mean(), 4)
              << " more than the winner keeps\n";
  }
  std::cout << "winner: trial " << winner.trial.number;
  for (const auto& [name, value] : winning_options(study.space(), winner.trial)) {
    std::cout << " --" << name << ' ' << value;
  }
  std::cout << '\n';
}

// What ends a run that is to go on.
[[noreturn]] void stop(const TuneOptions& options, const std::string& why) {
  throw Verdict(75, why + "; " + options.study + " is whole: run again with --resume");
}

// Collective: trains the winner by all ranks on train and validation, tests it once, writes it. The
// root knows `how` it did before.
void train_winner(const Communicator& world, const TuneOptions& options, const DatasetFile& dataset,
                  const TrialTask& winner, const Repeated& how) {
  TrialData data = read_trial_data(world, dataset);
  join_validation(world, data.rows);
  // It is judged by the test part where trials are by validation.
  data.rows.valid = world.agree(
      [&] { return dataset.interactions("test", data.rows.shard.begin, data.rows.shard.end); });
  const TrainParams params = params_of(options, winner.options, winner.seed);
  const Communicator node = world.split_by_node();
  std::optional<double> ndcg;  // on the root
  const auto keep = [&](const TrialReport& report) {
    ndcg = report.ndcg;
    return true;
  };
  const auto write = [&](const Parameters& learnt) {
    Artifact model = collect_model(world, data.rows, learnt, params);
    model.new_artists = fit_new_artist_map(world, dataset, model.artist_listeners, learnt);
    const std::string at_k = "ndcg@" + std::to_string(options.k);
    model.metrics = {{"validation_" + at_k, shortest(how.mean())},
                     {"search_" + at_k, shortest(how.trial.value)}};
    if (ndcg) model.metrics.emplace_back("test_" + at_k, shortest(*ndcg));
    model.provenance = {{"created_at", now_utc()},
                        {"created_by", "mrec-tune " + version()},
                        {"dataset", options.datasets[dataset_of(options, winner.options)]},
                        {"dataset_sha256", dataset.sha256()},
                        {"study", options.study},
                        {"trial", std::to_string(winner.number)},
                        {"trained_on", kTrainAndValidation},
                        {"ranks", std::to_string(world.size())}};
    world.agree([&] {
      if (!world.is_root()) return;
      model.artist_factors = learnt.artist_factors;
      add_catalogue(model, dataset, "", 10);
    });
    write_model(world, options.model, model, learnt.users);
  };
  const TrialPlan plan{
      .k = options.k, .report_every = 0, .checkpoint = winner.checkpoint, .resumes = true};
  const TrialResult trained = run_trial(
      world, node, data, params, plan,
      {.tell = keep, .after_epoch = [] { return StopSignal::received() == 0; }, .use = write});
  if (trained.paused_at > 0) stop(options, "stopped by a signal while the winner was trained");
  if (ndcg) {
    std::cout << "trained on train and validation: test NDCG@" << options.k << ' '
              << fixed(*ndcg, 4) << '\n';
  }
  std::cout << "wrote " << options.model << '\n';
}

void tune(const Communicator& world, const TuneOptions& options) {
  // 1. The root opens the journal; groups of ranks read their users once.
  const std::vector<DatasetFile> datasets = world.agree([&] {
    std::vector<DatasetFile> files;
    for (const std::string& path : options.datasets) files.emplace_back(path);
    return files;
  });
  const WorkGroups groups(world, options.ranks_per_trial);
  std::optional<StudyRun> study;  // on the root, like what follows
  std::optional<Checkpoints> checkpoints;
  world.agree([&] {
    const Space space = space_of(options);
    const StudyPlan plan = plan_of(options, groups.num_groups());
    if (!world.is_root()) return;
    require_comparable(options, datasets);
    if (!options.model.empty()) require_writable(options.model);
    if (!options.h5.empty()) require_writable(options.h5);
    study.emplace(options.study, options.resume,
                  StudySettings{.metric = "ndcg@" + std::to_string(options.k),
                                .space = space,
                                .identity = made_with(options, datasets)},
                  plan);
    checkpoints.emplace(options.study, study->trials().empty());
  });
  Trainer trainer(options, groups, datasets);
  std::cout << options.study << ": " << options.trials << " trials in " << groups.num_groups()
            << (groups.num_groups() == 1 ? " group" : " groups") << " of "
            << options.ranks_per_trial << (options.ranks_per_trial == 1 ? " rank" : " ranks")
            << std::endl;

  // 2. Trials side by side, then the best ones again.
  std::string winner;
  Repeated how;  // on the root
  {
    std::optional<Trials> trials;
    if (study) trials.emplace(options, *study, *checkpoints);
    share_work(groups, trials ? trials->dispatcher() : Dispatcher{}, std::ref(trainer));
    if (trials) trials->snapshot();
    const bool out_of_time = trials && trials->ends_with_machine();
    // It would be the same when run again.
    if (world.max(out_of_time && !trials->has_begun() ? 1 : 0) != 0) {
      throw Verdict(1, options.study + ": no training would end before --until; give it more time");
    }
    if (world.max(out_of_time ? 1 : 0) != 0) {
      stop(options, "what is left would not end before --until");
    }
    std::optional<Repeats> repeats;
    if (study) {
      if (StopSignal::received() == 0 && !study->is_out_of_time()) study->prune_paused();
      repeats.emplace(options, *study, *checkpoints);
    }
    share_work(groups, repeats ? repeats->dispatcher() : Dispatcher{}, std::ref(trainer));
    if (world.max(StopSignal::received()) != 0) stop(options, "stopped by a signal");
    if (trials) trials->snapshot();
    if (study && !study->best(1).empty()) {
      const std::vector<Repeated> ranking = repeats->ranking();
      tell_winner(options, *study, ranking);
      how = ranking.front();
      const std::int64_t number = how.trial.number;
      winner = to_line(
          TrialTask{.number = number,
                    .options = winning_options(study->space(), how.trial),
                    .seed = seed_of(options.train.seed, number, 0),
                    .checkpoint = checkpoints->path("winner-" + std::to_string(number) + ".h5")});
    }
  }
  winner = world.broadcast(winner);
  if (winner.empty()) {
    throw Verdict(1, options.study + ": no trial is complete; see the errors of the failed ones");
  }

  // 3. All ranks train the winner.
  if (!options.model.empty()) {
    const TrialTask task = task_from(winner);
    train_winner(world, options, datasets[dataset_of(options, task.options)], task, how);
  }
  if (checkpoints && !study->is_out_of_time()) checkpoints->remove_all();
}

}  // namespace

int main(int argc, char** argv) {
  const StopSignal signal;
  TuneOptions options;
  return run_job(argc, argv,
                 {.name = "mrec-tune",
                  .summary = "searches options of mrec-train by trials that run side by side on "
                             "groups of MPI ranks, and trains the winner.\nReads dataset.h5 of "
                             "mrec-prepare; writes study.journal, which holds every trial, and "
                             "model.h5.",
                  .example = "mpirun -np 3 mrec-tune --dataset dataset.h5 --study study.journal "
                             "--model model.h5 --loss ials --solver als --epochs 10 --trials 40"},
                 options.fields(), [&](const Communicator& world) { tune(world, options); });
}
