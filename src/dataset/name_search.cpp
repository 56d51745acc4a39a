#include "dataset/name_search.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <utility>

#include "dataset/name_normalizer.h"

namespace mrec {
namespace {

std::vector<std::string> words_in(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) words.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += word;
  return all;
}

// By which words a name is found: those of its normal form, of its Latin one, and either in one.
std::vector<std::string> search_words(std::string_view normal, std::string_view name) {
  std::vector<std::string> words = words_in(normal);
  constexpr std::size_t kMostJoined = 4;
  if (words.size() > 1 && words.size() <= kMostJoined) words.push_back(joined(words));
  const bool is_ascii =
      std::ranges::all_of(normal, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (!is_ascii) {
    const std::vector<std::string> latin = words_in(transliterate_name(name));
    words.insert(words.end(), latin.begin(), latin.end());
  }
  std::ranges::sort(words);
  words.erase(std::ranges::unique(words).begin(), words.end());
  return words;
}

std::uint32_t letters_in(std::string_view text) {
  std::uint32_t bits = 0;
  for (const char c : text) bits |= 1U << (static_cast<unsigned char>(c) & 31U);
  return bits;
}

int slips_allowed(std::size_t letters) {
  constexpr std::size_t kForOne = 5;
  constexpr std::size_t kForTwo = 9;
  return letters >= kForTwo ? 2 : letters >= kForOne ? 1 : 0;
}

constexpr std::size_t kLongestTyped = 40;

// Whether `word` begins with something that is at most `most` slips (a letter too many, too few,
// wrong, or two swapped) from `typed`. Optimal string alignment, column by column of the word.
bool begins_nearly(std::string_view word, std::string_view typed, int most) {
  int before[kLongestTyped + 1];  // of the letter before the last
  int last[kLongestTyped + 1];
  int now[kLongestTyped + 1];
  const std::size_t size = typed.size();
  for (std::size_t i = 0; i <= size; ++i) last[i] = static_cast<int>(i);
  if (last[size] <= most) return true;
  for (std::size_t w = 0; w < word.size(); ++w) {
    now[0] = static_cast<int>(w) + 1;
    int least = now[0];
    for (std::size_t i = 1; i <= size; ++i) {
      const bool same = typed[i - 1] == word[w];
      int cost = std::min({last[i - 1] + (same ? 0 : 1), last[i] + 1, now[i - 1] + 1});
      if (w > 0 && i > 1 && typed[i - 1] == word[w - 1] && typed[i - 2] == word[w]) {
        cost = std::min(cost, before[i - 2] + 1);
      }
      now[i] = cost;
      least = std::min(least, cost);
    }
    if (now[size] <= most) return true;
    if (least > most) return false;
    std::copy_n(last, size + 1, before);
    std::copy_n(now, size + 1, last);
  }
  return false;
}

}  // namespace

bool NameSearch::Meaning::has(int word) const {
  return prefix.has(word) || std::ranges::binary_search(typos, word);
}

NameSearch::NameSearch(std::span<const std::string> names, std::span<const int> place)
    : place_(place.begin(), place.end()) {
  std::vector<std::pair<std::string, int>> pairs;  // word, name
  key_at_.push_back(0);
  for (std::size_t n = 0; n < names.size(); ++n) {
    const std::string key = normalize_name(names[n]);
    for (std::string& word : search_words(key, names[n])) {
      pairs.emplace_back(std::move(word), static_cast<int>(n));
    }
    keys_ += key;
    key_at_.push_back(static_cast<std::uint32_t>(keys_.size()));
  }
  std::ranges::sort(pairs);
  std::vector<std::uint32_t> sizes(names.size(), 0);
  std::vector<int> word_of_pair;
  for (const auto& [text, name] : pairs) {
    if (word_at_.empty() || word(static_cast<int>(word_at_.size()) - 1) != text) {
      word_at_.push_back(static_cast<std::uint32_t>(words_.size()));
      names_at_.push_back(static_cast<std::uint32_t>(names_.size()));
      letters_.push_back(letters_in(text));
      words_ += text;
    }
    names_.push_back(name);
    word_of_pair.push_back(static_cast<int>(word_at_.size()) - 1);
    ++sizes[static_cast<std::size_t>(name)];
  }
  word_at_.push_back(static_cast<std::uint32_t>(words_.size()));
  names_at_.push_back(static_cast<std::uint32_t>(names_.size()));

  words_of_at_.assign(1, 0);
  for (const std::uint32_t size : sizes) words_of_at_.push_back(words_of_at_.back() + size);
  words_of_.resize(names_.size());
  std::vector<std::uint32_t> next(words_of_at_.begin(), words_of_at_.end() - 1);
  for (std::size_t i = 0; i < names_.size(); ++i) {
    words_of_[next[static_cast<std::size_t>(names_[i])]++] = word_of_pair[i];
  }
  words_.shrink_to_fit();
  keys_.shrink_to_fit();
  names_.shrink_to_fit();
}

// Also while the table grows: the last word ends where the text ends.
std::string_view NameSearch::word(int index) const {
  const auto i = static_cast<std::size_t>(index);
  const std::size_t end = i + 1 < word_at_.size() ? word_at_[i + 1] : words_.size();
  return std::string_view(words_).substr(word_at_[i], end - word_at_[i]);
}

std::string_view NameSearch::key(int name) const {
  const auto n = static_cast<std::size_t>(name);
  return std::string_view(keys_).substr(key_at_[n], key_at_[n + 1] - key_at_[n]);
}

std::span<const int> NameSearch::names_of(int word) const {
  const auto w = static_cast<std::size_t>(word);
  return std::span(names_).subspan(names_at_[w], names_at_[w + 1] - names_at_[w]);
}

NameSearch::Range NameSearch::words_with_prefix(std::string_view prefix) const {
  const auto first_not = [&](auto is_before) {
    int low = 0;
    int high = static_cast<int>(letters_.size());
    while (low < high) {
      const int middle = low + (high - low) / 2;
      if (is_before(word(middle))) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  };
  return {
      .first = first_not([&](std::string_view w) { return w < prefix; }),
      .last = first_not([&](std::string_view w) { return w.substr(0, prefix.size()) <= prefix; })};
}

std::vector<int> NameSearch::words_with_slips(std::string_view typed) const {
  std::vector<int> found;
  const int most = slips_allowed(typed.size());
  if (most == 0 || typed.size() > kLongestTyped) return found;
  const std::uint32_t letters = letters_in(typed);
  const auto look_at = [&](Range range) {
    for (int w = range.first; w < range.last; ++w) {
      if (std::popcount(letters & ~letters_[static_cast<std::size_t>(w)]) > most) continue;
      if (begins_nearly(word(w), typed, most)) found.push_back(w);
    }
  };
  // The first letter is seldom the wrong one, and words that share it stand together.
  look_at(words_with_prefix(typed.substr(0, 1)));
  if (found.empty()) look_at({.first = 0, .last = static_cast<int>(letters_.size())});
  return found;
}

std::vector<int> NameSearch::names_with(std::span<const Meaning> meanings) const {
  const auto count = [&](const Meaning& meaning) {
    std::size_t size = names_at_[static_cast<std::size_t>(meaning.prefix.last)] -
                       names_at_[static_cast<std::size_t>(meaning.prefix.first)];
    for (const int w : meaning.typos) size += names_of(w).size();
    return size;
  };
  const Meaning* rarest = &meanings.front();
  for (const Meaning& meaning : meanings) {
    if (count(meaning) < count(*rarest)) rarest = &meaning;
  }
  std::vector<int> found;
  const auto take = [&](int w) {
    for (const int name : names_of(w)) {
      const auto n = static_cast<std::size_t>(name);
      const std::span words =
          std::span(words_of_).subspan(words_of_at_[n], words_of_at_[n + 1] - words_of_at_[n]);
      const bool has_all = std::ranges::all_of(meanings, [&](const Meaning& meaning) {
        return &meaning == rarest ||
               std::ranges::any_of(words, [&](int one) { return meaning.has(one); });
      });
      if (has_all) found.push_back(name);
    }
  };
  for (int w = rarest->prefix.first; w < rarest->prefix.last; ++w) take(w);
  for (const int w : rarest->typos) take(w);
  std::ranges::sort(found);
  found.erase(std::ranges::unique(found).begin(), found.end());
  return found;
}

NameSearch::Page NameSearch::find(std::string_view query, int offset, int limit,
                                  const std::function<bool(int)>& allows) const {
  const std::string normal = normalize_name(query);
  std::vector<Meaning> meanings;
  const std::vector<std::string> typed = words_in(normal);
  for (const std::string& one : typed) meanings.push_back({.prefix = words_with_prefix(one)});
  if (meanings.empty()) return {};

  std::vector<Found> found;
  for (const int name : names_with(meanings)) {
    if (!allows(name)) continue;
    const std::string_view its = key(name);
    found.push_back({.name = name,
                     .hit = its == normal             ? NameHit::kExact
                            : its.starts_with(normal) ? NameHit::kPrefix
                                                      : NameHit::kWords});
  }
  const auto wanted = static_cast<std::size_t>(offset) + static_cast<std::size_t>(limit);
  const bool is_whole = std::ranges::find(found, NameHit::kExact, &Found::hit) != found.end();
  if (found.size() < wanted && !is_whole) {
    const std::size_t sure = found.size();
    const auto add = [&](const std::vector<int>& names) {
      for (const int name : names) {
        const bool known =  // the sure ones ascend
            std::ranges::binary_search(std::span(found).first(sure), name, {}, &Found::name);
        if (!known && allows(name)) found.push_back({.name = name, .hit = NameHit::kTypo});
      }
    };
    for (std::size_t i = 0; i < typed.size(); ++i) {
      meanings[i].typos = words_with_slips(typed[i]);
    }
    add(names_with(meanings));
    if (typed.size() > 1 && found.empty()) {  // written apart: "daf tpunk"
      const std::string whole = joined(typed);
      const Meaning meaning{.prefix = words_with_prefix(whole), .typos = words_with_slips(whole)};
      add(names_with({&meaning, 1}));
    }
  }
  Page page{.total = static_cast<int>(found.size())};
  const auto first = std::min(static_cast<std::size_t>(offset), found.size());
  const auto last = std::min(wanted, found.size());
  std::ranges::partial_sort(found, found.begin() + static_cast<std::ptrdiff_t>(last), {},
                            [&](const Found& one) {
                              return std::pair(one.hit, place_[static_cast<std::size_t>(one.name)]);
                            });
  page.names.assign(found.begin() + static_cast<std::ptrdiff_t>(first),
                    found.begin() + static_cast<std::ptrdiff_t>(last));
  return page;
}

}  // namespace mrec
