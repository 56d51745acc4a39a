#include "tune/export.h"

#include <array>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"
#include "tune/study_table.h"

namespace mrec {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kMicroseconds = 1000000;

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) line += (i == 0 ? "" : ",") + csv_cell(cells[i]);
  return line + '\n';
}

std::string number_or_nothing(double value) {
  return std::isnan(value) ? std::string() : shortest(value);
}

// As in the journal: a text that is a number is one.
std::string json_of(const std::string& text) {
  const Json number = Json::parse(text, nullptr, false);
  if (number.is_number() && (number.dump() == text)) return text;
  return Json(text).dump(-1, ' ', true, Json::error_handler_t::replace);
}

std::string sql(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c != '\0') quoted += c == '\'' ? std::string("''") : std::string(1, c);
  }
  return quoted + "'";
}

std::string sql_time(std::int64_t microseconds) {
  if (microseconds == 0) return "NULL";
  const auto seconds = static_cast<std::time_t>(microseconds / kMicroseconds);
  std::tm parts{};
  localtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "'%04d-%02d-%02d %02d:%02d:%02d.%06d'",
                parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
                parts.tm_sec, static_cast<int>(microseconds % kMicroseconds));
  return text.data();
}

const char* sql_state(TrialState state) {
  switch (state) {
    case TrialState::kRunning:
      return "'RUNNING'";
    case TrialState::kComplete:
      return "'COMPLETE'";
    case TrialState::kPruned:
      return "'PRUNED'";
    case TrialState::kFail:
      return "'FAIL'";
    case TrialState::kWaiting:
      return "'WAITING'";
  }
  return "";
}

// A value and its type, which names what SQLite cannot hold.
std::string sql_value(double value) {
  if (std::isnan(value)) return "NULL, 'NAN'";
  if (std::isinf(value)) return value > 0 ? "NULL, 'INF_POS'" : "NULL, 'INF_NEG'";
  return shortest(value) + ", 'FINITE'";
}

// The tables of Optuna 3.0 to 5: only an index has come since.
constexpr std::string_view kTables = R"sql(CREATE TABLE studies (
  study_id INTEGER NOT NULL, study_name VARCHAR(512) NOT NULL, PRIMARY KEY (study_id));
CREATE UNIQUE INDEX ix_studies_study_name ON studies (study_name);
CREATE TABLE version_info (
  version_info_id INTEGER NOT NULL, schema_version INTEGER, library_version VARCHAR(256),
  PRIMARY KEY (version_info_id), CHECK (version_info_id=1));
CREATE TABLE study_directions (
  study_direction_id INTEGER NOT NULL, direction VARCHAR(8) NOT NULL, study_id INTEGER NOT NULL,
  objective INTEGER NOT NULL, PRIMARY KEY (study_direction_id), UNIQUE (study_id, objective),
  FOREIGN KEY(study_id) REFERENCES studies (study_id));
CREATE TABLE study_user_attributes (
  study_user_attribute_id INTEGER NOT NULL, study_id INTEGER, "key" VARCHAR(512),
  value_json TEXT, PRIMARY KEY (study_user_attribute_id), UNIQUE (study_id, "key"),
  FOREIGN KEY(study_id) REFERENCES studies (study_id));
CREATE TABLE study_system_attributes (
  study_system_attribute_id INTEGER NOT NULL, study_id INTEGER, "key" VARCHAR(512),
  value_json TEXT, PRIMARY KEY (study_system_attribute_id), UNIQUE (study_id, "key"),
  FOREIGN KEY(study_id) REFERENCES studies (study_id));
CREATE TABLE trials (
  trial_id INTEGER NOT NULL, number INTEGER, study_id INTEGER, state VARCHAR(8) NOT NULL,
  datetime_start DATETIME, datetime_complete DATETIME, PRIMARY KEY (trial_id),
  FOREIGN KEY(study_id) REFERENCES studies (study_id));
CREATE TABLE trial_user_attributes (
  trial_user_attribute_id INTEGER NOT NULL, trial_id INTEGER, "key" VARCHAR(512),
  value_json TEXT, PRIMARY KEY (trial_user_attribute_id), UNIQUE (trial_id, "key"),
  FOREIGN KEY(trial_id) REFERENCES trials (trial_id));
CREATE TABLE trial_system_attributes (
  trial_system_attribute_id INTEGER NOT NULL, trial_id INTEGER, "key" VARCHAR(512),
  value_json TEXT, PRIMARY KEY (trial_system_attribute_id), UNIQUE (trial_id, "key"),
  FOREIGN KEY(trial_id) REFERENCES trials (trial_id));
CREATE TABLE trial_params (
  param_id INTEGER NOT NULL, trial_id INTEGER, param_name VARCHAR(512), param_value FLOAT,
  distribution_json TEXT, PRIMARY KEY (param_id), UNIQUE (trial_id, param_name),
  FOREIGN KEY(trial_id) REFERENCES trials (trial_id));
CREATE TABLE trial_values (
  trial_value_id INTEGER NOT NULL, trial_id INTEGER NOT NULL, objective INTEGER NOT NULL,
  value FLOAT, value_type VARCHAR(7) NOT NULL, PRIMARY KEY (trial_value_id),
  UNIQUE (trial_id, objective), FOREIGN KEY(trial_id) REFERENCES trials (trial_id));
CREATE TABLE trial_intermediate_values (
  trial_intermediate_value_id INTEGER NOT NULL, trial_id INTEGER NOT NULL, step INTEGER NOT NULL,
  intermediate_value FLOAT, intermediate_value_type VARCHAR(7) NOT NULL,
  PRIMARY KEY (trial_intermediate_value_id), UNIQUE (trial_id, step),
  FOREIGN KEY(trial_id) REFERENCES trials (trial_id));
CREATE TABLE trial_heartbeats (
  trial_heartbeat_id INTEGER NOT NULL, trial_id INTEGER NOT NULL, heartbeat DATETIME NOT NULL,
  PRIMARY KEY (trial_heartbeat_id), UNIQUE (trial_id),
  FOREIGN KEY(trial_id) REFERENCES trials (trial_id));
CREATE TABLE alembic_version (
  version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
)sql";

// Rows of tables whose first column counts them.
class Rows {
 public:
  // `values` are the columns behind the first.
  void add(const std::string& table, const std::string& values) {
    text_ += "INSERT INTO " + table + " VALUES (" + std::to_string(++count_[table]) + ", " +
             values + ");\n";
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::map<std::string, std::int64_t> count_;
  std::string text_;
};

// What a person has fixed of a trial that waits, as Optuna keeps it.
std::string fixed_params(const Study& study, const Trial& trial) {
  Json fixed = Json::object();
  for (const ParamText& param : params_of(study, trial)) {
    fixed[param.name] = Json::parse(json_of(param.value));
  }
  return fixed.dump(-1, ' ', true);
}

void add_trial(Rows& rows, const Study& study, const Trial& trial) {
  const std::string id = std::to_string(trial.number + 1);
  const bool waits = trial.state == TrialState::kWaiting;
  rows.add("trials", std::to_string(trial.number) + ", 1, " + sql_state(trial.state) + ", " +
                         sql_time(trial.start) + ", " + sql_time(trial.end));
  const std::vector<Param>& params = study.settings.space.params();
  for (std::size_t p = 0; p < params.size() && !waits; ++p) {
    if (std::isnan(trial.configuration[p])) continue;
    rows.add("trial_params", id + ", " + sql(params[p].name) + ", " +
                                 shortest(trial.configuration[p]) + ", " +
                                 sql(to_json(params[p].distribution)));
  }
  if (!std::isnan(trial.value)) rows.add("trial_values", id + ", 0, " + sql_value(trial.value));
  for (const auto& [step, value] : trial.intermediate) {
    rows.add("trial_intermediate_values",
             id + ", " + std::to_string(step) + ", " + sql_value(value));
  }
  for (const auto& [name, text] : trial.attributes) {
    rows.add("trial_user_attributes", id + ", " + sql(name) + ", " + sql(json_of(text)));
  }
  const auto system = [&](const std::string& name, const std::string& json) {
    rows.add("trial_system_attributes", id + ", " + sql(name) + ", " + sql(json));
  };
  if (waits) system("fixed_params", fixed_params(study, trial));
  if (trial.attempt > 0) system("mrec:attempt", std::to_string(trial.attempt));
}

}  // namespace

std::string to_csv(const Study& study, CsvColumns columns) {
  const bool all = columns == CsvColumns::kAll;
  std::vector<std::string> heading{"number", "state", "value", "epochs"};
  if (all) heading.insert(heading.end(), {"seconds", "start", "end"});
  for (const Param& param : study.settings.space.params()) {
    heading.push_back("params_" + param.name);
  }
  std::set<std::string> attributes;
  for (const Trial& trial : study.trials) {
    for (const auto& [name, text] : trial.attributes) {
      if (all) attributes.insert(name);
    }
  }
  for (const std::string& name : attributes) heading.push_back("attributes_" + name);
  std::string text = csv_line(heading);
  for (const Trial& trial : study.trials) {
    const int epochs = epochs_of(trial);
    std::vector<std::string> cells{std::to_string(trial.number), std::string(name_of(trial.state)),
                                   number_or_nothing(trial.value),
                                   epochs == 0 ? "" : std::to_string(epochs)};
    if (all) {
      cells.insert(cells.end(),
                   {number_or_nothing(seconds_of(trial)), utc(trial.start), utc(trial.end)});
    }
    const std::vector<Param>& params = study.settings.space.params();
    for (std::size_t p = 0; p < params.size(); ++p) {
      const double value = trial.configuration[p];
      cells.push_back(std::isnan(value) ? "" : to_text(params[p].distribution, value));
    }
    for (const std::string& name : attributes) {
      const auto found = trial.attributes.find(name);
      cells.push_back(found == trial.attributes.end() ? "" : found->second);
    }
    text += csv_line(cells);
  }
  return text;
}

std::string to_optuna_sql(const Study& study, OptunaSchema schema) {
  const bool is_new = schema == OptunaSchema::kV32;
  std::string text = "BEGIN;\n" + std::string(kTables);
  if (is_new) text += "CREATE INDEX ix_trials_study_id ON trials (study_id);\n";
  text += "INSERT INTO alembic_version VALUES (" +
          std::string(is_new ? "'v3.2.0.a'" : "'v3.0.0.d'") + ");\n";
  text += "INSERT INTO version_info VALUES (1, 12, " + std::string(is_new ? "'3.2.0'" : "'3.1.0'") +
          ");\n";
  Rows rows;
  rows.add("studies", sql(study.settings.name));
  rows.add("study_directions",
           std::string(study.settings.maximize ? "'MAXIMIZE'" : "'MINIMIZE'") + ", 1, 0");
  for (const auto& [name, value] : study.attributes) {
    rows.add("study_user_attributes", "1, " + sql(name) + ", " + sql(json_of(value)));
  }
  if (!study.settings.metric.empty()) {
    rows.add("study_system_attributes",
             "1, 'study:metric_names', " + sql(Json::array({study.settings.metric}).dump()));
  }
  for (const Trial& trial : study.trials) add_trial(rows, study, trial);
  return text + rows.text() + "COMMIT;\n";
}

}  // namespace mrec
