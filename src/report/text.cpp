#include "report/text.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"

namespace mrec::report {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// Length of the UTF-8 character at the head of `text`; 0 when there is none.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned head = byte(0);
  if (head < 0x80U) return 1;
  if (head >= 0xC2U && head < 0xE0U) return continues(1) ? 2 : 0;
  if (head >= 0xE0U && head < 0xF0U) {
    const bool overlong = head == 0xE0U && byte(1) < 0xA0U;
    const bool surrogate = head == 0xEDU && byte(1) >= 0xA0U;
    return continues(1) && continues(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (head >= 0xF0U && head < 0xF5U) {
    const bool outside = (head == 0xF0U && byte(1) < 0x90U) || (head == 0xF4U && byte(1) >= 0x90U);
    return continues(1) && continues(2) && continues(3) && !outside ? 4 : 0;
  }
  return 0;
}

// "0.0500" -> "0.05", "3.0" -> "3"
std::string without_zeros(std::string text) {
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

// With three digits that count, at least the whole part, and a true minus sign.
std::string three_digits(double number) {
  if (number == 0) return "0";
  const int whole = static_cast<int>(std::floor(std::log10(std::abs(number)))) + 1;
  return (number < 0 ? "−" : "") +
         without_zeros(fixed(std::abs(number), std::clamp(3 - whole, 0, 6)));
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    const unsigned char head = static_cast<unsigned char>(text.front());
    const bool is_c1 = length == 2 && head == 0xC2U && static_cast<unsigned char>(text[1]) < 0xA0U;
    const bool is_non = length == 3 && head == 0xEFU && text.substr(0, 2) == "\xEF\xBF" &&
                        static_cast<unsigned char>(text[2]) >= 0xBEU;  // U+FFFE, U+FFFF
    if (length == 0 || is_c1 || is_non || head == 0x7FU || (head < 0x20U && head != '\n')) {
      out += head == '\t' ? " " : kReplacement;
    } else if (head == '&') {
      out += "&amp;";
    } else if (head == '<') {
      out += "&lt;";
    } else if (head == '>') {
      out += "&gt;";
    } else if (head == '"') {
      out += "&quot;";
    } else if (head == '\'') {
      out += "&#39;";
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(1, length));
  }
  return out;
}

std::string shortened(std::string_view text, std::size_t most) {
  std::string out;
  std::size_t characters = 0;
  std::size_t last_but_one = 0;  // bytes of `out` that leave room for the ellipsis
  while (!text.empty()) {
    if (characters == most) return out.substr(0, last_but_one) + "…";
    if (characters + 1 == most) last_but_one = out.size();
    const std::size_t length = character_length(text);
    out += length == 0 ? kReplacement : text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(1, length));
    ++characters;
  }
  return out;
}

std::size_t num_characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string grouped(std::int64_t number) {
  std::string text = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  for (std::size_t at = text.size(); at > first + 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string compact(double number) {
  struct Unit {
    double size;
    const char* sign;
  };
  constexpr std::array kUnits{Unit{1e12, "T"}, Unit{1e9, "G"}, Unit{1e6, "M"}, Unit{1e3, "k"}};
  if (number != 0 && std::abs(number) < 5e-6) return shortest(number);
  for (const Unit& unit : kUnits) {
    if (std::abs(number) >= unit.size) return three_digits(number / unit.size) + unit.sign;
  }
  return three_digits(number);
}

std::string figure(double number) {
  if (!std::isfinite(number)) return "–";
  if (std::abs(number) >= 1000) return grouped(std::llround(number));
  return three_digits(number);
}

std::string percent(double share) {
  if (!std::isfinite(share)) return "–";
  const double value = 100 * share;
  const std::string sign = "\u00A0%";  // a line does not break before it
  if (value == 0 || value == 100) return fixed(value, 0) + sign;
  const double size = std::abs(value);
  if (size < 0.001) return "< 0.001" + sign;
  if (value < 100 && value > 99.95) return "> 99.9" + sign;
  return (value < 0 ? "−" : "") + fixed(size, size < 0.1 ? 3 : size < 1 ? 2 : 1) + sign;
}

std::string pixels(double value) { return without_zeros(fixed(value, 2)); }

std::string counted(std::int64_t number, std::string_view thing) {
  return grouped(number) + " " + std::string(thing) + (number == 1 ? "" : "s");
}

}  // namespace mrec::report
