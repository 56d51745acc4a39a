#pragma once

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <string>

namespace mrec {

// The shortest text that reads back to the same number.
template <typename Number>
std::string shortest(Number value) {
  char buffer[32];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr};
}

// With a fixed number of digits behind the point.
inline std::string fixed(double value, int digits) {
  char buffer[400];
  std::snprintf(buffer, sizeof buffer, "%.*f", digits, value);
  return buffer;
}

}  // namespace mrec
