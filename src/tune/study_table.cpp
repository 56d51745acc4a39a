#include "tune/study_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/text.h"
#include "tune/fanova.h"
#include "tune/importance.h"

namespace mrec {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kMicroseconds = 1000000;
constexpr std::array kStates{TrialState::kComplete, TrialState::kPruned, TrialState::kFail,
                             TrialState::kRunning, TrialState::kWaiting};

// An attribute that is a number, or NaN.
double number_of(const Trial& trial, const std::string& name) {
  const auto found = trial.attributes.find(name);
  if (found == trial.attributes.end() || found->second.empty()) return kNone;
  char* end = nullptr;
  const double value = std::strtod(found->second.c_str(), &end);
  return *end == '\0' ? value : kNone;
}

Json json_of(const Choice& choice) {
  if (std::holds_alternative<std::monostate>(choice)) return {};
  if (const auto* flag = std::get_if<bool>(&choice)) return *flag;
  if (const auto* whole = std::get_if<std::int64_t>(&choice)) return *whole;
  if (const auto* number = std::get_if<double>(&choice)) return *number;
  return std::get<std::string>(choice);
}

Json json_of(double value) { return std::isfinite(value) ? Json(value) : Json(); }

std::string dumped(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::size_t num_signs(const std::string& text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

// Columns under one another; numbers, which are all but the texts of `left`, stand right.
std::string aligned(const std::vector<std::vector<std::string>>& rows,
                    const std::vector<bool>& left) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const auto& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], num_signs(row[c]));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) {
      const std::string gap(widths[c] - num_signs(row[c]), ' ');
      line += (c == 0 ? "" : "  ") + (left[c] ? row[c] + gap : gap + row[c]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

std::string value_text(double value) {
  constexpr int kDigits = 6;
  return std::isnan(value) ? "-" : fixed(value, kDigits);
}

std::int64_t count_of(const Study& study, TrialState state) {
  return std::ranges::count(study.trials, state, &Trial::state);
}

// A word for a shell.
std::string in_shell(const std::string& text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+.,:/@%=";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

Json json_of(const Study& study, const Trial& trial) {
  const int epochs = epochs_of(trial);
  Json params = Json::object();
  for (std::size_t p = 0; p < trial.configuration.size(); ++p) {
    const double value = trial.configuration[p];
    if (std::isnan(value)) continue;
    const auto& [name, distribution, when] = study.settings.space.params()[p];
    if (!distribution.is_categorical()) {
      const bool whole = distribution.kind == Distribution::Kind::kInt;
      params[name] = whole ? Json(std::llround(value)) : Json(value);
      continue;
    }
    params[name] = json_of(distribution.choices[static_cast<std::size_t>(value)]);
  }
  const auto time = [](std::int64_t at) { return at == 0 ? Json() : Json(utc(at)); };
  return {{"number", trial.number},
          {"state", name_of(trial.state)},
          {"value", json_of(trial.value)},
          {"epochs", epochs == 0 ? Json() : Json(epochs)},
          {"seconds", json_of(seconds_of(trial))},
          {"start", time(trial.start)},
          {"end", time(trial.end)},
          {"params", params},
          {"attributes", trial.attributes}};
}

}  // namespace

std::string_view name_of(TrialState state) {
  switch (state) {
    case TrialState::kRunning:
      return "running";
    case TrialState::kComplete:
      return "complete";
    case TrialState::kPruned:
      return "pruned";
    case TrialState::kFail:
      return "fail";
    case TrialState::kWaiting:
      return "waiting";
  }
  return "";
}

double seconds_of(const Trial& trial) {
  const double told = number_of(trial, "seconds");
  if (std::isfinite(told)) return told;
  if (trial.start == 0 || trial.end < trial.start) return kNone;
  return static_cast<double>(trial.end - trial.start) / kMicroseconds;
}

int epochs_of(const Trial& trial) {
  constexpr double kMost = std::numeric_limits<int>::max();
  const double told = number_of(trial, "epochs");
  if (told >= 0 && told <= kMost) return static_cast<int>(told);
  return trial.intermediate.empty() ? 0 : trial.intermediate.rbegin()->first;
}

std::vector<std::size_t> by_number(const Study& study) {
  std::vector<std::size_t> order(study.trials.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  return order;
}

std::vector<std::size_t> best_first(const Study& study) {
  std::vector<std::size_t> order = by_number(study);
  std::erase_if(order, [&](std::size_t i) {
    return study.trials[i].state != TrialState::kComplete || std::isnan(study.trials[i].value);
  });
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    const double first = study.trials[a].value;
    const double second = study.trials[b].value;
    return study.settings.maximize ? first > second : first < second;
  });
  return order;
}

std::vector<std::size_t> all_best_first(const Study& study) {
  std::vector<std::size_t> order = best_first(study);
  std::vector<bool> has_place(study.trials.size(), false);
  for (const std::size_t i : order) has_place[i] = true;
  for (std::size_t i = 0; i < study.trials.size(); ++i) {
    if (!has_place[i]) order.push_back(i);
  }
  return order;
}

std::vector<ParamText> params_of(const Study& study, const Trial& trial) {
  std::vector<ParamText> texts;
  const std::vector<Param>& params = study.settings.space.params();
  for (std::size_t p = 0; p < params.size() && p < trial.configuration.size(); ++p) {
    if (std::isnan(trial.configuration[p])) continue;
    texts.push_back({params[p].name, to_text(params[p].distribution, trial.configuration[p])});
  }
  return texts;
}

std::string utc(std::int64_t microseconds) {
  if (microseconds == 0) return "";
  const auto seconds = static_cast<std::time_t>(microseconds / kMicroseconds);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ",
                parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
                parts.tm_sec, static_cast<int>(microseconds % kMicroseconds));
  return text.data();
}

std::vector<Importance> importance_of(const Study& study) {
  const std::vector<double> shares =
      importances(study.settings.space, study.settings.maximize, study.trials);
  std::vector<Importance> ranked;
  if (std::ranges::none_of(shares, [](double share) { return share > 0; })) return ranked;
  const std::vector<double> variances = Forest(study.settings.space, study.trials).shares();
  for (std::size_t p = 0; p < shares.size(); ++p) {
    ranked.push_back({study.settings.space.params()[p].name, shares[p], variances[p]});
  }
  std::ranges::stable_sort(ranked, std::ranges::greater{}, &Importance::share);
  return ranked;
}

std::string importance_text(const std::vector<Importance>& importance) {
  constexpr int kDigits = 4;
  std::vector<std::vector<std::string>> rows{{"parameter", "importance", "fanova"}};
  for (const Importance& one : importance) {
    rows.push_back({one.param, fixed(one.share, kDigits), fixed(one.variance, kDigits)});
  }
  return aligned(rows, {true, false, false});
}

std::string importance_json(const std::vector<Importance>& importance) {
  Json all = Json::array();
  for (const Importance& one : importance) {
    all.push_back({{"param", one.param}, {"importance", one.share}, {"fanova", one.variance}});
  }
  return dumped(all);
}

std::string trials_text(const Study& study, const std::vector<std::size_t>& order) {
  std::vector<std::vector<std::string>> rows{{"number", "state", "value", "epochs", "seconds"}};
  std::vector<bool> left{false, true, false, false, false};
  for (const Param& param : study.settings.space.params()) {
    rows.front().push_back(param.name);
    left.push_back(param.distribution.is_categorical());
  }
  for (const std::size_t i : order) {
    const Trial& trial = study.trials[i];
    const int epochs = epochs_of(trial);
    const double seconds = seconds_of(trial);
    rows.push_back({std::to_string(trial.number), std::string(name_of(trial.state)),
                    value_text(trial.value), epochs == 0 ? "-" : std::to_string(epochs),
                    std::isnan(seconds) ? "-" : fixed(seconds, 1)});
    const std::vector<Param>& params = study.settings.space.params();
    for (std::size_t p = 0; p < params.size(); ++p) {
      const double value = trial.configuration[p];
      rows.back().push_back(std::isnan(value) ? "-" : to_text(params[p].distribution, value));
    }
  }
  return aligned(rows, left);
}

std::string trials_json(const Study& study, const std::vector<std::size_t>& order) {
  Json all = Json::array();
  for (const std::size_t i : order) all.push_back(json_of(study, study.trials[i]));
  return dumped(all);
}

std::string command_of(std::string_view program, const std::vector<ParamText>& options) {
  std::string command(program);
  for (const ParamText& option : options) {
    // A flag takes its value behind '=' only; that is right for all, but harder to read.
    const bool is_flag = option.value == "true" || option.value == "false";
    command += " --" + option.name + (is_flag ? "=" : " ") + in_shell(option.value);
  }
  return command;
}

std::string best_json(const Study& study, std::size_t trial, std::string_view program,
                      const std::vector<ParamText>& options) {
  Json best = json_of(study, study.trials[trial]);
  best["command"] = command_of(program, options);
  Json texts = Json::object();
  for (const ParamText& option : options) texts[option.name] = option.value;
  best["options"] = texts;
  return dumped(best);
}

std::string studies_text(const std::vector<Study>& studies) {
  std::vector<std::vector<std::string>> rows{{"study", "direction", "metric", "trials"}};
  std::vector<bool> left{true, true, true, false};
  for (const TrialState state : kStates) {
    rows.front().emplace_back(name_of(state));
    left.push_back(false);
  }
  rows.front().emplace_back("best");
  left.push_back(false);
  for (const Study& study : studies) {
    rows.push_back({study.settings.name, study.settings.maximize ? "maximize" : "minimize",
                    study.settings.metric.empty() ? "-" : study.settings.metric,
                    std::to_string(study.trials.size())});
    for (const TrialState state : kStates) {
      rows.back().push_back(std::to_string(count_of(study, state)));
    }
    const std::vector<std::size_t> best = best_first(study);
    rows.back().push_back(best.empty() ? "-" : value_text(study.trials[best.front()].value));
  }
  return aligned(rows, left);
}

std::string studies_json(const std::vector<Study>& studies) {
  Json all = Json::array();
  for (const Study& study : studies) {
    Json states = Json::object();
    for (const TrialState state : kStates) {
      states[std::string(name_of(state))] = count_of(study, state);
    }
    const std::vector<std::size_t> best = best_first(study);
    Json best_trial;
    if (!best.empty()) {
      best_trial = {{"number", study.trials[best.front()].number},
                    {"value", json_of(study.trials[best.front()].value)}};
    }
    all.push_back({{"name", study.settings.name},
                   {"direction", study.settings.maximize ? "maximize" : "minimize"},
                   {"metric", study.settings.metric},
                   {"trials", study.trials.size()},
                   {"states", states},
                   {"best", best_trial}});
  }
  return dumped(all);
}

}  // namespace mrec
