#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dataset/name_rules.h"

namespace mrec {

// A name of the index that may be meant.
struct NameMatch {
  int name = 0;  // its place in the index
  NameRule rule = NameRule::kSame;
  int edits = 0;           // of kTypo
  double probability = 0;  // that both are one artist
};

// Finds names as listeners type them by the name that a catalogue writes, however either is
// written. Which of the two is which matters: people leave out "The" and write guests into a name,
// catalogues seldom do, so that the same difference the other way round rather means two artists.
// Lookups are by hash, so that n of them cost time in proportion to n, whatever the number of
// names, but for long names that share a third of their letters. Slips are looked for where the
// number of names lets them be believed.
class NameIndex {
 public:
  // What is less probable is not found.
  static constexpr double kLeastProbability = 0.2;

  // `names`: as typed. `universe`: how many names the larger of the two sources has (at least those
  // of the index).
  explicit NameIndex(std::span<const std::string> names, std::size_t universe = 0);

  // The names by which a catalogue's may be meant, most probable first, each once.
  [[nodiscard]] std::vector<NameMatch> find(std::string_view name) const;

 private:
  // How much of a name there is to compare.
  struct Size {
    std::size_t letters = 0;
    std::size_t words = 0;
    std::size_t signs = 0;  // as it was written, where a sign may be a syllable
    [[nodiscard]] bool is_initials() const { return words == letters; }
  };
  enum class Messy { kTyped, kCatalogue };  // which of two names a rule has to read
  struct Name {
    std::string normalized;
    std::string latin;
    std::string letters;  // latin without spaces; "" when it has signs beyond ASCII
    Size size;
    bool has_the = false;
  };
  struct Entry {
    std::uint64_t hash;
    std::int32_t name;
    std::uint32_t tag;  // the rule that made the key; of kTypo the letters that the name has
  };
  static double probability_of(NameRule rule, Size size, Messy messy = Messy::kTyped);
  static Name prepared(std::string_view name);
  [[nodiscard]] std::span<const Entry> at(std::uint64_t hash) const;
  // `doubt`: factor on the odds.
  void find_typos(const Name& name, double doubt, std::vector<NameMatch>& matches) const;

  std::vector<Name> names_;
  std::vector<Entry> entries_;        // ascending by hash
  std::vector<std::uint32_t> first_;  // by the leading bits of the hash: where its entries begin
  int shift_ = 63;
  std::size_t universe_;
  std::size_t least_for_one_;  // letters of a name in which one may be wrong
  std::size_t least_for_two_;  // ... or two
};

}  // namespace mrec
