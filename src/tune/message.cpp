#include "tune/message.h"

#include <nlohmann/json.hpp>

namespace mrec {

using nlohmann::json;

std::string to_line(const TrialTask& task) {
  return json{{"number", task.number},         {"repeat", task.repeat},
              {"options", task.options},       {"seed", task.seed},
              {"to_epoch", task.to_epoch},     {"report_every", task.report_every},
              {"checkpoint", task.checkpoint}, {"resumes", task.resumes}}
      .dump();
}

std::string to_line(const TrialNews& news) {
  return json{{"number", news.number}, {"step", news.step}, {"value", news.value}}.dump();
}

std::string to_line(const TrialOutcome& outcome) {
  return json{{"number", outcome.number},   {"repeat", outcome.repeat},
              {"kind", outcome.kind},       {"step", outcome.step},
              {"value", outcome.value},     {"resumed_at", outcome.resumed_at},
              {"seconds", outcome.seconds}, {"why", outcome.why}}
      .dump();
}

TrialTask task_from(const std::string& line) {
  const json task = json::parse(line);
  return {.number = task["number"],
          .repeat = task["repeat"],
          .options = task["options"],
          .seed = task["seed"],
          .to_epoch = task["to_epoch"],
          .report_every = task["report_every"],
          .checkpoint = task["checkpoint"],
          .resumes = task["resumes"]};
}

TrialNews news_from(const std::string& line) {
  const json news = json::parse(line);
  return {.number = news["number"], .step = news["step"], .value = news["value"]};
}

TrialOutcome outcome_from(const std::string& line) {
  const json outcome = json::parse(line);
  return {.number = outcome["number"],
          .repeat = outcome["repeat"],
          .kind = outcome["kind"],
          .step = outcome["step"],
          .value = outcome["value"],
          .resumed_at = outcome["resumed_at"],
          .seconds = outcome["seconds"],
          .why = outcome["why"]};
}

}  // namespace mrec
