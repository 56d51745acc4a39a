#include "serve/model_reports.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "base/error.h"
#include "serve/properties.h"

namespace mrec {
namespace {

using schema::Json;

Json read_json(const std::string& path, const std::string& what) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw InputError(path + ": cannot be opened");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded())
    throw InputError(path + ": is not JSON; expected what " + what + " wrote");
  return json;
}

bool is_report(const Json& report) {
  return report.is_object() && report.contains("name") && report["name"].is_string() &&
         report.contains("metrics") && report["metrics"].is_array();
}

bool is_trial(const Json& trial) {
  return trial.is_object() && trial.contains("number") && trial["number"].is_number_integer() &&
         trial.contains("params") && trial["params"].is_object();
}

// Of paths only the files' names are the client's business.
std::string without_folders(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '/') {
      out.erase(out.find_last_of(' ') + 1);
    } else {
      out += c;
    }
  }
  return out;
}

std::string evaluation_of(const std::string& path, std::string_view model_sha256) {
  constexpr const char* kProgram = "mrec-evaluate --json";
  const Json json = read_json(path, kProgram);
  const bool is_evaluation = json.is_object() && json.contains("facts") &&
                             json["facts"].is_object() && json.contains("reports") &&
                             json["reports"].is_array() &&
                             std::ranges::all_of(json["reports"], is_report);
  if (!is_evaluation) throw InputError(path + ": is not what " + kProgram + " writes");
  const Json sums = json["facts"].value("model sha256", Json());
  if (!sums.is_string() || model_sha256.empty() ||
      sums.get<std::string>().find(model_sha256) == std::string::npos) {
    return "";
  }
  Json told = Json::object();
  for (const auto& [name, value] : json["facts"].items()) {
    if (value.is_string()) told["facts"][name] = without_folders(value.get<std::string>());
  }
  for (const char* name : {"warnings", "reports", "comparisons"}) {
    if (json.contains(name)) told[name] = json[name];
  }
  return schema::dump(told);
}

std::string trials_of(const std::string& path) {
  constexpr const char* kProgram = "mrec-study show --json";
  const Json json = read_json(path, kProgram);
  if (!json.is_array() || !std::ranges::all_of(json, is_trial)) {
    throw InputError(path + ": is not what " + kProgram + " writes");
  }
  return schema::dump(json);
}

}  // namespace

ModelReports read_model_reports(const std::string& evaluation, const std::string& study,
                                std::string_view model_sha256) {
  ModelReports reports;
  if (!evaluation.empty()) reports.evaluation = evaluation_of(evaluation, model_sha256);
  if (!study.empty()) reports.trials = trials_of(study);
  return reports;
}

}  // namespace mrec
