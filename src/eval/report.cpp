#include "eval/report.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <ostream>

#include "base/output_file.h"

namespace mrec {
namespace {

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

std::string figure(const Summary& summary) {
  char text[40];
  if (summary.metric == "coverage") {
    std::snprintf(text, sizeof text, "%.4f", summary.mean);
  } else {
    std::snprintf(text, sizeof text, "%.4f +- %.4f", summary.mean, summary.standard_error);
  }
  return text;
}

}  // namespace

void print(std::ostream& out, const Facts& facts, std::span<const Report> reports) {
  for (const auto& [name, value] : facts) out << padded(name, 16) << value << '\n';
  constexpr std::size_t kWidth = 20;
  out << '\n' << padded("", 16);
  for (const Report& report : reports) out << padded(report.name, kWidth);
  out << '\n';
  for (std::size_t row = 0; row < reports.front().summaries.size(); ++row) {
    const Summary& first = reports.front().summaries[row];
    out << padded(first.metric + (first.k > 0 ? "@" + std::to_string(first.k) : ""), 16);
    for (const Report& report : reports) out << padded(figure(report.summaries[row]), kWidth);
    out << '\n';
  }
}

void write_json(const std::string& path, const Facts& facts, std::span<const Report> reports) {
  nlohmann::ordered_json root;
  for (const auto& [name, value] : facts) root["facts"][name] = value;
  for (const Report& report : reports) {
    nlohmann::ordered_json metrics = nlohmann::ordered_json::array();
    for (const Summary& summary : report.summaries) {
      metrics.push_back(
          {{"metric", summary.metric},
           {"k", summary.k > 0 ? nlohmann::ordered_json(summary.k) : nlohmann::ordered_json()},
           {"mean", summary.mean},
           {"standard_error", summary.standard_error}});
    }
    root["reports"].push_back(
        {{"name", report.name}, {"users", report.num_users}, {"metrics", metrics}});
  }
  OutputFile file(path);
  file.stream() << root.dump(2) << '\n';
  file.commit();
}

}  // namespace mrec
