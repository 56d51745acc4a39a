#include "dataset/name_normalizer.h"

#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "base/error.h"

namespace mrec {
namespace {

using icu::UnicodeString;

bool is_ascii(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  }
  return true;
}

// The code point at `at`, which goes behind it; negative where the text is not UTF-8.
UChar32 next_code_point(std::string_view text, int32_t& at) {
  UChar32 c = 0;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"  // inside ICU's macro
  U8_NEXT(text.data(), at, static_cast<int32_t>(text.size()), c);
#pragma GCC diagnostic pop
  return c;
}

bool is_utf8(std::string_view text) {
  for (int32_t at = 0; std::cmp_less(at, text.size());) {
    if (next_code_point(text, at) < 0) return false;
  }
  return true;
}

// What cp1252 has at 0x80..0x9F; 0 where it has nothing and latin-1 has a control character.
constexpr std::array<UChar32, 32> kCp1252{
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

UChar32 from_cp1252(unsigned char byte) {
  if (byte < 0x80 || byte >= 0xA0) return byte;
  const UChar32 c = kCp1252[byte - 0x80U];
  return c != 0 ? c : byte;
}

// The byte that was read as `c`, when the text was read as latin-1 or cp1252.
std::optional<char> to_cp1252(UChar32 c) {
  if (c < 0x100) return static_cast<char>(c);
  for (std::size_t i = 0; i < kCp1252.size(); ++i) {
    if (kCp1252[i] == c) return static_cast<char>(0x80 + i);
  }
  return std::nullopt;
}

std::string utf8_of(const UnicodeString& text) {
  std::string bytes;
  text.toUTF8String(bytes);
  return bytes;
}

UnicodeString unicode_of(std::string_view utf8) {
  return UnicodeString::fromUTF8({utf8.data(), static_cast<int32_t>(utf8.size())});
}

// The bytes that, read as latin-1 or cp1252, gave `utf8`.
std::optional<std::string> cp1252_bytes(std::string_view utf8) {
  std::string bytes;
  for (int32_t at = 0; std::cmp_less(at, utf8.size());) {
    const std::optional<char> byte = to_cp1252(next_code_point(utf8, at));
    if (!byte) return std::nullopt;
    bytes += *byte;
  }
  return bytes;
}

// The text whose UTF-8 bytes were read as latin-1 or cp1252 and gave `utf8`; nothing when there is
// no such text but the trivial one.
std::optional<std::string> before_misreading(const std::string& utf8) {
  if (is_ascii(utf8)) return std::nullopt;
  std::optional<std::string> bytes = cp1252_bytes(utf8);
  if (bytes && !is_utf8(*bytes)) return std::nullopt;
  return bytes;
}

std::string trimmed(const std::string& utf8) {
  UnicodeString text = unicode_of(utf8);
  for (int32_t i = 0; i < text.length(); ++i) {
    if (u_iscntrl(text.charAt(i)) != 0) text.setCharAt(i, ' ');
  }
  return utf8_of(text.trim());
}

const icu::Normalizer2& normalizer(const icu::Normalizer2* (*get)(UErrorCode&)) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* instance = get(status);
  if (U_FAILURE(status) != 0) throw Error(std::string("ICU: ") + u_errorName(status));
  return *instance;
}

UnicodeString normalized(const icu::Normalizer2& form, const UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  UnicodeString result = form.normalize(text, status);
  if (U_FAILURE(status) != 0) throw Error(std::string("ICU: ") + u_errorName(status));
  return result;
}

// Without the accents on Latin letters; other scripts keep theirs ("й" is a letter of its own).
UnicodeString without_latin_accents(const UnicodeString& text) {
  const UnicodeString decomposed = normalized(normalizer(icu::Normalizer2::getNFDInstance), text);
  UnicodeString result;
  bool latin = false;
  for (int32_t i = 0; i < decomposed.length(); i = decomposed.moveIndex32(i, 1)) {
    const UChar32 c = decomposed.char32At(i);
    if (u_charType(c) == U_NON_SPACING_MARK) {
      if (!latin) result.append(c);
      continue;
    }
    UErrorCode status = U_ZERO_ERROR;
    latin = uscript_getScript(c, &status) == USCRIPT_LATIN;
    result.append(c);
  }
  return normalized(normalizer(icu::Normalizer2::getNFCInstance), result);
}

bool is_apostrophe(UChar32 c) {
  return c == '\'' || c == '`' || c == 0xB4 || c == 0x2018 || c == 0x2019 || c == 0x2BC;
}

// Letters, digits and marks as they are, "&" as "and", anything else as one space between words.
std::string words_of(const UnicodeString& text) {
  UnicodeString words;
  bool gap = false;
  const auto append = [&](const UnicodeString& piece) {
    if (gap && !words.isEmpty()) words.append(static_cast<char16_t>(' '));
    gap = false;
    words.append(piece);
  };
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 c = text.char32At(i);
    if (c == '&') {
      gap = true;
      append("and");
      gap = true;
    } else if (u_isalnum(c) != 0 || (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0) {
      append(UnicodeString(c));
    } else if (!is_apostrophe(c)) {
      gap = true;
    }
  }
  return utf8_of(words);
}

// Pure ASCII takes the same way without ICU.
std::string ascii_words(std::string_view name) {
  std::string words;
  bool gap = false;
  const auto append = [&](std::string_view piece) {
    if (gap && !words.empty()) words += ' ';
    gap = false;
    words += piece;
  };
  for (const char c : name) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (c == '&') {
      gap = true;
      append("and");
      gap = true;
    } else if ((lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9')) {
      append({&lower, 1});
    } else if (c != '\'' && c != '`') {
      gap = true;
    }
  }
  return words;
}

bool is_letter_beyond_latin(UChar32 c) {
  UErrorCode status = U_ZERO_ERROR;
  return u_isalpha(c) != 0 && uscript_getScript(c, &status) != USCRIPT_LATIN;
}

}  // namespace

std::string to_utf8(std::string_view bytes) {
  std::string text(bytes);
  if (is_ascii(text)) {
    // The common case needs no ICU.
    for (char& c : text) {
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
    }
    const std::size_t first = text.find_first_not_of(' ');
    if (first == std::string::npos) return "";
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
  }
  if (!is_utf8(text)) {
    UnicodeString wide;
    for (const char c : text) wide.append(from_cp1252(static_cast<unsigned char>(c)));
    text = utf8_of(wide);
  }
  for (int i = 0; i < 2; ++i) {
    std::optional<std::string> repaired = before_misreading(text);
    if (!repaired) break;
    text = std::move(*repaired);
  }
  return trimmed(text);
}

std::string normalize_name(std::string_view name) {
  std::string key;
  if (is_ascii(name)) {
    key = ascii_words(name);
  } else {
    static const icu::Normalizer2& folded = normalizer(icu::Normalizer2::getNFKCCasefoldInstance);
    key = words_of(without_latin_accents(normalized(folded, unicode_of(name))));
  }
  if (key.starts_with("the ")) key.erase(0, 4);
  if (key.empty()) key = utf8_of(unicode_of(name).foldCase().trim());
  return key;
}

std::string transliterate_name(std::string_view name) {
  const std::string key = normalize_name(name);
  if (is_ascii(key)) return key;
  thread_local const std::unique_ptr<icu::Transliterator> kToAscii = [] {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::Transliterator> made(icu::Transliterator::createInstance(
        "Any-Latin; Latin-ASCII; Lower", UTRANS_FORWARD, status));
    if (U_FAILURE(status) != 0) throw Error(std::string("ICU: ") + u_errorName(status));
    return made;
  }();
  UnicodeString text = unicode_of(key);
  kToAscii->transliterate(text);
  const std::string ascii = words_of(text);
  return ascii.empty() ? key : ascii;
}

std::vector<std::string> scripts_of(std::string_view name) {
  if (is_ascii(name)) return {};
  struct Part {
    bool latin;
    std::string text;
    int letters = 0;
  };
  std::vector<Part> parts;
  std::string between;  // signs and spaces since the last letter
  for (int32_t at = 0; std::cmp_less(at, name.size());) {
    const auto begin = static_cast<std::size_t>(at);
    const UChar32 c = next_code_point(name, at);
    if (c < 0) return {};
    const std::string_view bytes = name.substr(begin, static_cast<std::size_t>(at) - begin);
    if (u_isalpha(c) == 0) {
      between += bytes;
      continue;
    }
    const bool latin = !is_letter_beyond_latin(c);
    if (parts.empty() || parts.back().latin != latin) {
      if (!parts.empty() && between.empty()) return {};  // "Zемфира" is one word
      parts.push_back({.latin = latin, .text = {}});
    } else {
      parts.back().text += between;
    }
    between.clear();
    parts.back().text += bytes;
    ++parts.back().letters;
  }
  const auto too_short = [](const Part& part) { return part.letters < (part.latin ? 5 : 2); };
  if (parts.size() != 2 || std::ranges::any_of(parts, too_short)) return {};
  return {parts[0].text, parts[1].text};
}

std::vector<std::string> east_asian_readings(std::string_view name) {
  if (is_ascii(name)) return {};
  const std::optional<std::string> bytes = cp1252_bytes(name);
  if (!bytes) return {};
  const auto high =
      std::ranges::count_if(*bytes, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  if (high < 4 || 2 * static_cast<std::size_t>(high) < bytes->size()) return {};
  std::vector<std::string> readings;
  for (const char* charset : {"EUC-JP", "Shift_JIS", "EUC-KR", "GBK", "Big5"}) {
    const UnicodeString text(bytes->data(), static_cast<int32_t>(bytes->size()), charset);
    bool letters = !text.isBogus() && !text.isEmpty();
    for (int32_t i = 0; letters && i < text.length(); i = text.moveIndex32(i, 1)) {
      const UChar32 c = text.char32At(i);
      letters = c != 0xFFFD && u_iscntrl(c) == 0;
    }
    if (letters) readings.push_back(utf8_of(text));
  }
  return readings;
}

}  // namespace mrec
