#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "dataset/dataset.h"
#include "jobs/tune_options.h"
#include "parallel/trial.h"
#include "parallel/work_queue.h"
#include "tune/message.h"
#include "tune/study_run.h"

namespace mrec {

// What a group does: trains as a TrialTask says, and answers with a TrialOutcome.
class Trainer {
 public:
  Trainer(const TuneOptions& options, const WorkGroups& groups,
          const std::vector<DatasetFile>& datasets)
      : options_(options), groups_(groups), datasets_(datasets), data_(datasets.size()) {}

  // Collective over the group.
  std::string operator()(const std::string& line, const Tell& tell, const Serve& serve);

 private:
  // Collective over the group: of the data set that a trial is for, read once.
  const TrialData& data_for(const TrainOptions& values);

  const TuneOptions& options_;
  const WorkGroups& groups_;
  const std::vector<DatasetFile>& datasets_;
  std::vector<std::optional<TrialData>> data_;
};

// The place of the data set that a trial is for.
std::size_t dataset_of(const TuneOptions& options, const TrainOptions& values);

// The directory of trainings that are put aside, which belongs to the study.
class Checkpoints {
 public:
  // Of a new study there are none.
  Checkpoints(const std::string& study, bool is_new);

  [[nodiscard]] std::string path(const std::string& name) const;
  [[nodiscard]] bool has(const std::string& name) const;
  void remove(const std::string& name) const;
  // Those that are not needed any more, by the number of their trial.
  void remove_trials(const std::function<bool(std::int64_t number)>& needed) const;
  // When the study is at its end.
  void remove_all() const;

 private:
  std::filesystem::path directory_;
};

// On rank 0: says what happens, one line for each trial that ends or is put aside.
class Progress {
 public:
  explicit Progress(const TuneOptions& options) : options_(options) {}

  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }
  void tell(const StudyRun& study, const Trial& trial, double trial_seconds,
            const std::string& note);

 private:
  const TuneOptions& options_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::int64_t ended_ = 0;
};

// On rank 0: hands out the trials of the study.
class Trials {
 public:
  Trials(const TuneOptions& options, StudyRun& study, const Checkpoints& checkpoints);

  [[nodiscard]] Dispatcher dispatcher();

  // Writes study.h5, whatever the time.
  void snapshot();
  // The machine's time is over before the study is at its end.
  [[nodiscard]] bool ends_with_machine() const { return ends_with_machine_; }
  // Of this run.
  [[nodiscard]] bool has_begun() const { return has_begun_; }

 private:
  struct Begun {
    std::int64_t at = 0;  // microseconds since 1970
    bool pruned = false;
  };

  [[nodiscard]] bool is_closed() const;
  [[nodiscard]] bool fits(const Configuration& configuration, int from_step, int to_step);
  std::optional<std::string> next();
  bool report(const std::string& line);
  void done(int group, const std::string& line);
  void complete(const TrialOutcome& outcome, TrainOptions facts);
  void snapshot_when_due();

  const TuneOptions& options_;
  StudyRun& study_;
  const Checkpoints& checkpoints_;
  Progress progress_;
  std::map<std::int64_t, Begun> begun_;  // those that run, by number
  double last_snapshot_ = 0;             // seconds
  bool ends_with_machine_ = false;
  bool has_begun_ = false;
};

// How a trial did with fresh seeds.
struct Repeated {
  Trial trial;
  std::vector<double> values;

  [[nodiscard]] double mean() const;
  // Standard error of the mean.
  [[nodiscard]] double error() const;
};

// On rank 0: trains the best trials again.
class Repeats {
 public:
  Repeats(const TuneOptions& options, StudyRun& study, const Checkpoints& checkpoints);

  [[nodiscard]] Dispatcher dispatcher();
  // The best mean first.
  [[nodiscard]] std::vector<Repeated> ranking() const;

 private:
  std::optional<std::string> next();
  void done(const std::string& line);

  const TuneOptions& options_;
  StudyRun& study_;
  const Checkpoints& checkpoints_;
  std::vector<Repeated> repeated_;
  std::vector<std::pair<std::size_t, int>> tasks_;  // those to come, the next one last
};

}  // namespace mrec
