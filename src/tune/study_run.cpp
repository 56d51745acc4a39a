#include "tune/study_run.h"

#include <algorithm>
#include <filesystem>

#include "base/error.h"

namespace mrec {
namespace {

constexpr const char* kRule = "mrec:suggestions";

const std::string& checked(const std::string& path, bool resume) {
  if (!resume && std::filesystem::exists(path)) {
    throw InputError(path + ": is there already; go on with it by --resume, or name another file");
  }
  return path;
}

bool counts(const Trial& trial) {
  return is_finished(trial.state) && trial.failure != Failure::kInfrastructure;
}

bool is_paused(const Trial& trial) {
  return trial.state == TrialState::kRunning && trial.paused_at > 0;
}

bool is_at_work(const Trial& trial) {
  return trial.state == TrialState::kRunning && trial.paused_at == 0;
}

std::string order_of(const SuggestionRule& rule) {
  return rule.lag == 0 ? "arrival" : "strict:" + std::to_string(rule.lag);
}

}  // namespace

StudyRun::StudyRun(const std::string& path, bool resume, const StudySettings& settings,
                   StudyPlan plan)
    : settings_(settings), plan_(std::move(plan)), journal_(checked(path, resume), settings) {
  const std::string before = attribute(kRule);
  int& lag = plan_.rule.lag;
  if (lag < 0) lag = before.empty() || rule_from(before).lag == 0 ? -lag : rule_from(before).lag;
  if (!before.empty() && rule_from(before).lag != lag) {
    throw InputError(path + ": the study has --order " + order_of(rule_from(before)) +
                     ", this run has " + order_of(plan_.rule) + "; take the same one");
  }
  if (const std::string rule = to_text(plan_.rule); rule != before) set_attribute(kRule, rule);
  if (has_rungs()) {
    std::string steps;  // for charts
    for (const int rung : rungs(plan_.pruner, plan_.max_step)) {
      steps += (steps.empty() ? "" : " ") + std::to_string(rung);
    }
    if (attribute("mrec:rungs") != steps) set_attribute("mrec:rungs", steps);
  }
  journal_.requeue();
}

std::int64_t StudyRun::num_finished() const { return std::ranges::count_if(trials(), counts); }

std::int64_t StudyRun::num_begun() const {
  return std::ranges::count_if(trials(), [](const Trial& trial) {
    return trial.state == TrialState::kRunning || counts(trial);
  });
}

bool StudyRun::is_at_rung(const Trial& trial) const {
  if (!has_rungs()) return false;
  const std::vector<int> steps = rungs(plan_.pruner, plan_.max_step);
  return std::ranges::find(steps, trial.paused_at) != steps.end();
}

int StudyRun::stop_after(int step) const {
  if (!has_rungs()) return plan_.max_step;
  for (const int rung : rungs(plan_.pruner, plan_.max_step)) {
    if (rung > step) return rung;
  }
  return plan_.max_step;
}

std::optional<Promotion> StudyRun::promotion() const {
  if (!has_rungs()) return std::nullopt;
  const PrunerParams& pruner = plan_.pruner;
  const auto best = next_promotion(pruner, settings_.maximize, trials(), plan_.max_step);
  if (best) return best;
  const bool may_begin = num_begun() < plan_.rule.num_trials && !is_exhausted_;
  const bool goes_on = may_begin || std::ranges::any_of(trials(), [](const Trial& trial) {
                         return is_at_work(trial) || trial.state == TrialState::kComplete;
                       });
  if (goes_on) return std::nullopt;
  return last_promotion(pruner, settings_.maximize, trials(), plan_.max_step);
}

bool StudyRun::is_over() const {
  if (is_out_of_time_) return true;
  const bool interrupted = std::ranges::any_of(
      trials(), [&](const Trial& trial) { return is_paused(trial) && !is_at_rung(trial); });
  if (interrupted || promotion()) return false;
  if (num_begun() >= plan_.rule.num_trials) return true;
  const auto waits = [](const Trial& trial) { return trial.state == TrialState::kWaiting; };
  return is_exhausted_ && std::ranges::none_of(trials(), waits);
}

std::optional<TrialRun> StudyRun::next(const Fits& fits) {
  journal_.refresh();
  if (is_over()) return std::nullopt;
  const auto interrupted = std::ranges::find_if(
      trials(), [&](const Trial& trial) { return is_paused(trial) && !is_at_rung(trial); });
  if (interrupted != trials().end()) {
    return go_on(interrupted->number, stop_after(interrupted->paused_at), fits);
  }
  const bool may_begin = num_begun() < plan_.rule.num_trials;
  const auto waiting = std::ranges::find(trials(), TrialState::kWaiting, &Trial::state);
  if (may_begin && waiting != trials().end()) {
    return start(waiting->number, Configuration(waiting->configuration), fits);
  }
  if (const auto best = promotion()) return go_on(best->number, best->to_step, fits);
  if (!may_begin || is_exhausted_) return std::nullopt;
  return start(std::ssize(trials()), {}, fits);
}

std::optional<TrialRun> StudyRun::go_on(std::int64_t number, int to_step, const Fits& fits) {
  const Trial& paused = trial(number);
  const int from_step = paused.paused_at;
  if (fits && !fits(paused.configuration, from_step, to_step)) {
    is_out_of_time_ = true;
    return std::nullopt;
  }
  journal_.resume(number);
  return TrialRun{.trial = trial(number), .from_step = from_step, .to_step = to_step};
}

std::optional<TrialRun> StudyRun::start(std::int64_t number, const Configuration& fixed,
                                        const Fits& fits) {
  if (!can_suggest(plan_.rule, trials(), number)) return std::nullopt;
  const auto configuration =
      suggest(plan_.rule, settings_.space, settings_.maximize, trials(), number, fixed);
  if (!configuration) {
    is_exhausted_ = true;
    return std::nullopt;
  }
  const int to_step = stop_after(0);
  if (fits && !fits(*configuration, 0, to_step)) {
    is_out_of_time_ = true;
    return std::nullopt;
  }
  // A trial of a dead run keeps the mark of when it was suggested.
  const bool is_marked = number < std::ssize(trials()) && trial(number).seen >= 0;
  const std::int64_t seen = is_marked ? -1 : journal_.num_lines();
  if (!journal_.start(number, *configuration, seen)) return next(fits);  // others were faster
  return TrialRun{.trial = trial(number), .to_step = to_step};
}

bool StudyRun::report(std::int64_t number, int step, double value) {
  journal_.report(number, step, value);
  Trial so_far = trial(number);
  // Of a run that died there may be more.
  so_far.intermediate.erase(so_far.intermediate.upper_bound(step), so_far.intermediate.end());
  if (plan_.rule.lag == 0) {
    return !should_prune(plan_.pruner, settings_.maximize, trials(), so_far);
  }
  std::vector<Trial> known = visible(plan_.rule, trials(), number);
  std::erase_if(known, [&](const Trial& one) { return one.number > number - plan_.rule.lag; });
  return !should_prune(plan_.pruner, settings_.maximize, known, so_far);
}

void StudyRun::complete(std::int64_t number, double value,
                        const std::map<std::string, std::string>& facts) {
  journal_.complete(number, value, facts);
}

void StudyRun::prune(std::int64_t number, const std::map<std::string, std::string>& facts) {
  const std::map<int, double>& reported = trial(number).intermediate;
  const double last =
      reported.empty() ? std::numeric_limits<double>::quiet_NaN() : reported.rbegin()->second;
  journal_.prune(number, last, facts);
}

void StudyRun::fail(std::int64_t number, const std::string& why) {
  journal_.fail(number, Failure::kObjective, why);
}

void StudyRun::pause(std::int64_t number, int step,
                     const std::map<std::string, std::string>& facts) {
  journal_.pause(number, step, facts);
}

void StudyRun::prune_paused() {
  std::vector<std::int64_t> numbers;
  for (const Trial& trial : trials()) {
    if (is_paused(trial) && is_at_rung(trial)) numbers.push_back(trial.number);
  }
  for (const std::int64_t number : numbers) prune(number, {});
}

bool StudyRun::may_go_on(const Trial& trial) const {
  if (is_finished(trial.state)) return false;
  if (!is_paused(trial)) return true;  // its group may have put it aside without our knowing yet
  return !is_at_rung(trial) || may_be_promoted(plan_.pruner, settings_.maximize, trials(), trial,
                                               plan_.max_step, plan_.rule.num_trials);
}

std::vector<Trial> StudyRun::best(int count) const {
  std::vector<Trial> complete;
  std::ranges::copy_if(trials(), std::back_inserter(complete),
                       [](const Trial& trial) { return trial.state == TrialState::kComplete; });
  const double sign = settings_.maximize ? -1 : 1;
  std::ranges::stable_sort(complete, {}, [&](const Trial& trial) { return sign * trial.value; });
  complete.resize(std::min(complete.size(), static_cast<std::size_t>(count)));
  return complete;
}

Study StudyRun::study() const {
  return {.settings = settings_, .trials = trials(), .attributes = journal_.attributes()};
}

std::string StudyRun::attribute(const std::string& name) const {
  const auto found = journal_.attributes().find(name);
  return found == journal_.attributes().end() ? "" : found->second;
}

}  // namespace mrec
