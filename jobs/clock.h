#pragma once

#include <ctime>
#include <string>

namespace mrec {

// "2026-01-31T12:00:00Z"
inline std::string now_utc() {
  const std::time_t now = std::time(nullptr);
  char text[32];
  std::tm parts{};
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &parts));
  return text;
}

}  // namespace mrec
