#include "tune/study_run.h"

#include <algorithm>
#include <filesystem>

#include "base/error.h"

namespace mrec {
namespace {

const std::string& checked(const std::string& path, bool resume) {
  if (!resume && std::filesystem::exists(path)) {
    throw InputError(path + ": is there already; go on with it by --resume, or name another file");
  }
  return path;
}

bool counts(const Trial& trial) {
  return is_finished(trial.state) && trial.failure != Failure::kInfrastructure;
}

}  // namespace

StudyRun::StudyRun(const std::string& path, bool resume, const StudySettings& settings,
                   SamplerParams sampler, PrunerParams pruner, std::int64_t num_trials)
    : settings_(settings),
      sampler_(std::move(sampler)),
      pruner_(std::move(pruner)),
      num_trials_(num_trials),
      journal_(checked(path, resume), settings) {
  journal_.requeue();
}

std::int64_t StudyRun::num_finished() const { return std::ranges::count_if(trials(), counts); }

bool StudyRun::is_over() const {
  const auto begun = std::ranges::count_if(trials(), [](const Trial& trial) {
    return trial.state == TrialState::kRunning || counts(trial);
  });
  if (begun >= num_trials_) return true;
  const auto waits = [](const Trial& trial) { return trial.state == TrialState::kWaiting; };
  return is_exhausted_ && std::ranges::none_of(trials(), waits);
}

std::optional<Trial> StudyRun::next() {
  journal_.refresh();
  if (is_over()) return std::nullopt;
  const auto waiting = std::ranges::find(trials(), TrialState::kWaiting, &Trial::state);
  if (waiting != trials().end()) {
    const std::int64_t number = waiting->number;
    const auto configuration = suggest({.params = sampler_,
                                        .space = settings_.space,
                                        .trials = trials(),
                                        .maximize = settings_.maximize,
                                        .number = number},
                                       Configuration(waiting->configuration));
    if (configuration && journal_.start(number, *configuration)) return trial(number);
    return next();
  }
  const auto configuration = suggest({.params = sampler_,
                                      .space = settings_.space,
                                      .trials = trials(),
                                      .maximize = settings_.maximize,
                                      .number = std::ssize(trials())});
  if (!configuration) {
    is_exhausted_ = true;
    return std::nullopt;
  }
  return trial(journal_.start(*configuration));
}

bool StudyRun::report(std::int64_t number, int step, double value) {
  journal_.report(number, step, value);
  return !should_prune(pruner_, settings_.maximize, trials(), trial(number));
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

std::vector<Trial> StudyRun::best(int count) const {
  std::vector<Trial> complete;
  std::ranges::copy_if(trials(), std::back_inserter(complete),
                       [](const Trial& trial) { return trial.state == TrialState::kComplete; });
  const double sign = settings_.maximize ? -1 : 1;
  std::ranges::stable_sort(complete, {}, [&](const Trial& trial) { return sign * trial.value; });
  complete.resize(std::min(complete.size(), static_cast<std::size_t>(count)));
  return complete;
}

std::string StudyRun::attribute(const std::string& name) const {
  const auto found = journal_.attributes().find(name);
  return found == journal_.attributes().end() ? "" : found->second;
}

}  // namespace mrec
