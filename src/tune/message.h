#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace mrec {

// What rank 0 and the groups that train say to one another (parallel/work_queue.h), each as a line
// of JSON. `repeat` is 0 in the search, and n when a trial is trained for the n-th time again.

struct TrialTask {
  std::int64_t number = 0;
  int repeat = 0;
  std::map<std::string, std::string> options = {};  // of mrec-train
  std::int64_t seed = 1;
  int to_epoch = 0;  // as in TrialPlan (parallel/trial.h), like what follows
  int report_every = 0;
  std::string checkpoint = {};
  bool resumes = false;
};

struct TrialNews {
  std::int64_t number = 0;
  int step = 0;
  double value = 0;
};

struct TrialOutcome {
  enum class Kind { kDone, kStopped, kFailed, kPaused };

  std::int64_t number = 0;
  int repeat = 0;
  Kind kind = Kind::kDone;  // stopped: as a report was answered
  int step = 0;             // of the value, or where it was put aside
  double value = 0;         // of the last report
  int resumed_at = 0;       // the epoch that it went on from
  double seconds = 0;
  std::string why = {};  // it failed
};

std::string to_line(const TrialTask& task);
std::string to_line(const TrialNews& news);
std::string to_line(const TrialOutcome& outcome);
TrialTask task_from(const std::string& line);
TrialNews news_from(const std::string& line);
TrialOutcome outcome_from(const std::string& line);

}  // namespace mrec
