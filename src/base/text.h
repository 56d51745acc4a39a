#pragma once

#include <charconv>
#include <cmath>
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

// For people: whole numbers without an exponent, 100000 and not 1e+05.
inline std::string plain(double value) {
  constexpr double kWhole = 1e15;
  if (std::trunc(value) == value && std::abs(value) < kWhole) {
    return std::to_string(static_cast<std::int64_t>(value));
  }
  return shortest(value);
}

// Some editors begin a text with this mark.
inline constexpr const char* kByteOrderMark = "\xEF\xBB\xBF";
inline void drop_byte_order_mark(std::string& first_line) {
  if (first_line.starts_with(kByteOrderMark)) first_line.erase(0, 3);
}

// With a fixed number of digits behind the point.
inline std::string fixed(double value, int digits) {
  char buffer[400];
  std::snprintf(buffer, sizeof buffer, "%.*f", digits, value);
  return buffer;
}

}  // namespace mrec
