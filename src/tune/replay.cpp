#include "tune/replay.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"

namespace mrec {
namespace {

using Json = nlohmann::json;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::int64_t kMicroseconds = 1000000;

enum Op {
  kCreateStudy = 0,
  kDeleteStudy = 1,
  kStudyUserAttribute = 2,
  kStudySystemAttribute = 3,
  kCreateTrial = 4,
  kParam = 5,
  kState = 6,
  kIntermediate = 7,
  kUserAttribute = 8,
  kSystemAttribute = 9,
};

// Python writes NaN and Infinity as bare words, which JSON does not have: makes texts of them.
std::string without_bare_words(std::string_view line) {
  std::string text;
  text.reserve(line.size());
  bool in_text = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (in_text && c == '\\' && i + 1 < line.size()) {
      text += c;
      text += line[++i];
      continue;
    }
    if (c == '"') in_text = !in_text;
    bool found = false;
    if (!in_text) {
      for (const std::string_view word : {"NaN", "Infinity", "-Infinity"}) {
        if (line.substr(i, word.size()) != word) continue;
        text += '"' + std::string(word) + '"';
        i += word.size() - 1;
        found = true;
        break;
      }
    }
    if (!found) text += c;
  }
  return text;
}

double number(const Json& json) {
  if (json.is_null()) return kNone;
  if (!json.is_string()) return json.get<double>();
  const auto& text = json.get_ref<const std::string&>();
  if (text == "NaN") return kNone;
  if (text == "Infinity") return kInfinity;
  if (text == "-Infinity") return -kInfinity;
  throw InputError("'" + text + "' is no number");
}

// For people: a text as it is, anything else as JSON.
std::string text_of(const Json& json) {
  return json.is_string() ? json.get<std::string>() : json.dump();
}

// Microseconds since the epoch of "2026-11-23T03:00:00.000000+00:00"; without an offset it is local
// time.
std::int64_t time_of(const Json& json) {
  if (json.is_null()) return 0;
  const std::string text = json;
  std::tm parts{};
  int micros = 0;
  int length = 0;
  if (std::sscanf(text.c_str(), "%d-%d-%dT%d:%d:%d%n", &parts.tm_year, &parts.tm_mon,
                  &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &length) != 6) {
    throw InputError("'" + text + "' is no date and time");
  }
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  parts.tm_isdst = -1;
  std::string rest = text.substr(static_cast<std::size_t>(length));
  if (int digits = 0; std::sscanf(rest.c_str(), ".%d%n", &micros, &digits) == 1) {
    rest = rest.substr(static_cast<std::size_t>(digits));
  }
  if (rest.empty()) return std::mktime(&parts) * kMicroseconds + micros;
  int hours = 0;
  int minutes = 0;
  if (rest != "Z" && std::sscanf(rest.c_str() + 1, "%d:%d", &hours, &minutes) != 2) {
    throw InputError("'" + text + "' is no date and time");
  }
  const std::int64_t offset = (hours * 60 + minutes) * 60 * (rest[0] == '-' ? -1 : 1);
  return (timegm(&parts) - offset) * kMicroseconds + micros;
}

std::string now() {
  const auto since = std::chrono::duration_cast<std::chrono::microseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
  const auto seconds = static_cast<std::time_t>(since / kMicroseconds);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "\"%04d-%02d-%02dT%02d:%02d:%02d.%06d+00:00\"",
                parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
                parts.tm_sec, static_cast<int>(since % kMicroseconds));
  return text.data();
}

// The place of a parameter, or -1.
int place_of(const Space& space, const std::string& name) {
  const auto param = std::ranges::find(space.params(), name, &Param::name);
  return param == space.params().end() ? -1 : static_cast<int>(param - space.params().begin());
}

// A parameter as its line has it, in our space; what our space lacks is left out. A study that was
// not made by us gets its space from here.
void set_param(Replay& replay, Trial& trial, const std::string& name, double value,
               const std::string& json) {
  const Distribution theirs = distribution_from_json(json);
  if (replay.learns_space && place_of(replay.space, name) < 0) {
    std::vector<Param> params = replay.space.params();
    params.push_back({name, theirs});
    replay.space = Space(std::move(params));
    for (Trial& one : replay.trials) one.configuration.resize(replay.space.size(), kNone);
    trial.configuration.resize(replay.space.size(), kNone);
  }
  const int place = place_of(replay.space, name);
  if (place < 0) return;
  const auto i = static_cast<std::size_t>(place);
  const Distribution& ours = replay.space.params()[i].distribution;
  if (theirs.is_categorical() != ours.is_categorical()) return;
  if (theirs.is_categorical()) {
    if (!theirs.contains(value)) throw InputError(name + " has no choice of that index");
    const Choice& choice = theirs.choices[static_cast<std::size_t>(value)];
    const auto same = std::ranges::find(ours.choices, choice);
    value = same == ours.choices.end() ? kNone : static_cast<double>(same - ours.choices.begin());
  }
  trial.configuration[i] = value;
}

// What whoever enqueued a trial has fixed: values as a person writes them.
void set_fixed(const Space& space, Trial& trial, const Json& fixed) {
  const auto refuse = [&](const std::string& what) {
    trial.problem += (trial.problem.empty() ? "" : "; ") + what;
  };
  for (const auto& [name, json] : fixed.items()) {
    const int place = place_of(space, name);
    if (place < 0) {
      refuse(name + " is not searched");
      continue;
    }
    const Distribution& ours = space.params()[static_cast<std::size_t>(place)].distribution;
    double value = kNone;
    if (ours.is_categorical()) {
      const auto choice = std::ranges::find(ours.choices, text_of(json),
                                            [](const Choice& one) { return to_text(one); });
      if (choice != ours.choices.end()) value = static_cast<double>(choice - ours.choices.begin());
    } else if (json.is_number()) {
      value = json.get<double>();
    }
    if (ours.contains(value)) {
      trial.configuration[static_cast<std::size_t>(place)] = value;
    } else {
      refuse(name + " = " + text_of(json) + " is not of " + to_json(ours));
    }
  }
}

void set_system_attributes(const Replay& replay, Trial& trial, const Json& attributes) {
  for (const auto& [name, value] : attributes.items()) {
    if (name == "fixed_params") set_fixed(replay.space, trial, value);
    if (name == "mrec:attempt") trial.attempt = value;
    if (name == "mrec:paused") trial.paused_at = value;
    if (name == "mrec:resumed") {
      trial.resumed_at = value;
      trial.paused_at = 0;
    }
    if (name == "mrec:seen") trial.seen = value;
    if (name == "mrec:failure") {
      trial.failure = value == "objective" ? Failure::kObjective : Failure::kInfrastructure;
    }
  }
}

void set_state(Trial& trial, int state) {
  if (state < 0 || state > static_cast<int>(TrialState::kWaiting)) {
    throw InputError("there is no state " + std::to_string(state));
  }
  trial.state = static_cast<TrialState>(state);
  // A trial of others that failed has failed by what it tried, as far as we know.
  if (trial.state == TrialState::kFail && trial.failure == Failure::kNone) {
    trial.failure = Failure::kObjective;
  }
}

void set_values(Trial& trial, const Json& values) {
  if (values.is_array() && !values.empty()) trial.value = number(values[0]);
}

void create_study(Replay& replay, const Json& line) {
  const std::string name = line.at("study_name");
  const bool exists =
      std::ranges::any_of(replay.studies, [&](const auto& study) { return study.second == name; });
  if (exists) return;  // two processes at once
  const std::int64_t id = replay.num_studies++;
  replay.studies[id] = name;
  if (name != replay.study) return;
  replay.study_id = id;
  replay.maximize = line.at("directions").at(0) == 2;
}

void delete_study(Replay& replay, const Json& line) {
  const std::int64_t id = line.at("study_id");
  replay.studies.erase(id);
  if (id != replay.study_id) return;
  replay.study_id = -1;
  replay.trials.clear();
  replay.trial_ids.clear();
  replay.workers.clear();
  replay.attributes.clear();
  std::ranges::fill(replay.numbers, -1);
}

void set_study_attribute(Replay& replay, const Json& line) {
  if (line.at("study_id") != replay.study_id) return;
  for (const auto& [name, value] : line.at("user_attr").items()) {
    replay.attributes[name] = text_of(value);
    if (name == "mrec:space" && replay.learns_space) {
      replay.space = parse_space(text_of(value), name);
      replay.learns_space = false;
      for (Trial& trial : replay.trials) trial.configuration.resize(replay.space.size(), kNone);
    }
  }
}

void create_trial(Replay& replay, const Json& line) {
  const std::int64_t study = line.at("study_id");
  if (!replay.studies.contains(study)) return;
  const auto trial_id = static_cast<std::int64_t>(replay.numbers.size());
  if (study != replay.study_id) {
    replay.numbers.push_back(-1);
    return;
  }
  Trial trial{.number = static_cast<std::int64_t>(replay.trials.size())};
  trial.configuration.assign(replay.space.size(), kNone);
  set_state(trial, line.value("state", 0));
  trial.start = time_of(line.at("datetime_start"));
  if (line.contains("datetime_complete")) trial.end = time_of(line["datetime_complete"]);
  if (line.contains("params")) {
    const Json& distributions = line.at("distributions");
    for (const auto& [name, value] : line["params"].items()) {
      set_param(replay, trial, name, number(value), distributions.at(name));
    }
  }
  if (line.contains("value")) trial.value = number(line["value"]);
  if (line.contains("values")) set_values(trial, line["values"]);
  if (line.contains("user_attrs")) {
    for (const auto& [name, value] : line["user_attrs"].items()) {
      trial.attributes[name] = text_of(value);
    }
  }
  if (line.contains("system_attrs")) set_system_attributes(replay, trial, line["system_attrs"]);
  if (line.contains("intermediate_values")) {
    for (const auto& [step, value] : line["intermediate_values"].items()) {
      trial.intermediate[std::stoi(step)] = number(value);
    }
  }
  replay.numbers.push_back(trial.number);
  replay.trial_ids.push_back(trial_id);
  replay.workers.push_back(line.at("worker_id"));
  replay.trials.push_back(std::move(trial));
}

void change_trial(Replay& replay, int op, const Json& line) {
  const std::int64_t trial_id = line.at("trial_id");
  if (trial_id < 0 || trial_id >= static_cast<std::int64_t>(replay.numbers.size())) return;
  const std::int64_t number_of_trial = replay.numbers[static_cast<std::size_t>(trial_id)];
  if (number_of_trial < 0) return;
  const auto place = static_cast<std::size_t>(number_of_trial);
  Trial& trial = replay.trials[place];
  if (is_finished(trial.state)) return;
  switch (op) {
    case kParam:
      set_param(replay, trial, line.at("param_name"), number(line.at("param_value_internal")),
                line.at("distribution"));
      break;
    case kState:
      set_state(trial, line.at("state"));
      set_values(trial, line.at("values"));
      if (trial.state == TrialState::kRunning) {
        trial.start = time_of(line.at("datetime_start"));
        replay.workers[place] = line.at("worker_id");
        for (std::size_t i = 0; i < replay.space.size(); ++i) {  // fixed, and not needed
          if (!replay.space.is_active(i, trial.configuration)) trial.configuration[i] = kNone;
        }
      }
      if (is_finished(trial.state)) trial.end = time_of(line.at("datetime_complete"));
      break;
    case kIntermediate:
      trial.intermediate[line.at("step")] = number(line.at("intermediate_value"));
      break;
    case kUserAttribute:
      for (const auto& [name, value] : line.at("user_attr").items()) {
        trial.attributes[name] = text_of(value);
      }
      break;
    case kSystemAttribute:
      set_system_attributes(replay, trial, line.at("system_attr"));
      break;
    default:
      break;
  }
}

// Quoted, in plain ASCII.
std::string in_quotes(const std::string& text) {
  return Json(text).dump(-1, ' ', true, Json::error_handler_t::replace);
}

std::string json(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return shortest(value);
}

// A number stays one when it reads back to the same text, so that Optuna's tools can draw it.
std::string json_of_text(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  const bool is_number = !text.empty() && *end == '\0' && std::isfinite(value);
  return is_number && (shortest(value) == text || plain(value) == text) ? text : in_quotes(text);
}

std::string id(const char* name, std::int64_t value) {
  return '"' + std::string(name) + "\":" + std::to_string(value);
}

}  // namespace

void apply(Replay& replay, std::string_view line) {
  try {
    const bool has_words = line.find("NaN") != std::string_view::npos ||
                           line.find("Infinity") != std::string_view::npos;
    const Json parsed = has_words ? Json::parse(without_bare_words(line)) : Json::parse(line);
    const int op = parsed.at("op_code");
    ++replay.num_lines;
    switch (op) {
      case kCreateStudy:
        return create_study(replay, parsed);
      case kDeleteStudy:
        return delete_study(replay, parsed);
      case kStudyUserAttribute:
        return set_study_attribute(replay, parsed);
      case kStudySystemAttribute:
        if (parsed.at("study_id") == replay.study_id &&
            parsed.at("system_attr").contains("study:metric_names")) {
          replay.metric = parsed["system_attr"]["study:metric_names"].at(0);
        }
        return;
      case kCreateTrial:
        return create_trial(replay, parsed);
      case kParam:
      case kState:
      case kIntermediate:
      case kUserAttribute:
      case kSystemAttribute:
        return change_trial(replay, op, parsed);
      default:
        return;  // of a newer version
    }
  } catch (const Json::exception& error) {
    throw InputError(std::string("not a line of a journal: ") + error.what());
  } catch (const std::invalid_argument&) {
    throw InputError("not a line of a journal: a step is no number");
  } catch (const std::out_of_range&) {
    throw InputError("not a line of a journal: a step is too large");
  }
}

void JournalLines::line(int op, const std::string& fields) {
  text_ += "{\"op_code\":" + std::to_string(op) + ",\"worker_id\":" + in_quotes(worker_) + ',' +
           fields + "}\n";
}

JournalLines& JournalLines::study(const std::string& name, bool maximize) {
  line(kCreateStudy,
       "\"study_name\":" + in_quotes(name) + ",\"directions\":[" + (maximize ? "2" : "1") + "]");
  return *this;
}

JournalLines& JournalLines::study_attribute(std::int64_t study_id, const std::string& name,
                                            const std::string& text) {
  line(kStudyUserAttribute, id("study_id", study_id) + ",\"user_attr\":{" + in_quotes(name) + ':' +
                                in_quotes(text) + '}');
  return *this;
}

JournalLines& JournalLines::metric(std::int64_t study_id, const std::string& name) {
  line(kStudySystemAttribute, id("study_id", study_id) +
                                  ",\"system_attr\":{\"study:metric_names\":[" + in_quotes(name) +
                                  "]}");
  return *this;
}

JournalLines& JournalLines::trial(std::int64_t study_id, TrialState state, const Space& space,
                                  const Configuration& configuration, std::int64_t seen) {
  const bool waits = state == TrialState::kWaiting;
  std::string params;
  std::string distributions;
  std::string fixed;
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (std::isnan(configuration[i])) continue;
    const auto& [name, distribution, when] = space.params()[i];
    const std::string separator = params.empty() ? "" : ",";
    params += separator + in_quotes(name) + ':' + json(configuration[i]);
    distributions += separator + in_quotes(name) + ':' + in_quotes(to_json(distribution));
    const std::string text = to_text(distribution, configuration[i]);
    const bool is_text = distribution.is_categorical() &&
                         std::holds_alternative<std::string>(
                             distribution.choices[static_cast<std::size_t>(configuration[i])]);
    fixed += separator + in_quotes(name) + ':' + (is_text ? in_quotes(text) : text);
  }
  std::string fields = id("study_id", study_id) +
                       ",\"datetime_start\":" + (waits ? "null" : now()) +
                       ",\"state\":" + std::to_string(static_cast<int>(state));
  if (waits) {
    fields += ",\"system_attrs\":{\"fixed_params\":{" + fixed + "}}";
  } else {
    fields += ",\"distributions\":{" + distributions + "},\"params\":{" + params + '}';
    if (seen >= 0) fields += ",\"system_attrs\":{" + id("mrec:seen", seen) + '}';
  }
  line(kCreateTrial, fields);
  return *this;
}

JournalLines& JournalLines::param(std::int64_t trial_id, const Param& param, double value) {
  line(kParam, id("trial_id", trial_id) + ",\"param_name\":" + in_quotes(param.name) +
                   ",\"param_value_internal\":" + json(value) +
                   ",\"distribution\":" + in_quotes(to_json(param.distribution)));
  return *this;
}

JournalLines& JournalLines::state(std::int64_t trial_id, TrialState state, double value) {
  std::string fields = id("trial_id", trial_id) +
                       ",\"state\":" + std::to_string(static_cast<int>(state)) +
                       ",\"values\":" + (std::isnan(value) ? "null" : '[' + json(value) + ']');
  if (state == TrialState::kRunning) fields += ",\"datetime_start\":" + now();
  if (is_finished(state)) fields += ",\"datetime_complete\":" + now();
  line(kState, fields);
  return *this;
}

JournalLines& JournalLines::intermediate(std::int64_t trial_id, int step, double value) {
  line(kIntermediate, id("trial_id", trial_id) + ',' + id("step", step) +
                          ",\"intermediate_value\":" + json(value));
  return *this;
}

JournalLines& JournalLines::attribute(std::int64_t trial_id, const std::string& name,
                                      const std::string& text) {
  line(kUserAttribute, id("trial_id", trial_id) + ",\"user_attr\":{" + in_quotes(name) + ':' +
                           json_of_text(text) + '}');
  return *this;
}

JournalLines& JournalLines::paused(std::int64_t trial_id, int step) {
  line(kSystemAttribute,
       id("trial_id", trial_id) + ",\"system_attr\":{" + id("mrec:paused", step) + '}');
  return *this;
}

JournalLines& JournalLines::resumed(std::int64_t trial_id, int step) {
  line(kSystemAttribute,
       id("trial_id", trial_id) + ",\"system_attr\":{" + id("mrec:resumed", step) + '}');
  return *this;
}

JournalLines& JournalLines::seen(std::int64_t trial_id, std::int64_t num_lines) {
  line(kSystemAttribute,
       id("trial_id", trial_id) + ",\"system_attr\":{" + id("mrec:seen", num_lines) + '}');
  return *this;
}

JournalLines& JournalLines::attempt(std::int64_t trial_id, int attempt) {
  line(kSystemAttribute,
       id("trial_id", trial_id) + ",\"system_attr\":{" + id("mrec:attempt", attempt) + '}');
  return *this;
}

JournalLines& JournalLines::failure(std::int64_t trial_id, Failure failure) {
  line(kSystemAttribute, id("trial_id", trial_id) + ",\"system_attr\":{\"mrec:failure\":\"" +
                             (failure == Failure::kObjective ? "objective" : "infrastructure") +
                             "\"}");
  return *this;
}

}  // namespace mrec
