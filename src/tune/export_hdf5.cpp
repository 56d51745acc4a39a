#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "base/hdf5.h"
#include "tune/export.h"
#include "tune/study_table.h"

namespace mrec {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

std::string dumped(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// An attribute that is a number, or NaN.
double number_of(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  return text.empty() || *end != '\0' ? kNone : value;
}

// A column of /trials that trials tell by an attribute; -1: not known.
template <typename T>
std::vector<T> attribute_column(const Study& study, const std::string& name) {
  std::vector<T> column;
  for (const Trial& trial : study.trials) {
    const auto found = trial.attributes.find(name);
    const double value = found == trial.attributes.end() ? kNone : number_of(found->second);
    const bool fits = value >= 0 && value <= static_cast<double>(std::numeric_limits<T>::max());
    column.push_back(fits ? static_cast<T>(value) : T{-1});
  }
  return column;
}

template <typename T, typename Value>
std::vector<T> column_of(const Study& study, Value value) {
  std::vector<T> column;
  column.reserve(study.trials.size());
  for (const Trial& trial : study.trials) column.push_back(static_cast<T>(value(trial)));
  return column;
}

std::string kind_of(const Distribution& distribution) {
  if (distribution.is_categorical()) return "categorical";
  return distribution.kind == Distribution::Kind::kInt ? "int" : "float";
}

// The texts of choices, as a JSON array.
std::string choices_json(const std::vector<Choice>& choices) {
  Json texts = Json::array();
  for (const Choice& choice : choices) texts.push_back(to_text(choice));
  return dumped(texts);
}

void write_space(h5::Writer& file, const Space& space) {
  std::vector<std::string> names;
  std::vector<std::string> kinds;
  std::vector<double> low;
  std::vector<double> high;
  std::vector<double> step;
  std::vector<std::uint8_t> log;
  std::vector<std::string> choices;
  std::vector<std::string> parents;
  std::vector<std::string> parent_values;
  for (const auto& [name, distribution, when] : space.params()) {
    names.push_back(name);
    kinds.push_back(kind_of(distribution));
    low.push_back(distribution.is_categorical() ? 0 : distribution.low);
    high.push_back(distribution.is_categorical()
                       ? static_cast<double>(distribution.choices.size()) - 1
                       : distribution.high);
    step.push_back(distribution.step);
    log.push_back(distribution.log ? 1 : 0);
    choices.push_back(distribution.is_categorical() ? choices_json(distribution.choices) : "");
    parents.push_back(when ? when->parent : "");
    std::vector<Choice> values;
    if (when) {
      const Distribution& parent = space.params()[space.index(when->parent)].distribution;
      for (const int i : when->choices) {
        values.push_back(parent.choices[static_cast<std::size_t>(i)]);
      }
    }
    parent_values.push_back(when ? choices_json(values) : "");
  }
  file.table("space", std::vector<h5::NamedColumn>{{"name", names},
                                                   {"kind", kinds},
                                                   {"low", low},
                                                   {"high", high},
                                                   {"step", step},
                                                   {"log", log},
                                                   {"choices_json", choices},
                                                   {"parent", parents},
                                                   {"parent_values_json", parent_values}});
}

void write_trials(h5::Writer& file, const Study& study) {
  file.group("trials");
  file.column("trials/number", column_of<int>(study, [](const Trial& t) { return t.number; }));
  file.column("trials/state",
              column_of<std::uint8_t>(study, [](const Trial& t) { return t.state; }));
  file.column("trials/value", column_of<double>(study, [](const Trial& t) { return t.value; }));
  std::vector<double> params;
  for (const Trial& trial : study.trials) {
    params.insert(params.end(), trial.configuration.begin(), trial.configuration.end());
  }
  file.doubles("trials/params", params, study.settings.space.size());
  file.column("trials/start",
              column_of<std::int64_t>(study, [](const Trial& t) { return t.start; }));
  file.column("trials/end", column_of<std::int64_t>(study, [](const Trial& t) { return t.end; }));
  file.column("trials/seconds", column_of<double>(study, seconds_of));
  file.column("trials/epochs_done", column_of<int>(study, epochs_of));
  file.column("trials/attempt", column_of<int>(study, [](const Trial& t) { return t.attempt; }));
  file.column("trials/fail_code",
              column_of<std::int16_t>(study, [](const Trial& t) { return t.failure; }));
  file.column("trials/worker", attribute_column<int>(study, "group"));
  file.column("trials/ranks", attribute_column<std::int16_t>(study, "ranks"));
  file.column("trials/rung", attribute_column<std::int16_t>(study, "rung"));
}

void write_values(h5::Writer& file, const Study& study) {
  std::vector<int> trials;
  std::vector<int> steps;
  std::vector<double> values;
  std::map<std::string, std::vector<double>> metrics;
  for (std::size_t i = 0; i < study.trials.size(); ++i) {
    const Trial& trial = study.trials[i];
    for (const auto& [step, value] : trial.intermediate) {
      trials.push_back(static_cast<int>(trial.number));
      steps.push_back(step);
      values.push_back(value);
    }
    for (const auto& [name, text] : trial.attributes) {
      const double value = number_of(text);
      if (std::isnan(value)) continue;
      const auto column = metrics.try_emplace(name, study.trials.size(), kNone).first;
      column->second[i] = value;
    }
  }
  file.table("intermediate",
             std::vector<h5::NamedColumn>{{"trial", trials}, {"step", steps}, {"value", values}});
  file.group("metrics");
  for (const auto& [name, column] : metrics) {
    std::string path = name;
    for (char& c : path) c = c == '/' ? '_' : c;
    file.column("metrics/" + path, column);
  }
}

void write_findings(h5::Writer& file, const Study& study) {
  std::vector<std::string> params;
  std::vector<double> shares;
  std::vector<double> variances;
  for (const auto& [name, share, variance] : importance_of(study)) {
    params.push_back(name);
    shares.push_back(share);
    variances.push_back(variance);
  }
  file.table("importance", std::vector<h5::NamedColumn>{
                               {"param", params}, {"importance", shares}, {"fanova", variances}});

  std::vector<int> trials;
  std::vector<double> values;
  std::vector<std::string> names;
  std::vector<std::string> texts;
  const std::vector<std::size_t> ranking = best_first(study);
  if (!ranking.empty()) {
    const Trial& best = study.trials[ranking.front()];
    for (const auto& [name, text] : params_of(study, best)) {
      trials.push_back(static_cast<int>(best.number));
      values.push_back(best.value);
      names.push_back(name);
      texts.push_back(text);
    }
  }
  file.table("best", std::vector<h5::NamedColumn>{
                         {"trial", trials}, {"value", values}, {"param", names}, {"text", texts}});
}

}  // namespace

void write_study_h5(const Study& study, const std::string& path, const std::string& version) {
  h5::Writer file(path, "mrec-study", 1);
  file.attribute("", "version", 1);
  file.attribute("", "study_name", study.settings.name);
  file.attribute("", "direction", study.settings.maximize ? "maximize" : "minimize");
  file.attribute("", "metric", study.settings.metric);
  file.attribute("", "created_by", "mrec-study " + version);
  file.attribute("", "config_json", dumped(Json(study.settings.identity)));
  file.attribute("", "attributes_json", dumped(Json(study.attributes)));
  write_space(file, study.settings.space);
  write_trials(file, study);
  write_values(file, study);
  write_findings(file, study);
  file.commit();
}

}  // namespace mrec
