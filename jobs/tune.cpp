// dataset.h5 -> study.journal (every trial) and model.h5 (the best, trained on all allowed data)
//   mpirun -np 3 mrec-tune --dataset dataset.h5 --study study.journal --model model.h5 --trials 40
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <map>
#include <numeric>
#include <optional>
#include <set>

#include "base/output_file.h"
#include "base/random.h"
#include "base/text.h"
#include "jobs/clock.h"
#include "jobs/job.h"
#include "jobs/model_file.h"
#include "jobs/stop_signal.h"
#include "parallel/trial.h"
#include "parallel/work_queue.h"
#include "tune/default_space.h"
#include "tune/message.h"
#include "tune/study_run.h"

namespace {

using namespace mrec;
using TrainOptions = std::map<std::string, std::string>;

struct Options {
  std::string dataset;
  std::string study;
  std::string model;
  std::string space;
  std::vector<std::string> search;
  bool resume = false;
  int trials = 50;
  double minutes = 0;
  int ranks_per_trial = 1;
  int k = 10;
  int report_every = 5;
  int top = 5;
  int repeats = 3;
  bool quiet = false;
  SamplerParams sampler;
  PrunerParams pruner;
  TrainParams train;

  // Promotion needs trials that pause.
  Fields pruner_fields() {
    Fields fields = pruner.fields();
    for (Field& field : fields) std::erase(field.choices, "asha");
    return fields;
  }

  Fields fields() {
    Fields own{
        {.name = "dataset",
         .value = &dataset,
         .help = "dataset.h5 of mrec-prepare, with a validation part",
         .required = true},
        {.name = "study",
         .value = &study,
         .help = "journal of all trials, which Optuna reads, too, also while the study runs",
         .required = true},
        {.name = "model",
         .value = &model,
         .help = "model.h5 to write: the winner, trained on train and validation; without it the "
                 "study alone"},
        {.name = "space", .value = &space, .help = "TOML file that says what is searched"},
        {.name = "search",
         .value = &search,
         .help = "an option of mrec-train to search, in place of --space or beside it: "
                 "dim=int:16:128:16, learning_rate=float:0.01:0.2:log, loss=cat:warp,bpr; without "
                 "any, what matters for --loss"},
        {.name = "resume",
         .value = &resume,
         .help = "go on with the study when it is there; what was searched must be the same"},
        {.name = "trials",
         .value = &trials,
         .help = "trials to finish in all, whatever the number of ranks and runs",
         .min = 1,
         .max = 1'000'000},
        {.name = "minutes",
         .value = &minutes,
         .help = "no trial begins that would, as the longest so far, end after so many minutes; 0: "
                 "no limit",
         .min = 0,
         .max = 1e6},
        {.name = "ranks_per_trial",
         .value = &ranks_per_trial,
         .help = "ranks that train a trial together; of more than two ranks, one hands trials out",
         .min = 1,
         .max = 100'000},
        {.name = "k", .value = &k, .help = "NDCG@k of validation decides", .min = 1, .max = 10'000},
        {.name = "report_every",
         .value = &report_every,
         .help = "epochs between validations, at which a trial may be pruned; 0: only at the end",
         .min = 0,
         .max = 100'000},
        {.name = "top",
         .value = &top,
         .help = "so many of the best trials are trained again with fresh seeds, and the best mean "
                 "wins; 1: the best trial wins as it is",
         .min = 1,
         .max = 1'000},
        {.name = "repeats",
         .value = &repeats,
         .help = "fresh seeds for each of them",
         .min = 1,
         .max = 1'000},
        {.name = "quiet", .value = &quiet, .help = "no progress"}};
    // One seed decides all.
    Fields of_sampler = sampler.fields();
    std::erase_if(of_sampler, [](const Field& field) { return field.name == "seed"; });
    return join(join(join(std::move(own), of_sampler), pruner_fields()), train.fields());
  }
};

// The parameters of a trial.
TrainParams params_of(const Options& options, const TrainOptions& values, std::int64_t seed) {
  TrainParams params = options.train;
  const Fields fields = params.fields();
  for (const auto& [name, text] : values) {
    const auto field = std::ranges::find(fields, name, &Field::name);
    if (field == fields.end()) throw InputError("mrec-train has no option '" + name + "'");
    set(*field, text);
  }
  params.seed = seed;
  return params;
}

TrainOptions values_of(const Space& space, const Configuration& configuration) {
  TrainOptions values;
  for (std::size_t p = 0; p < space.size(); ++p) {
    if (std::isnan(configuration[p])) continue;
    const Param& param = space.params()[p];
    values[param.name] = to_text(param.distribution, configuration[p]);
  }
  return values;
}

// Every value of the space must be one of mrec-train's.
void check_space(const Options& options, const Space& space) {
  for (const Param& param : space.params()) {
    if (param.name == "epochs" || param.name == "seed") {
      throw InputError("search: '" + param.name + "' is not to be searched: " +
                       (param.name == "seed" ? "every trial has its own"
                                             : "--epochs is what a trial may spend; with "
                                               "--averaging 0 the best report counts"));
    }
    std::vector<double> ends{param.distribution.low, param.distribution.high};
    if (param.distribution.is_categorical()) {
      ends.resize(param.distribution.choices.size());
      std::iota(ends.begin(), ends.end(), 0);
    }
    for (const double end : ends) {
      params_of(options, {{param.name, to_text(param.distribution, end)}}, 1);
    }
  }
}

// A seed for a trial, and for every time that it is trained again.
std::int64_t seed_of(std::int64_t study_seed, std::int64_t trial, int repeat) {
  Rng rng(static_cast<std::uint64_t>(study_seed), static_cast<std::uint64_t>(trial),
          static_cast<std::uint64_t>(repeat));
  return 1 + static_cast<std::int64_t>(rng.next() >> 2U);
}

// What a group does.
class Trainer {
 public:
  Trainer(const Options& options, const WorkGroups& groups, const DatasetFile& dataset)
      : options_(options), groups_(groups) {
    if (groups.index() >= 0) data_.emplace(read_trial_data(groups.group(), dataset));
  }

  std::string operator()(const std::string& line, const Tell& tell,
                         const std::function<void()>& serve) const {
    const TrialTask task = task_from(line);
    TrialOutcome outcome{.number = task.number, .repeat = task.repeat};
    const auto begin = std::chrono::steady_clock::now();
    try {
      const TrainParams params = params_of(options_, task.options, task.seed);
      // The best report counts where training could have ended there just as well.
      const bool any_epoch = params.averaging == 0 || params.solver == "als";
      const auto report = [&](const TrialReport& made) {
        if (made.ndcg > outcome.value || outcome.step == 0 || !any_epoch) {
          outcome.step = made.epoch;
          outcome.value = made.ndcg;
        }
        return tell(
            to_line(TrialNews{.number = task.number, .step = made.epoch, .value = made.ndcg}));
      };
      const TrialResult trained = run_trial(groups_.group(), groups_.node(), *data_, params,
                                            options_.k, options_.report_every, report, serve);
      if (trained.stopped) outcome.kind = TrialOutcome::Kind::kStopped;
    } catch (const InputError& error) {
      outcome.kind = TrialOutcome::Kind::kFailed;
      outcome.why = error.what();
    } catch (const Verdict& error) {
      outcome.kind = TrialOutcome::Kind::kFailed;
      outcome.why = error.what();
    }
    outcome.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return to_line(outcome);
  }

 private:
  const Options& options_;
  const WorkGroups& groups_;
  std::optional<TrialData> data_;
};

const char* name_of(TrialState state) {
  switch (state) {
    case TrialState::kComplete:
      return "complete";
    case TrialState::kPruned:
      return "pruned";
    case TrialState::kFail:
      return "failed";
    default:
      return "unfinished";
  }
}

// On rank 0: says what happens, one line for each trial that ends.
class Progress {
 public:
  explicit Progress(const Options& options) : options_(options) {}

  [[nodiscard]] double minutes() const { return seconds() / 60; }

  void tell(const StudyRun& study, const Trial& trial, double trial_seconds) {
    if (options_.quiet) return;
    ++ended_;
    std::cout << "trial " << trial.number << "  " << name_of(trial.state);
    if (trial.state == TrialState::kComplete) std::cout << ' ' << fixed(trial.value, 4);
    std::cout << "  " << fixed(trial_seconds, 1) << " s";
    for (const Trial& best : study.best(1)) {
      std::cout << "  best " << fixed(best.value, 4) << " (trial " << best.number << ')';
    }
    const double left = static_cast<double>(options_.trials - study.num_finished());
    std::cout << "  " << study.num_finished() << '/' << options_.trials << ", about "
              << fixed(seconds() / ended_ * left, 0) << " s left" << std::endl;
  }

 private:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

  const Options& options_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  int ended_ = 0;
};

// On rank 0: hands out the trials of the study.
class Trials {
 public:
  Trials(const Options& options, StudyRun& study, Progress& progress)
      : options_(options), study_(study), progress_(progress) {}

  [[nodiscard]] Dispatcher dispatcher() {
    return {.next = [this](int /*group*/) { return next(); },
            .is_over = [this] { return is_closed() || study_.is_over(); },
            .report = [this](int /*group*/, const std::string& text) { return report(text); },
            .done = [this](int group, const std::string& text) { done(group, text); }};
  }

 private:
  // No trial begins any more: a signal came, or it would not end in time.
  [[nodiscard]] bool is_closed() const {
    if (StopSignal::received() != 0) return true;
    return options_.minutes > 0 && progress_.minutes() + longest_ / 60 > options_.minutes;
  }

  std::optional<std::string> next() {
    if (is_closed()) return std::nullopt;
    const std::optional<Trial> trial = study_.next();
    if (!trial) return std::nullopt;
    return to_line(TrialTask{.number = trial->number,
                             .options = values_of(study_.space(), trial->configuration),
                             .seed = seed_of(options_.train.seed, trial->number, 0)});
  }

  bool report(const std::string& line) {
    const TrialNews news = news_from(line);
    const bool goes_on = study_.report(news.number, news.step, news.value);
    if (!goes_on) pruned_.insert(news.number);
    return goes_on && StopSignal::received() == 0;
  }

  void done(int group, const std::string& line) {
    const TrialOutcome outcome = outcome_from(line);
    longest_ = std::max(longest_, outcome.seconds);
    TrainOptions facts{{"seconds", fixed(outcome.seconds, 3)}, {"group", std::to_string(group)}};
    if (outcome.kind == TrialOutcome::Kind::kFailed) {
      study_.fail(outcome.number, outcome.why);
    } else if (pruned_.contains(outcome.number)) {
      study_.prune(outcome.number, facts);
    } else if (outcome.kind == TrialOutcome::Kind::kStopped) {
      return;  // by a signal: it stays begun, and runs again when the study goes on
    } else {
      facts["epochs"] = std::to_string(outcome.step);
      study_.complete(outcome.number, outcome.value, facts);
    }
    progress_.tell(study_, study_.trial(outcome.number), outcome.seconds);
  }

  const Options& options_;
  StudyRun& study_;
  Progress& progress_;
  std::set<std::int64_t> pruned_;
  double longest_ = 0;  // seconds
};

// What the winner is trained by: its options, and the epochs after which it did best.
TrainOptions winning_options(const Space& space, const Trial& trial) {
  TrainOptions values = values_of(space, trial.configuration);
  const auto epochs = trial.attributes.find("epochs");
  if (epochs != trial.attributes.end()) values["epochs"] = epochs->second;
  return values;
}

// How a trial did with fresh seeds.
struct Repeated {
  Trial trial;
  std::vector<double> values;

  [[nodiscard]] double mean() const {
    if (values.empty()) return trial.value;
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  }
  // Standard error of the mean.
  [[nodiscard]] double error() const {
    if (values.size() < 2) return 0;
    double squares = 0;
    for (const double value : values) squares += (value - mean()) * (value - mean());
    const auto n = static_cast<double>(values.size());
    return std::sqrt(squares / (n - 1) / n);
  }
};

// On rank 0: trains the best trials again.
class Repeats {
 public:
  Repeats(const Options& options, StudyRun& study) : options_(options), study_(study) {
    for (Trial& trial : study.best(options.top)) repeated_.push_back({std::move(trial), {}});
    if (options.top == 1) return;
    for (std::size_t i = 0; i < repeated_.size(); ++i) {
      for (int repeat = 1; repeat <= options.repeats; ++repeat) {
        const std::string known = study.attribute(key(repeated_[i].trial.number, repeat));
        if (known.empty()) {
          tasks_.push_back({i, repeat});
        } else {
          repeated_[i].values.push_back(std::stod(known));
        }
      }
    }
    std::ranges::reverse(tasks_);
  }

  [[nodiscard]] Dispatcher dispatcher() {
    return {.next = [this](int /*group*/) { return next(); },
            .is_over = [this] { return tasks_.empty() || StopSignal::received() != 0; },
            .report = [](int /*group*/,
                         const std::string& /*text*/) { return StopSignal::received() == 0; },
            .done = [this](int /*group*/, const std::string& text) { done(text); }};
  }

  // The best mean first.
  [[nodiscard]] std::vector<Repeated> ranking() const {
    std::vector<Repeated> ranked = repeated_;
    std::ranges::stable_sort(ranked, std::ranges::greater{}, &Repeated::mean);
    return ranked;
  }

 private:
  static std::string key(std::int64_t trial, int repeat) {
    return "repeat:" + std::to_string(trial) + ":" + std::to_string(repeat);
  }

  std::optional<std::string> next() {
    if (tasks_.empty() || StopSignal::received() != 0) return std::nullopt;
    const auto [i, repeat] = tasks_.back();
    tasks_.pop_back();
    const Trial& trial = repeated_[i].trial;
    return to_line(TrialTask{.number = trial.number,
                             .repeat = repeat,
                             .options = winning_options(study_.space(), trial),
                             .seed = seed_of(options_.train.seed, trial.number, repeat)});
  }

  void done(const std::string& line) {
    const TrialOutcome outcome = outcome_from(line);
    if (outcome.kind == TrialOutcome::Kind::kStopped) return;
    const auto repeated = std::ranges::find_if(
        repeated_, [&](const Repeated& one) { return one.trial.number == outcome.number; });
    // A training that fails with another seed is worth nothing.
    const double value = outcome.kind == TrialOutcome::Kind::kFailed ? 0 : outcome.value;
    repeated->values.push_back(value);
    study_.set_attribute(key(outcome.number, outcome.repeat), shortest(value));
  }

  const Options& options_;
  StudyRun& study_;
  std::vector<Repeated> repeated_;
  std::vector<std::pair<std::size_t, int>> tasks_;  // those to come, the next one last
};

void tell_winner(const Options& options, const StudyRun& study,
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

// Collective: trains the winner by all ranks on train and validation, tests it once, writes it. The
// root knows `how` it did before.
void train_winner(const Communicator& world, const Options& options, const DatasetFile& dataset,
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
  run_trial(world, node, data, params, options.k, 0, keep, {}, [&](const Parameters& learnt) {
    Artifact model = collect_model(world, data.rows, learnt, params);
    model.new_artists = fit_new_artist_map(world, dataset, model);
    const std::string at_k = "ndcg@" + std::to_string(options.k);
    model.metrics = {{"validation_" + at_k, shortest(how.mean())},
                     {"search_" + at_k, shortest(how.trial.value)}};
    if (ndcg) model.metrics.emplace_back("test_" + at_k, shortest(*ndcg));
    model.provenance = {{"created_at", now_utc()},
                        {"created_by", "mrec-tune " + version()},
                        {"dataset", options.dataset},
                        {"dataset_sha256", dataset.sha256()},
                        {"study", options.study},
                        {"trial", std::to_string(winner.number)},
                        {"trained_on", "train and validation"},
                        {"ranks", std::to_string(world.size())}};
    world.agree([&] { add_catalogue(model, dataset, "", 10); });
    write_model(world, options.model, model, learnt.users);
  });
  if (ndcg) {
    std::cout << "trained on train and validation: test NDCG@" << options.k << ' '
              << fixed(*ndcg, 4) << '\n';
  }
  std::cout << "wrote " << options.model << '\n';
}

Space space_of(const Options& options) {
  Space space;
  if (!options.space.empty()) space = read_space(options.space);
  if (options.space.empty() && options.search.empty())
    space = default_space(options.train.loss, options.train.solver);
  std::vector<Param> more;
  for (const std::string& flag : options.search) more.push_back(parse_param(flag));
  space = with(space, more);
  check_space(options, space);
  return space;
}

// What must be the same when a study goes on: all that decides what a trial is worth.
TrainOptions made_with(const Options& options, const DatasetFile& dataset) {
  TrainOptions settings{{"dataset_sha256", dataset.sha256()},
                        {"k", std::to_string(options.k)},
                        {"report_every", std::to_string(options.report_every)}};
  TrainParams params = options.train;  // fields() points into an object that it could change
  for (const Field& field : params.fields())
    settings.emplace("train." + field.name, to_text(field));
  return settings;
}

void tune(const Communicator& world, Options options) {
  // 1. The root opens the journal; groups of ranks read their users once.
  options.sampler.seed = options.train.seed;
  const DatasetFile dataset = world.agree([&] { return DatasetFile(options.dataset); });
  std::optional<StudyRun> study;
  world.agree([&] {
    const Space space = space_of(options);
    if (dataset.row_offsets("valid").back() == 0) {
      throw InputError(options.dataset +
                       ": has no validation part, by which trials are judged; make one with "
                       "mrec-prepare --split");
    }
    if (!world.is_root()) return;
    if (!options.model.empty()) require_writable(options.model);
    study.emplace(options.study, options.resume,
                  StudySettings{.metric = "ndcg@" + std::to_string(options.k),
                                .space = space,
                                .identity = made_with(options, dataset)},
                  options.sampler, options.pruner, options.trials);
  });
  const WorkGroups groups(world, options.ranks_per_trial);
  const Trainer trainer(options, groups, dataset);
  const StopSignal signal;
  std::cout << options.study << ": " << options.trials << " trials in " << groups.num_groups()
            << (groups.num_groups() == 1 ? " group" : " groups") << " of "
            << options.ranks_per_trial << (options.ranks_per_trial == 1 ? " rank" : " ranks")
            << std::endl;

  // 2. Trials side by side, then the best ones again.
  std::string winner;
  Repeated how;  // on the root
  {
    Progress progress(options);
    std::optional<Trials> trials;
    if (study) trials.emplace(options, *study, progress);
    share_work(groups, trials ? trials->dispatcher() : Dispatcher{}, std::cref(trainer));
    std::optional<Repeats> repeats;
    if (study) repeats.emplace(options, *study);
    share_work(groups, repeats ? repeats->dispatcher() : Dispatcher{}, std::cref(trainer));
    if (world.max(StopSignal::received()) != 0) {
      throw Verdict(75,
                    "stopped by a signal; " + options.study + " is whole: run again with --resume");
    }
    if (study && !study->best(1).empty()) {
      const std::vector<Repeated> ranking = repeats->ranking();
      tell_winner(options, *study, ranking);
      how = ranking.front();
      winner = to_line(TrialTask{.number = how.trial.number,
                                 .options = winning_options(study->space(), how.trial),
                                 .seed = seed_of(options.train.seed, how.trial.number, 0)});
    }
  }
  winner = world.broadcast(winner);
  if (winner.empty()) {
    throw Verdict(1, options.study + ": no trial is complete; see the errors of the failed ones");
  }

  // 3. All ranks train the winner.
  if (!options.model.empty()) train_winner(world, options, dataset, task_from(winner), how);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
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
