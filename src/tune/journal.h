#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tune/space.h"
#include "tune/trial.h"

namespace mrec {

// What a study is.
struct StudySettings {
  std::string name = "mrec";
  bool maximize = true;
  std::string metric = {};  // "ndcg@10"
  Space space = {};
  // What else must be the same when the study is resumed: seed, sampler, sum of the dataset.
  std::map<std::string, std::string> identity = {};
};

struct Study {
  StudySettings settings;
  std::vector<Trial> trials;                      // by number
  std::map<std::string, std::string> attributes;  // all user attributes
};

// The journal of a study: the file of Optuna's JournalStorage, so that its tools can read it at any
// time and others may enqueue trials in it.
//
// One JSON object per line, each with op_code and worker_id:
//   0 study_name, directions    3 system_attr of the study     6 state, values of a trial
//   2 user_attr of the study    4 a trial, with parameters     7 intermediate_value at a step
//   5 a parameter of a trial    8, 9 user_attr and system_attr of a trial
// User attributes of the study "mrec:space" (TOML) and "mrec:<name>" hold its settings; system
// attributes of a trial "mrec:attempt", "mrec:failure", "mrec:paused", "mrec:resumed" and
// "mrec:seen" what Trial has of these.
//
// Lines are appended whole, under Optuna's lock, and are on the disk before a function returns
// unless said otherwise. The state is what the file says: it is read back after every change.
// Functions that append throw Error when the disk is full; then nothing has changed.
class Journal {
 public:
  // Opens or makes the file and the study in it, and cuts off a line that was not written whole.
  // Throws InputError when a line is damaged ("study.journal:17: ..."), when another process of
  // ours has the journal open, and when the study has other settings.
  Journal(std::string path, const StudySettings& settings);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // By number. Valid until the next call of any other function.
  [[nodiscard]] const std::vector<Trial>& trials() const;
  [[nodiscard]] const std::map<std::string, std::string>& attributes() const;  // of the study

  // Reads what others have appended: trials that wait.
  void refresh();

  // Lines of the file that trials() and attributes() are made of.
  [[nodiscard]] std::int64_t num_lines() const;

  // A new trial that runs. Returns its number.
  std::int64_t start(const Configuration& configuration);
  // A trial that waits runs now, or the next new one; false when it does not wait any more, or
  // others have made one of this number. `seen` as in Trial.
  bool start(std::int64_t number, const Configuration& configuration, std::int64_t seen = -1);
  // A new trial that waits, with what is not NaN fixed. Returns its number.
  std::int64_t enqueue(const Configuration& fixed);

  // Of a running trial. report() and set_attribute() reach the disk with the next other call.
  void report(std::int64_t number, int step, double value);
  void set_attribute(std::int64_t number, const std::string& name, const std::string& text);
  // `value` may be NaN for a pruned trial.
  void complete(std::int64_t number, double value,
                const std::map<std::string, std::string>& attributes = {});
  void prune(std::int64_t number, double value,
             const std::map<std::string, std::string>& attributes = {});
  void fail(std::int64_t number, Failure failure, const std::string& reason);

  // A running trial is put aside after `step`, and goes on. For Optuna it runs all the time.
  void pause(std::int64_t number, int step,
             const std::map<std::string, std::string>& attributes = {});
  void resume(std::int64_t number);

  // The trials that a dead run of ours has left running wait again, with their configuration, or
  // are paused again where they were before; those that have had `max_attempts` fail by
  // infrastructure; those that are paused stay so. Returns the numbers of the first.
  std::vector<std::int64_t> requeue(int max_attempts = 3);

  // A user attribute of the study.
  void set_attribute(const std::string& name, const std::string& text);

 private:
  class File;

  void append(const std::function<std::string()>& lines, bool sync = true);
  void finish(std::int64_t number, TrialState state, double value,
              const std::map<std::string, std::string>& attributes);

  std::unique_ptr<File> file_;
};

// The names of the studies in a journal, and one of them. They only read, and pass over a last line
// that is not whole. A study that was not made by us has the space of its trials' parameters.
// Throws InputError when the file is damaged or has no such study.
std::vector<std::string> study_names(const std::string& path);
Study read_study(const std::string& path, const std::string& name);

}  // namespace mrec
