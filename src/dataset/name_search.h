#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mrec {

// How a name was found, best first.
enum class NameHit : std::uint8_t {
  kExact,   // the whole name
  kPrefix,  // the name begins so
  kWords,   // every word of the query begins a word of the name
  kTypo,    // the same with a slip: one in words of 5 letters and more, two from 9 on
};

// Completes names while they are typed, however they are written: letter case, accents,
// punctuation, a leading "The" and the script do not count (name_normalizer.h), and words that are
// written as one are found, too ("acdc"). Unlike NameIndex, which decides whether two whole names
// mean one artist, this takes any part of a name and leaves the choice to a person.
//
// The distinct words of all names stand sorted, each with its names, so that a prefix is a range of
// words; slips are looked for by edit distance to every word whose letters could be near.
class NameSearch {
 public:
  // `names` [n]; `place` [n] is the order of names that are found in the same way, 0 first.
  NameSearch(std::span<const std::string> names, std::span<const int> place);

  struct Found {
    int name = 0;
    NameHit hit = NameHit::kExact;
  };
  struct Page {
    std::vector<Found> names;
    int total = 0;
  };
  // The names from the `offset`-th on, `limit` of them, best first, among those that `allows`
  // takes. Slips are looked for when less than `offset + limit` names, and not the whole one, are
  // found without.
  [[nodiscard]] Page find(std::string_view query, int offset, int limit,
                          const std::function<bool(int)>& allows) const;

 private:
  // Words [first, last).
  struct Range {
    int first = 0;
    int last = 0;
    [[nodiscard]] bool has(int word) const { return word >= first && word < last; }
  };
  // The words that a word of the query may mean.
  struct Meaning {
    Range prefix;
    std::vector<int> typos;  // ascending
    [[nodiscard]] bool has(int word) const;
  };
  [[nodiscard]] std::string_view word(int index) const;
  [[nodiscard]] std::string_view key(int name) const;
  [[nodiscard]] std::span<const int> names_of(int word) const;
  [[nodiscard]] Range words_with_prefix(std::string_view prefix) const;
  [[nodiscard]] std::vector<int> words_with_slips(std::string_view typed) const;
  // The names in which every meaning has a word, each once, ascending.
  [[nodiscard]] std::vector<int> names_with(std::span<const Meaning> meanings) const;

  std::vector<int> place_;
  std::string keys_;                        // normalized names, one after the other
  std::vector<std::uint32_t> key_at_;       // [n + 1]
  std::string words_;                       // distinct, ascending
  std::vector<std::uint32_t> word_at_;      // [words + 1]
  std::vector<std::uint32_t> letters_;      // [words] which letters it has: bits by hash
  std::vector<int> names_;                  // of all words, ascending for each
  std::vector<std::uint32_t> names_at_;     // [words + 1]
  std::vector<int> words_of_;               // of all names
  std::vector<std::uint32_t> words_of_at_;  // [n + 1]
};

}  // namespace mrec
