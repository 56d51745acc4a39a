// dataset.h5 -> model.h5
//   mpirun -np 2 mrec-train --dataset dataset.h5 --loss warp --dim 64 --model model.h5
#include <unistd.h>

#include <chrono>
#include <iostream>

#include "base/output_file.h"
#include "base/text.h"
#include "jobs/clock.h"
#include "jobs/job.h"
#include "jobs/model_file.h"
#include "jobs/stop_signal.h"
#include "model/survey.h"
#include "parallel/als.h"
#include "parallel/checkpoint.h"
#include "parallel/rotation.h"
#include "parallel/training.h"

namespace {

using namespace mrec;

struct Options {
  std::string dataset;
  std::string model;
  std::string survey;
  int survey_size = 10;
  int k = 10;
  int validate_every = 5;
  bool refit = false;
  std::string checkpoint;
  int checkpoint_every = 5;
  double checkpoint_minutes = 0;
  bool resume = false;
  int ranks_per_node = 0;
  bool quiet = false;
  TrainParams train;

  Fields fields() {
    return join(
        {{.name = "dataset",
          .value = &dataset,
          .help = "dataset.h5 of mrec-prepare",
          .required = true},
         {.name = "model",
          .value = &model,
          .help = "model.h5 to write",
          .required = true,
          .writes = true},
         {.name = "survey",
          .value = &survey,
          .help = "file of lines `artist_id <tab> genre`: what new users rank; without it "
                  "known and different artists are chosen"},
         {.name = "survey_size",
          .value = &survey_size,
          .help = "artists in the survey when it is chosen",
          .min = 1,
          .max = 10},
         {.name = "k", .value = &k, .help = "validation: NDCG@k", .min = 1, .max = 10'000},
         {.name = "validate_every",
          .value = &validate_every,
          .help = "epochs between validations; 0: only at the end",
          .min = 0,
          .max = 100'000},
         {.name = "refit",
          .value = &refit,
          .help = "train on train and validation together, once all options are chosen"},
         {.name = "checkpoint",
          .value = &checkpoint,
          .help = "file from which an interrupted training can go on. On SIGTERM or SIGUSR1 "
                  "(which mpirun passes on) it is written after the epoch, and the exit status is "
                  "75: run again with --resume. Send mpirun SIGUSR1: after SIGTERM its own status "
                  "is 1",
          .writes = true},
         {.name = "checkpoint_every",
          .value = &checkpoint_every,
          .help = "epochs between checkpoints; 0: only on a signal. The newest and, as "
                  "FILE.previous, the one before it are kept",
          .min = 0,
          .max = 100'000},
         {.name = "checkpoint_minutes",
          .value = &checkpoint_minutes,
          .help = "a checkpoint also after the first epoch that ends so many minutes after the "
                  "last one; 0: none",
          .min = 0,
          .max = 100'000},
         {.name = "resume",
          .value = &resume,
          .help = "go on from --checkpoint when there is one, with any number of ranks; "
                  "options and data must be those of before"},
         {.name = "ranks_per_node",
          .value = &ranks_per_node,
          .help = "so many ranks that share memory play a node, to see on one machine what several "
                  "nodes do; 0: all of them",
          .min = 0,
          .max = 100'000},
         {.name = "quiet",
          .value = &quiet,
          .help = "no progress; without it a terminal sees every epoch, a log only those "
                  "with a validation"}},
        train.fields());
  }
};

// One line per epoch with what is known of it and how long the rest will take.
class Progress {
 public:
  Progress(const Options& options) : options_(options) {}

  // The epochs and seconds of the run that this one goes on from.
  void resume(int epochs, double seconds) {
    resumed_epochs_ = epochs;
    resumed_seconds_ = seconds;
  }

  void tell(int epoch, const EpochResult& result, std::optional<double> ndcg) {
    if (ndcg) {
      curve_ += (curve_.empty() ? "" : ", ") + std::to_string(epoch) + " " + shortest(*ndcg);
    }
    if (options_.quiet || (!terminal_ && !ndcg)) return;
    const double seconds = since_start();
    const double per_epoch = seconds / (epoch - resumed_epochs_);
    std::cout << "epoch " << epoch << '/' << options_.train.epochs << "  loss "
              << fixed(result.mean_loss, 4) << "  steps " << fixed(100 * result.step_share, 1)
              << " %";
    if (ndcg) std::cout << "  validation NDCG@" << options_.k << ' ' << fixed(*ndcg, 4);
    std::cout << "  " << fixed(resumed_seconds_ + seconds, 1) << " s, about "
              << fixed(per_epoch * (options_.train.epochs - epoch), 1) << " s left" << std::endl;
  }

  // The validations on the way: "5 0.1234, 10 0.2345", epochs and NDCG; of this run alone.
  [[nodiscard]] const std::string& curve() const { return curve_; }

  // Of training, what it goes on from included.
  [[nodiscard]] double seconds() const { return resumed_seconds_ + since_start(); }

 private:
  [[nodiscard]] double since_start() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

  const Options& options_;
  const bool terminal_ = isatty(STDOUT_FILENO) == 1;
  int resumed_epochs_ = 0;
  double resumed_seconds_ = 0;
  std::string curve_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// What is told of a training in the model.
struct Training {
  int num_ranks = 1;
  int num_nodes = 1;
  std::int64_t merge_bytes = 0;  // that nodes have sent to one another
  double seconds = 0;
  std::string curve;  // see Progress
  std::optional<double> ndcg;
};

// On the root: adds the catalogue, survey and provenance.
void complete(const Options& options, const DatasetFile& dataset, const Training& training,
              Artifact& model) {
  add_catalogue(model, dataset, options.survey, options.survey_size);
  if (training.ndcg) {
    const std::string name = "validation_ndcg@" + std::to_string(options.k);
    model.metrics = {{name, shortest(*training.ndcg)}};
    if (!training.curve.empty()) model.metrics.emplace_back(name + "_by_epoch", training.curve);
  }
  model.provenance = {{"created_at", now_utc()},
                      {"created_by", "mrec-train " + version()},
                      {"dataset", options.dataset},
                      {"dataset_sha256", dataset.sha256()},
                      {"trained_on", options.refit ? kTrainAndValidation : "train"},
                      {"ranks", std::to_string(training.num_ranks)},
                      {"nodes", std::to_string(training.num_nodes)},
                      {"merge_bytes", std::to_string(training.merge_bytes)},
                      {"training_seconds", fixed(training.seconds, 3)}};
}

// What a run can go on from, and what it must have in common with it.
class Checkpoints {
 public:
  // `home`: the artists that this rank's node keeps, where it does not keep all.
  Checkpoints(const Communicator& world, const Options& options, const DatasetFile& dataset,
              const TrainingShard& shard, const std::optional<Shard>& home)
      : world_(world), options_(options), place_(place_of(world, shard)) {
    if (home) {
      place_.first_artist = home->begin;
      place_.num_artists = home->size();
    }
    TrainParams params = options.train;  // fields() points into an object that it could change
    for (const Field& field : params.fields()) settings_.emplace_back(field.name, to_text(field));
    settings_.emplace_back("refit", options.refit ? "true" : "false");
    settings_.emplace_back("dataset_sha256", dataset.sha256());
  }

  // Collective.
  [[nodiscard]] std::optional<Checkpoint> load(bool with_artists) {
    if (!options_.resume) return std::nullopt;
    auto saved = load_checkpoint(world_, options_.checkpoint, settings_, place_, with_artists);
    newest_is_damaged_ = saved && !saved->damage.empty();
    return saved;
  }

  // Collective: after an epoch; writes the file when it is time to. Throws a Verdict with status 75
  // (EX_TEMPFAIL of sysexits.h) when a signal on any rank asked for an end.
  template <typename Trainer>
  void after(int epoch, Trainer& trainer, double seconds) {
    if (options_.checkpoint.empty()) return;
    const int signal = epoch < options_.train.epochs ? world_.max(StopSignal::received()) : 0;
    const int every = options_.checkpoint_every;
    const bool is_due = every > 0 && epoch % every == 0;
    if (signal == 0 && !is_due && !is_late()) return;
    if constexpr (requires { trainer.state_rows(); }) {
      save(trainer.state_rows(), seconds);
    } else {
      const TrainerState state = trainer.state();
      save(rows_of(world_, state), seconds);
    }
    if (signal == 0) return;
    throw Verdict(75, "stopped by signal " + std::to_string(signal) + " after epoch " +
                          std::to_string(epoch) + " of " + std::to_string(options_.train.epochs) +
                          "; " + options_.checkpoint + " is written: run again with --resume");
  }

 private:
  // Collective: whether --checkpoint_minutes have passed on any rank since the last checkpoint.
  [[nodiscard]] bool is_late() const {
    if (options_.checkpoint_minutes == 0) return false;
    const std::chrono::duration<double, std::ratio<60>> passed =
        std::chrono::steady_clock::now() - last_;
    return world_.max(passed.count() >= options_.checkpoint_minutes ? 1 : 0) != 0;
  }

  // Collective.
  void save(const TrainerRows& rows, double seconds) {
    save_checkpoint(world_, options_.checkpoint, settings_, place_, rows, seconds,
                    newest_is_damaged_);
    newest_is_damaged_ = false;
    last_ = std::chrono::steady_clock::now();
  }

  static RowPlace place_of(const Communicator& world, const TrainingShard& shard) {
    return {.first_user = shard.first_user,
            .num_users = shard.num_users(),
            .first_tag = world.sum_before(std::int64_t{shard.num_tags}),
            .num_tags = shard.num_tags};
  }

  const Communicator& world_;
  const Options& options_;
  RowPlace place_;
  RunSettings settings_;
  bool newest_is_damaged_ = false;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

// Collective: trains.
template <typename Trainer>
void run(const Communicator& world, const Communicator& node, const Options& options,
         const RankData& data, Checkpoints& checkpoints, Progress& progress, Trainer& trainer) {
  const int epochs = options.train.epochs;
  const int averaged = static_cast<int>(options.train.averaging * epochs);
  int done = 0;
  if (const std::optional<Checkpoint> saved = checkpoints.load(node.is_root())) {
    trainer.restore(saved->state);
    done = saved->state.epoch;
    progress.resume(done, saved->seconds);
    if (!saved->damage.empty()) std::cout << saved->damage << "; the one before it is taken\n";
    std::cout << options.checkpoint << ": goes on after epoch " << done << '\n';
  } else if (options.resume) {
    std::cout << options.checkpoint << ": is not there yet; training starts at the beginning\n";
  }
  for (int epoch = done + 1; epoch <= epochs; ++epoch) {
    if constexpr (requires { trainer.start_averaging(); }) {
      if (averaged > 1 && epoch == epochs - averaged + 1) trainer.start_averaging();
    }
    const EpochResult result = trainer.epoch();
    const bool validate = options.validate_every > 0 && epoch % options.validate_every == 0;
    progress.tell(
        epoch, result,
        validate ? validation_ndcg(world, data, parameters_of(trainer), options.k) : std::nullopt);
    checkpoints.after(epoch, trainer, progress.seconds());
  }
  trainer.finish();
}

// Collective: the root writes the model, while the users are still where the trainer has them. The
// interactions are given back first.
template <typename Trainer>
void finish(const Communicator& world, const Options& options, const DatasetFile& dataset,
            RankData& data, Training& training, const Trainer& trainer) {
  if constexpr (requires { trainer.bytes_sent(); }) training.merge_bytes = trainer.bytes_sent();
  if (training.merge_bytes > 0) {
    std::cout << "between nodes: " << fixed(static_cast<double>(training.merge_bytes) / 1e6, 1)
              << " MB sent in all\n";
  }
  const Parameters learnt = parameters_of(trainer);
  training.ndcg = validation_ndcg(world, data, learnt, options.k);
  Artifact model = collect_model(world, data, learnt, options.train);
  for (Interactions* part : {&data.train, &data.valid}) SparseMatrix().swap(part->weights);
  model.new_artists = fit_new_artist_map(world, dataset, model.artist_listeners, learnt);
  world.agree([&] {
    if (!world.is_root()) return;
    model.artist_factors = learnt.artist_factors;
    complete(options, dataset, training, model);
  });
  write_model(world, options.model, model, learnt.users);
  if (training.ndcg) {
    std::cout << "validation NDCG@" << options.k << ' ' << fixed(*training.ndcg, 4) << '\n';
  }
  std::cout << "wrote " << options.model << " after " << fixed(training.seconds, 1)
            << " s of training\n";
}

void train(const Communicator& world, const Options& options) {
  // 1. Every rank reads the rows of its own users; only the root reads more, to check the sum.
  world.agree([&] {
    options.train.check();
    if (options.resume && options.checkpoint.empty()) {
      throw InputError("--resume goes on from a file: name it with --checkpoint");
    }
    if (world.is_root()) {
      require_writable(options.model);
      if (!options.checkpoint.empty()) require_writable(options.checkpoint);
    }
    if (world.is_root()) {
      const DatasetFile whole(options.dataset);
      if (!options.survey.empty()) static_cast<void>(read_survey(options.survey, whole.artists()));
    }
  });
  const DatasetFile dataset =
      world.agree([&] { return DatasetFile(options.dataset, h5::Sum::kTrust); });
  RankData data = world.agree([&] { return read_rank_data(dataset, world.rank(), world.size()); });
  if (options.refit) join_validation(world, data);
  const Communicator machine = world.split_by_node();
  const Communicator node =
      machine.split(options.ranks_per_node > 0 ? machine.rank() / options.ranks_per_node : 0);
  Training training{.num_ranks = world.size(),
                    .num_nodes = static_cast<int>(world.sum(std::int64_t{node.is_root()}))};
  const auto interactions = world.sum(std::int64_t{data.train.weights.nonZeros()});
  if (interactions == 0) {
    throw Verdict(2, options.dataset + ": the training part is empty; nothing can be learnt");
  }
  if (options.train.rotates() && training.num_nodes > options.train.blocks) {
    throw Verdict(2, "blocks = " + std::to_string(options.train.blocks) + " are fewer than the " +
                         std::to_string(training.num_nodes) + " nodes; raise --blocks");
  }
  if (options.train.rotates() &&
      2 * std::int64_t{options.train.blocks} > data.train.weights.cols()) {
    throw Verdict(2, "blocks = " + std::to_string(options.train.blocks) +
                         " leave most of them with one of the " +
                         std::to_string(data.train.weights.cols()) +
                         " artists, which then is compared with none; lower --blocks");
  }
  const std::optional<Metadata> metadata = world.agree([&]() -> std::optional<Metadata> {
    if (!options.train.has_metadata()) return std::nullopt;
    const FeatureMatrix features = dataset.features();
    if (features.values.cols() == 0) {
      throw InputError(options.dataset + ": has no metadata features; use --features identity");
    }
    return centred(features, options.train.metadata_scale, options.train.standardize);
  });
  std::cout << options.dataset << ": " << dataset.num_users() << " users, " << dataset.num_artists()
            << " artists, " << interactions << " training interactions; " << world.size()
            << " ranks on " << training.num_nodes << (training.num_nodes > 1 ? " nodes" : " node")
            << '\n';

  // 2. All ranks train together. 3. The root writes the model.
  Progress progress(options);
  const auto run_with = [&](const TrainingShard& shard, auto& trainer) {
    std::optional<Shard> home;
    if constexpr (requires { trainer.home(); }) home = trainer.home();
    Checkpoints checkpoints(world, options, dataset, shard, home);
    run(world, node, options, data, checkpoints, progress, trainer);
    training.seconds = progress.seconds();
    training.curve = progress.curve();
    finish(world, options, dataset, data, training, trainer);
  };
  if (!options.train.is_square()) {
    const TrainingShard shard{data.train.weights, data.shard.begin, data.first_interaction};
    if (options.train.rotates()) {
      RotationTrainer trainer(world, node, shard, options.train);
      run_with(shard, trainer);
    } else {
      HogwildTrainer trainer(world, node, shard, metadata ? &*metadata : nullptr, options.train);
      run_with(shard, trainer);
    }
    return;
  }
  const SparseMatrix tags = world.agree([&]() -> SparseMatrix { return dataset.tags(); });
  const SquareShape square = to_square_data(world, data.train.weights, tags, options.train);
  const TrainingShard rows{data.train.weights, data.shard.begin, square.first_pair,
                           square.num_tags};
  if (options.train.solver == "als") {
    AlsTrainer trainer(world, node, rows, options.train);
    run_with(rows, trainer);
  } else {
    HogwildTrainer trainer(world, node, rows, nullptr, options.train);
    run_with(rows, trainer);
  }
}

}  // namespace

int main(int argc, char** argv) {
  StopSignal signal;
  Options options;
  return run_job(argc, argv,
                 {.name = "mrec-train",
                  .summary = "trains a model. Users are divided among the ranks, which update the "
                             "artists' parameters in shared memory without locks.\n"
                             "Reads dataset.h5 of mrec-prepare, writes model.h5 for mrec-evaluate, "
                             "mrec-recommend and mrec-serve.",
                  .example = "mpirun -np 2 mrec-train --dataset dataset.h5 --model model.h5"},
                 options.fields(), [&](const Communicator& world) {
                   if (options.checkpoint.empty()) signal.give_up();
                   train(world, options);
                 });
}
