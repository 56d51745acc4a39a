#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tune/journal.h"
#include "tune/pruner.h"
#include "tune/sampler.h"

namespace mrec {

// A study at work: which trial comes next, and what comes of each. All of it is in the journal
// before anybody acts on it. One process has it; others may read the journal and enqueue trials.
class StudyRun {
 public:
  // A new study, or with `resume` the one that is at `path`, if any. Throws InputError when there
  // is one and it is not to be gone on with, or has other settings.
  StudyRun(const std::string& path, bool resume, const StudySettings& settings,
           SamplerParams sampler, PrunerParams pruner, std::int64_t num_trials);

  // The next trial, which runs from now on: one that waits, or a suggestion. Nothing when as many
  // have been begun as there are to be, or all of the space has been tried.
  std::optional<Trial> next();
  // No trial will come any more, unless one that runs fails.
  [[nodiscard]] bool is_over() const;
  // False when the trial is to end, as it does worse than others.
  bool report(std::int64_t number, int step, double value);

  void complete(std::int64_t number, double value, const std::map<std::string, std::string>& facts);
  void prune(std::int64_t number, const std::map<std::string, std::string>& facts);
  // Of a trial that could not be, or diverged. It counts as one of the trials: no other would be
  // tried in its place for ever.
  void fail(std::int64_t number, const std::string& why);

  [[nodiscard]] const Space& space() const { return settings_.space; }
  [[nodiscard]] const std::vector<Trial>& trials() const { return journal_.trials(); }
  [[nodiscard]] const Trial& trial(std::int64_t number) const {
    return trials()[static_cast<std::size_t>(number)];
  }
  [[nodiscard]] std::int64_t num_finished() const;  // complete, pruned or failed by themselves
  // The complete trials with the highest values, best first, of equal ones the earlier.
  [[nodiscard]] std::vector<Trial> best(int count) const;

  // Text kept with the study; "" when there is none of that name.
  [[nodiscard]] std::string attribute(const std::string& name) const;
  void set_attribute(const std::string& name, const std::string& text) {
    journal_.set_attribute(name, text);
  }

 private:
  StudySettings settings_;
  SamplerParams sampler_;
  PrunerParams pruner_;
  std::int64_t num_trials_;
  Journal journal_;
  bool is_exhausted_ = false;
};

}  // namespace mrec
