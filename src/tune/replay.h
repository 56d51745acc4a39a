#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tune/space.h"
#include "tune/trial.h"

namespace mrec {

// What the lines of a journal say, by Optuna's rules, about one of its studies.
struct Replay {
  std::string study;  // its name
  Space space;
  bool learns_space = false;  // from "mrec:space" or, without it, from the trials

  std::int64_t study_id = -1;  // -1: there is no such study
  bool maximize = true;
  std::string metric = {};
  std::map<std::string, std::string> attributes = {};  // user attributes of the study
  std::vector<Trial> trials = {};                      // by number
  std::vector<std::int64_t> trial_ids = {};  // [trials] what lines call them: by all of the file
  std::vector<std::string> workers = {};     // [trials] who has started it last

  std::map<std::int64_t, std::string> studies = {};  // all that are not deleted, by study_id
  std::int64_t num_studies = 0;                      // those that are included
  std::vector<std::int64_t> numbers = {};            // [trial_id] number in this study, or -1
  std::int64_t num_lines = 0;                        // applied so far, of all studies
};

// Throws InputError for a line that is no line of a journal.
void apply(Replay& replay, std::string_view line);

// Lines of a journal, each with its end. `worker` is the worker_id.
class JournalLines {
 public:
  explicit JournalLines(std::string worker) : worker_(std::move(worker)) {}

  JournalLines& study(const std::string& name, bool maximize);
  JournalLines& study_attribute(std::int64_t study_id, const std::string& name,
                                const std::string& text);
  JournalLines& metric(std::int64_t study_id, const std::string& name);
  // With the parameters of `configuration` when it runs; with these fixed when it waits. `seen` as
  // in Trial.
  JournalLines& trial(std::int64_t study_id, TrialState state, const Space& space,
                      const Configuration& configuration, std::int64_t seen = -1);
  JournalLines& param(std::int64_t trial_id, const Param& param, double value);
  // `value` NaN: none.
  JournalLines& state(std::int64_t trial_id, TrialState state, double value);
  JournalLines& intermediate(std::int64_t trial_id, int step, double value);
  JournalLines& attribute(std::int64_t trial_id, const std::string& name, const std::string& text);
  JournalLines& paused(std::int64_t trial_id, int step);
  JournalLines& resumed(std::int64_t trial_id, int step);  // it is no longer paused
  JournalLines& seen(std::int64_t trial_id, std::int64_t num_lines);
  JournalLines& attempt(std::int64_t trial_id, int attempt);
  JournalLines& failure(std::int64_t trial_id, Failure failure);

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void line(int op, const std::string& fields);

  std::string worker_;
  std::string text_;
};

}  // namespace mrec
