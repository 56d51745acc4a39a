#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/sha256.h"
#include "base/text.h"
#include "tune/export.h"
#include "tune/study_table.h"

namespace mrec {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMilliseconds = 1000;  // microseconds of one
constexpr std::size_t kMostOfParam = 6000;
constexpr std::size_t kMostOfTag = 5000;

std::string in_quotes(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

// MLflow takes letters, digits, and _ . - and spaces in names (/ too, but that makes folders).
std::string mlflow_name(const std::string& name) {
  constexpr std::size_t kMost = 250;
  std::string text;
  for (const char c : name) {
    const bool is_taken = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == ' ';
    text += is_taken ? std::string(1, c) : c == '@' ? "_at_" : "_";
  }
  if (text.find_first_not_of('.') == std::string::npos) text = "_" + text;
  return text.substr(0, kMost);
}

// Gives each name of a folder another one.
class Names {
 public:
  std::string add(const std::string& name) {
    std::string text = mlflow_name(name);
    for (int i = 2; !taken_.insert(text).second; ++i) {
      text = mlflow_name(name).substr(0, 240) + "_" + std::to_string(i);
    }
    return text;
  }

 private:
  std::set<std::string> taken_;
};

std::string in_uri(const std::string& path) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string uri = "file://";
  for (const char c : path) {
    if (kPlain.find(c) != std::string_view::npos) {
      uri += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      uri += std::string("%") + kDigits[byte >> 4] + kDigits[byte & 15];
    }
  }
  return uri;
}

void write(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) throw Error(path.string() + ": cannot be written");
}

void make(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) throw InputError(path.string() + ": cannot be made: " + error.message());
}

// A value of at most so many bytes and whole characters, without the newline that MLflow would
// show.
std::string cut(std::string text, std::size_t most) {
  while (text.ends_with('\n')) text.pop_back();
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
  text.resize(most);
  return text;
}

class Run {
 public:
  Run(const fs::path& experiment, const std::string& key, std::string name)
      : id_(sha256(key).substr(0, 32)), name_(std::move(name)), path_(experiment / id_) {
    for (const char* folder : {"metrics", "params", "tags", "artifacts"}) make(path_ / folder);
    tag("mlflow.runName", name_);
    tag("mlflow.user", kUser);
    tag("mlflow.source.name", "mrec-tune");
    tag("mlflow.source.type", "JOB");
  }

  [[nodiscard]] const std::string& id() const { return id_; }

  void param(const std::string& name, const std::string& value) {
    write(path_ / "params" / params_.add(name), cut(value, kMostOfParam));
  }
  void tag(const std::string& name, const std::string& value) {
    write(path_ / "tags" / tags_.add(name), cut(value, kMostOfTag));
  }

  struct Point {
    std::int64_t time;  // microseconds
    double value;
    int step;
  };
  void metric(const std::string& name, const std::vector<Point>& points) {
    std::string lines;
    for (const auto& [time, value, step] : points) {
      if (!std::isfinite(value)) continue;
      lines += std::to_string(time / kMilliseconds) + ' ' + shortest(value) + ' ' +
               std::to_string(step) + '\n';
    }
    if (!lines.empty()) write(path_ / "metrics" / metrics_.add(name), lines);
  }

  // Last, since a run without it is not seen.
  void finish(int status, std::int64_t start, std::int64_t end) const {
    const auto time = [](std::int64_t at) {
      return at == 0 ? std::string("null") : std::to_string(at / kMilliseconds);
    };
    const std::string uri = in_uri(fs::absolute(path_ / "artifacts").lexically_normal().string());
    write(path_ / "meta.yaml",
          "artifact_uri: " + uri + "\ndeleted_time: null\nend_time: " + time(end) +
              "\nentry_point_name: ''\nexperiment_id: '" + path_.parent_path().filename().string() +
              "'\nlifecycle_stage: active\nrun_id: " + quoted_id() +
              "\nrun_name: " + in_quotes(name_) + "\nrun_uuid: " + quoted_id() +
              "\nsource_name: ''\nsource_type: 4\nsource_version: ''\nstart_time: " +
              std::to_string(start / kMilliseconds) + "\nstatus: " + std::to_string(status) +
              "\ntags: []\nuser_id: " + kUser + "\n");
  }

 private:
  static constexpr const char* kUser = "mrec";

  // In quotes: 32 digits, or digits with an e among them, would be a number.
  [[nodiscard]] std::string quoted_id() const { return "'" + id_ + "'"; }

  std::string id_;
  std::string name_;
  fs::path path_;
  Names params_;
  Names tags_;
  Names metrics_;
};

enum Status { kRunning = 1, kScheduled = 2, kFinished = 3, kFailed = 4, kKilled = 5 };

Status status_of(TrialState state) {
  switch (state) {
    case TrialState::kRunning:
      return kRunning;
    case TrialState::kComplete:
      return kFinished;
    case TrialState::kPruned:
      return kKilled;
    case TrialState::kFail:
      return kFailed;
    case TrialState::kWaiting:
      return kScheduled;
  }
  return kRunning;
}

std::string state_tag(TrialState state) {
  std::string text(name_of(state));
  for (char& c : text) c = static_cast<char>(c - 'a' + 'A');
  return text;
}

std::optional<double> number(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::string metric_name(const Study& study) {
  return study.settings.metric.empty() ? "value" : study.settings.metric;
}

// Of the values that a trial reported, spread over its time, and of its own at the end.
std::vector<Run::Point> points_of(const Trial& trial) {
  std::vector<Run::Point> points;
  const int last = trial.intermediate.empty() ? 0 : trial.intermediate.rbegin()->first;
  const std::int64_t end = std::max(trial.start, trial.end);
  for (const auto& [step, value] : trial.intermediate) {
    const double share = last > 0 ? static_cast<double>(step) / last : 0;
    points.push_back(
        {trial.start + static_cast<std::int64_t>(share * static_cast<double>(end - trial.start)),
         value, step});
  }
  // MLflow shows the value of the highest step, which is not always the one that counted.
  if (!std::isnan(trial.value) && (points.empty() || points.back().value != trial.value)) {
    points.push_back({end, trial.value, std::max(last, epochs_of(trial))});
  }
  return points;
}

void write_trial(const Study& study, const Trial& trial, const fs::path& experiment,
                 const std::string& key, const std::string& parent) {
  std::string digits = std::to_string(trial.number);
  digits.insert(0, digits.size() < 4 ? 4 - digits.size() : 0, '0');
  Run run(experiment, key + "/" + std::to_string(trial.number), "trial-" + digits);
  run.tag("mlflow.parentRunId", parent);
  run.tag("trial.state", state_tag(trial.state));
  for (const auto& [name, value] : params_of(study, trial)) run.param(name, value);
  run.metric(metric_name(study), points_of(trial));
  for (const auto& [name, text] : trial.attributes) {
    if (const std::optional<double> value = number(text)) {
      run.metric(name, {{std::max(trial.start, trial.end), *value, 0}});
    } else {
      run.tag(name, text);
    }
  }
  run.finish(status_of(trial.state), trial.start, trial.end);
}

}  // namespace

void write_mlflow(const Study& study, const std::string& directory) {
  // 1. An id of 18 digits, by the study and its first trial: the same whenever it is written.
  const std::int64_t began = study.trials.empty() ? 0 : study.trials.front().start;
  const std::string key = study.settings.name + "/" + std::to_string(began);
  std::string id;
  for (const char c : sha256(key)) {
    if (id.size() < 18) id += static_cast<char>('0' + c % 10);
  }
  id.front() = id.front() == '0' ? '1' : id.front();
  const fs::path experiment = fs::path(directory) / id;
  if (fs::exists(experiment)) {
    throw InputError(experiment.string() +
                     ": the study is there already; remove it or name another directory");
  }
  make(fs::path(directory) / ".trash");
  make(experiment / "tags");

  // 2. The study: what it has fixed, and the best value after each trial.
  std::int64_t end = 0;
  bool is_over = true;
  std::vector<Run::Point> best;
  for (const Trial& trial : study.trials) {
    end = std::max(end, trial.end);
    is_over = is_over && is_finished(trial.state);
    if (trial.state != TrialState::kComplete || std::isnan(trial.value)) continue;
    const double before = best.empty() ? trial.value : best.back().value;
    const double value =
        study.settings.maximize ? std::max(before, trial.value) : std::min(before, trial.value);
    best.push_back({trial.end, value, static_cast<int>(trial.number)});
  }
  Run parent(experiment, key, study.settings.name);
  parent.tag("mlflow.note.content", "A study of " + std::to_string(study.trials.size()) +
                                        " trials, exported by mrec-study.");
  for (const auto& [name, text] : study.settings.identity) parent.param(name, text);
  for (const auto& [name, text] : study.attributes) parent.tag(name, text);
  parent.metric("best_" + metric_name(study), best);
  parent.finish(is_over ? kFinished : kRunning, began, is_over ? end : 0);

  // 3. Its trials; the experiment is seen when all are there.
  for (const Trial& trial : study.trials) write_trial(study, trial, experiment, key, parent.id());
  const std::string uri = in_uri(fs::absolute(experiment).lexically_normal().string());
  write(experiment / "meta.yaml",
        "artifact_location: " + uri + "\ncreation_time: " + std::to_string(began / kMilliseconds) +
            "\nexperiment_id: '" + id +
            "'\nlast_update_time: " + std::to_string(std::max(began, end) / kMilliseconds) +
            "\nlifecycle_stage: active\nname: " + in_quotes(study.settings.name) + "\n");
}

std::string mlflow_help(const std::string& directory) {
  return "MLflow up to 3.12:\n  mlflow ui --backend-store-uri " + directory +
         "\nMLflow from 3.10 on, into a new database:\n  mlflow migrate-filestore --source " +
         directory +
         " --target sqlite:///mlflow.db\n  mlflow server --backend-store-uri sqlite:///mlflow.db\n"
         "MLflow from 3.13 on, without a database:\n  MLFLOW_ALLOW_FILE_STORE=true mlflow ui "
         "--backend-store-uri " +
         directory + "\n";
}

}  // namespace mrec
