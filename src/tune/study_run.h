#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tune/journal.h"
#include "tune/pruner.h"
#include "tune/suggestion.h"

namespace mrec {

// How a study is carried out.
struct StudyPlan {
  // Its num_trials are those to finish. A lag of -L is that of the study, or L for a new one.
  SuggestionRule rule = {};
  PrunerParams pruner = {};
  int max_step = 1;  // what a trial may spend
};

// A trial to be run now.
struct TrialRun {
  Trial trial;
  int from_step = 0;  // where it was put aside; 0: from the beginning
  int to_step = 0;    // where it pauses, or the end of it
};

// A study at work: which trial comes next, and what comes of each. All of it is in the journal
// before anybody acts on it. One process has it; others may read the journal and enqueue trials.
class StudyRun {
 public:
  // A new study, or with `resume` the one that is at `path`, if any. Throws InputError when there
  // is one and it is not to be gone on with, or has other settings, or another order.
  StudyRun(const std::string& path, bool resume, const StudySettings& settings, StudyPlan plan);

  // Whether there is time for a run.
  using Fits = std::function<bool(const Configuration& configuration, int from_step, int to_step)>;

  // What runs from now on: a trial that a signal has put aside, one that waits, with asha one that
  // is promoted, or a suggestion. Nothing when as many have been begun as there are to be, all of
  // the space has been tried, it would not fit (which is over with it), or in strict order as long
  // as a trial runs that has to be known.
  std::optional<TrialRun> next(const Fits& fits = {});
  // No trial will come any more, unless one that runs brings it.
  [[nodiscard]] bool is_over() const;
  // That is, because there was no time.
  [[nodiscard]] bool is_out_of_time() const { return is_out_of_time_; }
  // False when the trial is to end, as it does worse than others.
  bool report(std::int64_t number, int step, double value);

  void complete(std::int64_t number, double value, const std::map<std::string, std::string>& facts);
  void prune(std::int64_t number, const std::map<std::string, std::string>& facts);
  // Of a trial that could not be, or diverged. It counts as one of the trials: no other would be
  // tried in its place for ever.
  void fail(std::int64_t number, const std::string& why);
  // At a rung, or wherever a signal came.
  void pause(std::int64_t number, int step, const std::map<std::string, std::string>& facts);
  // The end of asha: trials that are paused at a rung are given up.
  void prune_paused();
  // Whether a trial that is put aside, or is about to be, may go on, so that its checkpoint is
  // needed.
  [[nodiscard]] bool may_go_on(const Trial& trial) const;

  [[nodiscard]] const Space& space() const { return settings_.space; }
  [[nodiscard]] const std::vector<Trial>& trials() const { return journal_.trials(); }
  [[nodiscard]] const Trial& trial(std::int64_t number) const {
    return trials()[static_cast<std::size_t>(number)];
  }
  [[nodiscard]] std::int64_t num_finished() const;  // complete, pruned or failed by themselves
  // The complete trials with the highest values, best first, of equal ones the earlier.
  [[nodiscard]] std::vector<Trial> best(int count) const;
  // All that is known so far.
  [[nodiscard]] Study study() const;

  // Text kept with the study; "" when there is none of that name.
  [[nodiscard]] std::string attribute(const std::string& name) const;
  void set_attribute(const std::string& name, const std::string& text) {
    journal_.set_attribute(name, text);
  }

 private:
  [[nodiscard]] bool has_rungs() const { return plan_.pruner.pruner == "asha"; }
  [[nodiscard]] bool is_at_rung(const Trial& trial) const;
  // Where a trial at `step` pauses next.
  [[nodiscard]] int stop_after(int step) const;
  [[nodiscard]] std::int64_t num_begun() const;
  [[nodiscard]] std::optional<Promotion> promotion() const;
  std::optional<TrialRun> go_on(std::int64_t number, int to_step, const Fits& fits);
  std::optional<TrialRun> start(std::int64_t number, const Configuration& fixed, const Fits& fits);

  StudySettings settings_;
  StudyPlan plan_;
  Journal journal_;
  bool is_exhausted_ = false;
  bool is_out_of_time_ = false;
};

}  // namespace mrec
