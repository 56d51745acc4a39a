#include "dataset/name_rules.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "dataset/name_normalizer.h"

namespace mrec {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(NameRule::kCount)> kRuleNames{
    "exact",         "transliterated", "spacing",     "encoded",    "reordered", "symbols",
    "collaborators", "words",          "typo",        "article",    "brackets",  "guests",
    "ensemble",      "title",          "title first", "two scripts"};

// A name this short is not taken apart: what is left would fit anything.
constexpr std::size_t kShortest = 3;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) { return lower(c); });
  return result;
}

std::string trimmed(std::string_view text) {
  constexpr std::string_view kEnds = " -_.,;:/";
  const std::size_t first = text.find_first_not_of(kEnds);
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" -_,;:/") - first + 1));
}

std::string without_spaces(std::string text) {
  std::erase(text, ' ');
  return text;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  return lower(c) >= 'a' && lower(c) <= 'f' ? lower(c) - 'a' + 10 : -1;
}

// "%20" and "&amp;" decoded; "03 - Mogwai", "03Mogwai" -> "Mogwai", but "10cc" and "2Pac" stay.
std::string decoded(std::string_view name) {
  std::string text;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '%' && i + 2 < name.size() && hex_digit(name[i + 1]) >= 0 &&
        hex_digit(name[i + 2]) >= 0) {
      text += static_cast<char>(16 * hex_digit(name[i + 1]) + hex_digit(name[i + 2]));
      i += 2;
    } else {
      text += name[i];
    }
  }
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kEntities{
      {{"&apos;", "'"}, {"&#39;", "'"}, {"&quot;", "\""}, {"&lt;", "<"}, {"&amp;", "&"}}};
  for (const auto& [entity, sign] : kEntities) replace_all(text, entity, sign);
  // A track number has two digits; one behind which a small letter stands is part of the name.
  if (text.size() >= 2 + kShortest && is_digit(text[0]) && is_digit(text[1])) {
    const std::size_t rest = text.find_first_not_of(" -._)", 2);
    const bool parted = rest != 2 && text.find_first_of("-._)") < rest;
    // "03Mogwai", but not "33Miles".
    const bool capital = rest == 2 && text[0] <= '1' && text[2] >= 'A' && text[2] <= 'Z';
    if (rest != std::string::npos && (parted || capital)) text.erase(0, rest);
  }
  return to_utf8(text);
}

// "Last, First" -> "First Last"; "Black, Frank & The Catholics" -> "Frank Black & The Catholics".
std::optional<std::string> reordered(std::string_view name) {
  const std::size_t comma = name.find(',');
  if (comma == std::string_view::npos || name.find(',', comma + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  const std::string last = trimmed(name.substr(0, comma));
  const std::string rest = trimmed(name.substr(comma + 1));
  if (last.empty() || rest.empty()) return std::nullopt;
  const std::string small = lower(rest);
  const std::size_t joint = std::min(small.find(" & "), small.find(" and "));
  if (joint == std::string::npos) return rest + " " + last;
  return rest.substr(0, joint) + " " + last + rest.substr(joint);
}

// Signs that stand between or before letters of a word, as the letters they are like.
std::optional<std::string> with_letters_for_signs(std::string_view name) {
  std::string text(name);
  bool changed = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool before_letter = i + 1 < text.size() && is_letter(text[i + 1]);
    const bool after_letter = i > 0 && is_letter(text[i - 1]);
    const auto put = [&](char letter) {
      text[i] = letter;
      changed = true;
    };
    if (text[i] == '!' && before_letter && after_letter) put('i');
    if (text[i] == '@' && (before_letter || after_letter)) put('a');
    if (text[i] == '$' && (before_letter || after_letter)) put('s');
    if (text[i] == '0' && before_letter && after_letter) put('o');
    if (text[i] == '1' && before_letter && after_letter) put('i');
    if (text[i] == '3' && before_letter && after_letter) put('e');
  }
  if (!changed) return std::nullopt;
  return text;
}

std::string without_brackets(std::string name) {
  replace_all(name, "（", "(");
  replace_all(name, "）", ")");
  std::string text;
  int depth = 0;
  for (const char c : name) {
    if (c == '(' || c == '[' || c == '{') {
      ++depth;
    } else if (c == ')' || c == ']' || c == '}') {
      depth = std::max(0, depth - 1);
    } else if (depth == 0) {
      text += c;
    }
  }
  return trimmed(text);
}

// What stands before the first of `words`, which is whole; "" when none is there.
template <std::size_t N>
std::string before_any(std::string_view name, const std::array<std::string_view, N>& words) {
  const std::string small = lower(name);
  std::size_t first = std::string::npos;
  for (const std::string_view word : words) {
    for (std::size_t at = small.find(word); at != std::string::npos;
         at = small.find(word, at + 1)) {
      const bool begins = at > 0 && !is_letter(small[at - 1]);
      if (begins) {
        first = std::min(first, at);
        break;
      }
    }
  }
  if (first == std::string::npos) return "";
  std::string before = trimmed(name.substr(0, first));
  while (!before.empty() && (before.back() == '(' || before.back() == '[')) {
    before = trimmed(before.substr(0, before.size() - 1));
  }
  return before;
}

std::string without_guests(std::string_view name) {
  constexpr std::array<std::string_view, 19> kGuests{
      "feat.", "feat ", "feat:",   "ft.",   "ft ",         "featuring ", "f. ",
      "f/",    "w/",    "with ",   "pres.", "pres ",       "presents ",  "present ",
      "vs.",   "vs ",   "versus ", "duet ", "introducing "};
  return before_any(name, kGuests);
}

// The transliterated name without a word that says how many play along.
std::string without_ensemble(const std::string& latin) {
  constexpr std::array<std::string_view, 12> kEnsembles{" and his orchestra",
                                                        " and her orchestra",
                                                        " and his band",
                                                        " and orchestra",
                                                        " and the orchestra",
                                                        " and friends",
                                                        " orchestra",
                                                        " big band",
                                                        " band",
                                                        " group",
                                                        " quartet",
                                                        " trio"};
  for (const std::string_view ending : kEnsembles) {
    if (latin.ends_with(ending) && latin.size() >= ending.size() + 5) {
      return latin.substr(0, latin.size() - ending.size());
    }
  }
  return "";
}

// "die toten hosen" -> "toten hosen"
std::string without_article(const std::string& latin) {
  constexpr std::array<std::string_view, 10> kArticles{"die ", "der ", "das ", "los ", "las ",
                                                       "les ", "le ",  "la ",  "el ",  "il "};
  for (const std::string_view article : kArticles) {
    if (latin.starts_with(article)) return latin.substr(article.size());
  }
  return "";
}

std::vector<std::string> words_of(const std::string& latin) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < latin.size();) {
    const std::size_t end = std::min(latin.find(' ', at), latin.size());
    if (end > at) words.push_back(latin.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

// The artists of "A & B", "A, B", "A vs. B".
std::vector<std::string> artists_in(std::string_view name) {
  constexpr std::array<std::string_view, 26> kJoints{
      " & ",    " and ",   " vs. ", " vs ", " versus ", " - ",         " + ",
      ", ",     "; ",      " w/ ",  " w/",  "/",        " featuring ", " feat. ",
      " feat ", " ft. ",   " ft ",  " f. ", " with ",   " presents ",  " pres. ",
      " pres ", " meets ", " 'n' ", " n' ", " x "};
  const std::string small = lower(name);
  std::vector<std::string> artists(1);
  for (std::size_t at = 0; at < name.size();) {
    const auto joint = std::ranges::find_if(
        kJoints, [&](std::string_view word) { return small.compare(at, word.size(), word) == 0; });
    if (joint == kJoints.end()) {
      artists.back() += name[at++];
    } else {
      artists.emplace_back();
      at += joint->size();
    }
  }
  return artists;
}

}  // namespace

std::string_view rule_name(NameRule rule) { return kRuleNames[static_cast<std::size_t>(rule)]; }

std::string name_key(std::string_view name) {
  constexpr std::size_t kLongEnough = 4;
  const std::string latin = transliterate_name(name);
  std::string letters = without_spaces(latin);
  const bool initials = std::ranges::all_of(
      words_of(latin), [](const std::string& word) { return word.size() == 1; });
  return letters.size() >= kLongEnough || initials ? letters : latin;
}

std::vector<LooseKey> symmetric_keys(std::string_view name) {
  std::vector<LooseKey> keys;
  std::vector<std::string> artists = artists_in(name);
  if (artists.size() > 1) {
    std::vector<std::string> parts;
    for (const std::string& artist : artists)
      parts.push_back(without_spaces(transliterate_name(artist)));
    if (std::ranges::all_of(parts, [](const std::string& part) { return part.size() >= 2; })) {
      std::ranges::sort(parts);
      std::string key = "&";
      for (const std::string& part : parts) key += part + "&";
      keys.push_back({std::move(key), NameRule::kCollaborators});
    }
  }
  std::vector<std::string> words = words_of(transliterate_name(name));
  const bool initials =
      std::ranges::any_of(words, [](const std::string& word) { return word.size() == 1; });
  if (words.size() >= 2 && !(initials && words.size() < 4)) {
    const bool long_enough = words.size() >= 3 || name.size() >= 10;
    std::ranges::sort(words);
    const auto repeats = std::ranges::unique(words);
    words.erase(repeats.begin(), repeats.end());
    std::string key = "#";
    for (const std::string& word : words) key += word + "#";
    if (long_enough) keys.push_back({std::move(key), NameRule::kWords});
  }
  return keys;
}

std::vector<LooseKey> readings_of(std::string_view name) {
  std::vector<LooseKey> keys;
  const std::string own = name_key(name);
  const auto add_key = [&](std::string key, NameRule rule) {
    const bool known = key == own || std::ranges::any_of(keys, [&](const LooseKey& other) {
                         return other.key == key;
                       });
    if (key.size() >= kShortest && !known) keys.push_back({std::move(key), rule});
  };
  const auto add = [&](std::string_view reading, NameRule rule) {
    if (reading.size() >= kShortest) add_key(name_key(reading), rule);
  };
  const std::string clean = decoded(name);
  add(clean, NameRule::kEncoded);
  const std::optional<std::string> in_order = reordered(clean);
  if (in_order) add(*in_order, NameRule::kReordered);
  if (const auto letters = with_letters_for_signs(clean)) add(*letters, NameRule::kSymbols);
  const std::string base = in_order ? *in_order : clean;
  add(without_article(transliterate_name(base)), NameRule::kArticle);
  add(without_brackets(base), NameRule::kBrackets);
  add(without_guests(clean), NameRule::kGuests);
  const std::string ensemble = without_ensemble(transliterate_name(base));
  if (!ensemble.empty()) add(ensemble, NameRule::kEnsemble);
  if (const std::size_t dash = clean.find(" - "); dash != std::string::npos) {
    add(clean.substr(0, dash), NameRule::kTitle);
    add(decoded(clean.substr(dash + 3)), NameRule::kTitleFirst);
  }
  for (const std::string& part : scripts_of(clean)) add(part, NameRule::kTwoScripts);
  for (const std::string& text : east_asian_readings(name)) add(text, NameRule::kEncoded);
  return keys;
}

}  // namespace mrec
