#include "serve/json_check.h"

#include <algorithm>
#include <cstdint>

#include "base/error.h"

namespace mrec {
namespace {

constexpr const char* kUnreadable = "There was an error parsing the body";

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The length of the UTF-8 sequence that starts the text, or 0 for none (RFC 3629: neither overlong
// forms nor surrogates nor anything above U+10FFFF).
std::size_t sequence_length(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return 1;
  const std::size_t length = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (length == 0 || first > 0xF4 || text.size() < length) return 0;
  if (!std::ranges::all_of(text.substr(1, length - 1), is_continuation)) return 0;
  const auto second = static_cast<unsigned char>(text[1]);
  if (first == 0xE0 && second < 0xA0) return 0;
  if (first == 0xED && second > 0x9F) return 0;
  if (first == 0xF0 && second < 0x90) return 0;
  if (first == 0xF4 && second > 0x8F) return 0;
  return length;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

// Walks through a JSON text as CPython's scanner does and stops at the first fault.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  void document() {
    skip_space();
    value(0);
    skip_space();
    if (at_ < text_.size()) fail("Extra data", at_);
  }

 private:
  [[noreturn]] void fail(const char* message, std::size_t at) const {
    throw JsonError{message, num_code_points(text_.substr(0, at))};
  }

  // NUL at the end: a NUL in the text is nowhere allowed either.
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_space() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++at_;
  }

  void value(int depth) {
    if (depth > kMaxJsonDepth) throw InputError(kUnreadable);
    const char c = peek();
    if (c == '"') return string();
    if (c == '{') return object(depth);
    if (c == '[') return array(depth);
    if (c == '-' || is_digit(c)) return number();
    for (const std::string_view word : {"true", "false", "null"}) {
      if (text_.substr(at_).starts_with(word)) {
        at_ += word.size();
        return;
      }
    }
    fail("Expecting value", at_);
  }

  void object(int depth) {
    ++at_;
    skip_space();
    if (peek() == '}') {
      ++at_;
      return;
    }
    while (true) {
      if (peek() != '"') fail("Expecting property name enclosed in double quotes", at_);
      string();
      skip_space();
      if (peek() != ':') fail("Expecting ':' delimiter", at_);
      ++at_;
      skip_space();
      value(depth + 1);
      if (ends_with('}')) return;
    }
  }

  void array(int depth) {
    ++at_;
    skip_space();
    if (peek() == ']') {
      ++at_;
      return;
    }
    while (true) {
      value(depth + 1);
      if (ends_with(']')) return;
    }
  }

  // After a member: true at the closing bracket, false after a comma.
  bool ends_with(char bracket) {
    skip_space();
    const char c = peek();
    if (c != bracket && c != ',') fail("Expecting ',' delimiter", at_);
    ++at_;
    if (c == bracket) return true;
    skip_space();
    return false;
  }

  void number() {
    const std::size_t begin = at_;
    if (peek() == '-') ++at_;
    if (!is_digit(peek())) fail("Expecting value", begin);
    if (peek() == '0') {
      ++at_;
    } else {
      digits();
    }
    // A dot or an e without digits behind it is not part of the number but the next fault.
    if (peek() == '.' && is_digit(next(1))) {
      ++at_;
      digits();
    }
    if (peek() == 'e' || peek() == 'E') {
      const std::size_t sign = next(1) == '+' || next(1) == '-' ? 1 : 0;
      if (is_digit(next(1 + sign))) {
        at_ += 1 + sign;
        digits();
      }
    }
  }
  void digits() {
    while (is_digit(peek())) ++at_;
  }
  [[nodiscard]] char next(std::size_t ahead) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void string() {
    const std::size_t begin = at_++;
    while (true) {
      if (at_ >= text_.size()) fail("Unterminated string starting at", begin);
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return;
      }
      if (static_cast<unsigned char>(c) < 0x20) fail("Invalid control character at", at_);
      if (c == '\\') {
        escape(begin);
      } else {
        ++at_;
      }
    }
  }

  void escape(std::size_t string_begin) {
    const std::size_t backslash = at_++;
    if (at_ >= text_.size()) fail("Unterminated string starting at", string_begin);
    if (peek() != 'u') {
      constexpr std::string_view kEscapes = "\"\\/bfnrt";
      if (kEscapes.find(peek()) == std::string_view::npos) fail("Invalid \\escape", backslash);
      ++at_;
      return;
    }
    const std::size_t u = at_;
    const std::uint32_t unit = code_unit();
    if (unit < 0xD800 || unit > 0xDFFF) return;
    if (unit > 0xDBFF || peek() != '\\' || next(1) != 'u') fail("Invalid \\uXXXX escape", u);
    ++at_;
    const std::uint32_t low = code_unit();
    if (low < 0xDC00 || low > 0xDFFF) fail("Invalid \\uXXXX escape", u);
  }

  // Reads "uXXXX".
  std::uint32_t code_unit() {
    const std::size_t u = at_++;
    std::uint32_t unit = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      constexpr std::string_view kHex = "0123456789abcdef";
      const char c = peek();
      const auto digit = kHex.find(c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c);
      if (digit == std::string_view::npos) fail("Invalid \\uXXXX escape", u);
      unit = unit * 16 + static_cast<std::uint32_t>(digit);
    }
    return unit;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<JsonError> find_json_error(std::string_view text) {
  if (!is_utf8(text)) throw InputError(kUnreadable);
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  try {
    Scanner(text).document();
  } catch (const JsonError& error) {
    return error;
  }
  return std::nullopt;
}

std::size_t num_code_points(std::string_view text) {
  return text.size() - static_cast<std::size_t>(std::ranges::count_if(text, is_continuation));
}

}  // namespace mrec
