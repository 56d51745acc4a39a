#include "report/diagnosis.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "report/text.h"

namespace mrec::report {

std::string to_text(Finding::Verdict verdict) {
  switch (verdict) {
    case Finding::Verdict::kOk:
      return "ok";
    case Finding::Verdict::kWarning:
      return "warning";
    case Finding::Verdict::kFault:
      return "fault";
  }
  return "";
}

std::size_t count(std::span<const Finding> findings, Finding::Verdict verdict) {
  return static_cast<std::size_t>(std::ranges::count(findings, verdict, &Finding::verdict));
}

std::string to_text(std::span<const Finding> findings) {
  constexpr std::size_t kVerdict = 9;
  constexpr std::size_t kSubject = 16;
  std::string text;
  for (const Finding& finding : findings) {
    std::string line = to_text(finding.verdict);
    line.resize(std::max(line.size() + 1, kVerdict), ' ');
    line += finding.subject;
    line.resize(std::max(line.size() + 1, kVerdict + kSubject), ' ');
    text += line + finding.found + '\n';
    if (!finding.advice.empty()) {
      text += std::string(kVerdict + kSubject, ' ') + "-> " + finding.advice + '\n';
    }
  }
  const auto number = [&](Finding::Verdict verdict, std::string_view thing) {
    return counted(static_cast<std::int64_t>(count(findings, verdict)), thing);
  };
  return text + number(Finding::Verdict::kFault, "fault") + ", " +
         number(Finding::Verdict::kWarning, "warning") + '\n';
}

std::string to_json(std::span<const Finding> findings) {
  nlohmann::ordered_json checks = nlohmann::ordered_json::array();
  for (const Finding& finding : findings) {
    checks.push_back({{"subject", finding.subject},
                      {"verdict", to_text(finding.verdict)},
                      {"found", finding.found},
                      {"advice", finding.advice}});
  }
  const nlohmann::ordered_json all = {{"faults", count(findings, Finding::Verdict::kFault)},
                                      {"warnings", count(findings, Finding::Verdict::kWarning)},
                                      {"checks", checks}};
  return all.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace mrec::report
