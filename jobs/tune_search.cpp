#include "jobs/tune_search.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <ctime>
#include <iostream>
#include <numeric>

#include "base/cli.h"
#include "base/error.h"
#include "base/text.h"
#include "jobs/stop_signal.h"
#include "tune/cost.h"
#include "tune/export.h"
#include "tune/study_table.h"

namespace mrec {
namespace {

std::int64_t microseconds_now() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string fact_of(const Trial& trial, const std::string& name) {
  const auto found = trial.attributes.find(name);
  return found == trial.attributes.end() ? "" : found->second;
}

std::string checkpoint_of(std::int64_t number, int repeat = 0) {
  return std::to_string(number) + (repeat == 0 ? "" : "." + std::to_string(repeat)) + ".h5";
}

}  // namespace

std::size_t dataset_of(const TuneOptions& options, const TrainOptions& values) {
  const auto chosen = values.find(kDatasetParam);
  if (chosen == values.end()) return 0;
  const auto place = std::ranges::find(options.datasets, chosen->second);
  return static_cast<std::size_t>(place - options.datasets.begin());
}

const TrialData& Trainer::data_for(const TrainOptions& values) {
  const std::size_t place = dataset_of(options_, values);
  if (data_[place]) return *data_[place];
  try {
    data_[place].emplace(read_trial_data(groups_.group(), datasets_[place]));
  } catch (const Verdict& verdict) {
    throw Error(verdict.what());  // of this group alone: as a verdict it would wait for all ranks
  }
  return *data_[place];
}

std::string Trainer::operator()(const std::string& line, const Tell& tell, const Serve& serve) {
  const TrialTask task = task_from(line);
  TrialOutcome outcome{.number = task.number, .repeat = task.repeat};
  const TrialData& data = data_for(task.options);
  const auto begin = std::chrono::steady_clock::now();
  try {
    const TrainParams params = params_of(options_, task.options, task.seed);
    const auto report = [&](const TrialReport& made) {
      outcome.step = made.epoch;
      outcome.value = made.ndcg;
      return tell(
          to_line(TrialNews{.number = task.number, .step = made.epoch, .value = made.ndcg}));
    };
    const TrialPlan plan{.k = options_.k,
                         .report_every = task.report_every,
                         .to_epoch = task.to_epoch,
                         .checkpoint = task.checkpoint,
                         .resumes = task.resumes};
    const TrialResult trained =
        run_trial(groups_.group(), groups_.node(), data, params, plan,
                  {.tell = report, .after_epoch = serve, .within_epoch = [&] {
                     if (serve) serve();
                   }});
    outcome.resumed_at = trained.resumed_at;
    if (trained.stopped) outcome.kind = TrialOutcome::Kind::kStopped;
    if (trained.paused_at > 0) {
      outcome.kind = TrialOutcome::Kind::kPaused;
      outcome.step = trained.paused_at;
    }
  } catch (const InputError& error) {
    outcome.kind = TrialOutcome::Kind::kFailed;
    outcome.why = error.what();
  } catch (const Verdict& error) {
    outcome.kind = TrialOutcome::Kind::kFailed;
    outcome.why = error.what();
  }
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return to_line(outcome);
}

Checkpoints::Checkpoints(const std::string& study, bool is_new) : directory_(study + ".ckpt") {
  if (is_new) remove_all();
  std::filesystem::create_directories(directory_);
}

std::string Checkpoints::path(const std::string& name) const { return directory_ / name; }

bool Checkpoints::has(const std::string& name) const {
  return std::filesystem::exists(directory_ / name);
}

void Checkpoints::remove(const std::string& name) const {
  std::filesystem::remove(directory_ / name);
}

void Checkpoints::remove_trials(const std::function<bool(std::int64_t number)>& needed) const {
  for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
    const std::string name = entry.path().filename();
    std::int64_t number = 0;
    const auto [rest, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error == std::errc() && std::string(rest) == ".h5" && !needed(number)) remove(name);
  }
}

void Checkpoints::remove_all() const { std::filesystem::remove_all(directory_); }

void Progress::tell(const StudyRun& study, const Trial& trial, double trial_seconds,
                    const std::string& note) {
  if (options_.quiet) return;
  const bool is_over = is_finished(trial.state);
  std::cout << "trial " << trial.number << "  "
            << (is_over ? std::string(name_of(trial.state))
                        : "paused after epoch " + std::to_string(trial.paused_at));
  if (trial.state == TrialState::kComplete) std::cout << ' ' << fixed(trial.value, 4);
  if (!is_over && !trial.intermediate.empty()) {
    std::cout << ' ' << fixed(trial.intermediate.rbegin()->second, 4);
  }
  std::cout << "  " << fixed(trial_seconds, 1) << " s" << note;
  for (const Trial& best : study.best(1)) {
    std::cout << "  best " << fixed(best.value, 4) << " (trial " << best.number << ')';
  }
  std::cout << "  " << study.num_finished() << '/' << options_.trials;
  if (is_over) {
    ++ended_;
    const double left = static_cast<double>(options_.trials - study.num_finished());
    std::cout << ", about " << fixed(seconds() / static_cast<double>(ended_) * left, 0)
              << " s left";
  }
  std::cout << std::endl;
}

Trials::Trials(const TuneOptions& options, StudyRun& study, const Checkpoints& checkpoints)
    : options_(options), study_(study), checkpoints_(checkpoints), progress_(options) {
  checkpoints_.remove_trials(
      [&](std::int64_t number) { return study_.may_go_on(study_.trial(number)); });
}

Dispatcher Trials::dispatcher() {
  return {.next = [this](int /*group*/) { return next(); },
          .is_over = [this] { return is_closed() || study_.is_over(); },
          .report = [this](int /*group*/, const std::string& text) { return report(text); },
          .done = [this](int group, const std::string& text) { done(group, text); },
          .pauses = [] { return StopSignal::received() != 0; }};
}

// No training begins any more: a signal came, or it would not end in time.
bool Trials::is_closed() const { return StopSignal::received() != 0 || study_.is_out_of_time(); }

bool Trials::fits(const Configuration& configuration, int from_step, int to_step) {
  if (options_.minutes == 0 && options_.until == 0) return true;
  constexpr double kSigmas = 2;
  constexpr double kMinute = 60;
  const CostModel cost(study_.space(), study_.trials());
  const double needed = cost.seconds(configuration, to_step - from_step, kSigmas).value_or(0);
  ends_with_machine_ = options_.until > 0 && static_cast<double>(std::time(nullptr)) + needed >
                                                 static_cast<double>(options_.until);
  return !ends_with_machine_ &&
         (options_.minutes == 0 || progress_.seconds() + needed <= options_.minutes * kMinute);
}

std::optional<std::string> Trials::next() {
  if (is_closed()) return std::nullopt;
  const std::optional<TrialRun> run =
      study_.next([this](const Configuration& configuration, int from_step, int to_step) {
        return fits(configuration, from_step, to_step);
      });
  if (!run) return std::nullopt;
  const Trial& trial = run->trial;
  has_begun_ = true;
  begun_[trial.number] = {.at = microseconds_now()};
  return to_line(TrialTask{.number = trial.number,
                           .options = values_of(study_.space(), trial.configuration),
                           .seed = seed_of(options_.train.seed, trial.number, 0),
                           .to_epoch = run->to_step,
                           .report_every = options_.report_every,
                           .checkpoint = checkpoints_.path(checkpoint_of(trial.number)),
                           .resumes = run->from_step > 0});
}

bool Trials::report(const std::string& line) {
  const TrialNews news = news_from(line);
  const bool goes_on = study_.report(news.number, news.step, news.value);
  if (!goes_on) begun_[news.number].pruned = true;
  snapshot_when_due();
  return goes_on;
}

void Trials::complete(const TrialOutcome& outcome, TrainOptions facts) {
  const Trial& trial = study_.trial(outcome.number);
  int step = outcome.step;
  double value = outcome.value;
  if (ends_anywhere(params_of(options_, values_of(study_.space(), trial.configuration), 1))) {
    for (const auto& [reported_step, reported] : trial.intermediate) {
      if (reported > value || (reported == value && reported_step < step)) {
        step = reported_step;
        value = reported;
      }
    }
  }
  facts["epochs"] = std::to_string(step);
  study_.complete(outcome.number, value, facts);
}

void Trials::done(int group, const std::string& line) {
  const TrialOutcome outcome = outcome_from(line);
  const Trial& before = study_.trial(outcome.number);
  const Begun begun = begun_[outcome.number];
  begun_.erase(outcome.number);
  const std::string earlier = fact_of(before, "seconds");
  TrainOptions facts{
      {"seconds", fixed((earlier.empty() ? 0 : std::stod(earlier)) + outcome.seconds, 3)},
      {"group", std::to_string(group)}};
  const bool is_paused = outcome.kind == TrialOutcome::Kind::kPaused;
  if (const std::string runs = fact_of(before, "runs"); is_paused || !runs.empty()) {
    facts["runs"] = runs + (runs.empty() ? "" : " ") + std::to_string(group) + ':' +
                    std::to_string(begun.at) + ':' + std::to_string(microseconds_now());
  }
  const std::string note = before.resumed_at > outcome.resumed_at
                               ? " (its checkpoint was gone: from the beginning)"
                               : "";
  if (outcome.kind == TrialOutcome::Kind::kFailed) {
    study_.fail(outcome.number, outcome.why);
  } else if (begun.pruned) {
    study_.prune(outcome.number, facts);
  } else if (is_paused) {
    study_.pause(outcome.number, outcome.step, facts);
  } else {
    complete(outcome, facts);
  }
  checkpoints_.remove_trials(
      [&](std::int64_t number) { return study_.may_go_on(study_.trial(number)); });
  progress_.tell(study_, study_.trial(outcome.number), outcome.seconds, note);
  snapshot_when_due();
}

void Trials::snapshot_when_due() {
  constexpr double kMinute = 60;
  if (progress_.seconds() - last_snapshot_ >= kMinute) snapshot();
}

void Trials::snapshot() {
  last_snapshot_ = progress_.seconds();
  if (!options_.h5.empty()) write_study_h5(study_.study(), options_.h5, version());
}

double Repeated::mean() const {
  if (values.empty()) return trial.value;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double Repeated::error() const {
  if (values.size() < 2) return 0;
  double squares = 0;
  for (const double value : values) squares += (value - mean()) * (value - mean());
  const auto n = static_cast<double>(values.size());
  return std::sqrt(squares / (n - 1) / n);
}

namespace {

std::string key_of_repeat(std::int64_t trial, int repeat) {
  return "repeat:" + std::to_string(trial) + ":" + std::to_string(repeat);
}

}  // namespace

Repeats::Repeats(const TuneOptions& options, StudyRun& study, const Checkpoints& checkpoints)
    : options_(options), study_(study), checkpoints_(checkpoints) {
  for (Trial& trial : study.best(options.top)) repeated_.push_back({std::move(trial), {}});
  if (options.top == 1) return;
  for (std::size_t i = 0; i < repeated_.size(); ++i) {
    for (int repeat = 1; repeat <= options.repeats; ++repeat) {
      const std::string known = study.attribute(key_of_repeat(repeated_[i].trial.number, repeat));
      if (known.empty()) {
        tasks_.push_back({i, repeat});
      } else {
        repeated_[i].values.push_back(std::stod(known));
      }
    }
  }
  std::ranges::reverse(tasks_);
}

Dispatcher Repeats::dispatcher() {
  return {
      .next = [this](int /*group*/) { return next(); },
      .is_over = [this] { return tasks_.empty() || StopSignal::received() != 0; },
      .report = [](int /*group*/, const std::string& /*text*/) { return true; },
      .done = [this](int /*group*/, const std::string& text) { done(text); },
      .pauses = [] { return StopSignal::received() != 0; },
  };
}

std::vector<Repeated> Repeats::ranking() const {
  std::vector<Repeated> ranked = repeated_;
  std::ranges::stable_sort(ranked, std::ranges::greater{}, &Repeated::mean);
  return ranked;
}

std::optional<std::string> Repeats::next() {
  if (tasks_.empty() || StopSignal::received() != 0) return std::nullopt;
  const auto [i, repeat] = tasks_.back();
  tasks_.pop_back();
  const Trial& trial = repeated_[i].trial;
  const std::string file = checkpoint_of(trial.number, repeat);
  return to_line(TrialTask{.number = trial.number,
                           .repeat = repeat,
                           .options = winning_options(study_.space(), trial),
                           .seed = seed_of(options_.train.seed, trial.number, repeat),
                           .checkpoint = checkpoints_.path(file),
                           .resumes = checkpoints_.has(file)});
}

void Repeats::done(const std::string& line) {
  const TrialOutcome outcome = outcome_from(line);
  if (outcome.kind == TrialOutcome::Kind::kPaused) return;  // its checkpoint tells
  const auto repeated = std::ranges::find_if(
      repeated_, [&](const Repeated& one) { return one.trial.number == outcome.number; });
  // A training that fails with another seed is worth nothing.
  const double value = outcome.kind == TrialOutcome::Kind::kFailed ? 0 : outcome.value;
  repeated->values.push_back(value);
  study_.set_attribute(key_of_repeat(outcome.number, outcome.repeat), shortest(value));
  checkpoints_.remove(checkpoint_of(outcome.number, outcome.repeat));
}

}  // namespace mrec
