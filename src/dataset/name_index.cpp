#include "dataset/name_index.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <tuple>

#include "base/random.h"
#include "dataset/name_normalizer.h"
#include "dataset/similarity.h"

namespace mrec {
namespace {

// What a hash was made of; keys of different kinds never meet.
enum class Kind : std::uint64_t { kOwn, kReading, kSymmetric, kOneLess, kThird };

std::uint64_t hash_of(Kind kind, std::string_view text, std::uint64_t extra = 0) {
  std::uint64_t hash = mix64(static_cast<std::uint64_t>(kind) * 1000 + extra);
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return mix64(hash);
}

constexpr std::size_t kShortestTypo = 4;   // letters of a name in which one may be wrong
constexpr std::size_t kShortestTypos = 9;  // ... or two

// Every name with one letter left out, and the whole: two names at edit distance 1 share one of
// these (Mor and Fraenkel, 1982).
template <typename Use>
void for_each_deletion(const std::string& letters, Use use) {
  use(hash_of(Kind::kOneLess, letters));
  std::string less = letters.substr(1);
  for (std::size_t i = 0; i < letters.size(); ++i) {
    if (i == 0 || letters[i] != letters[i - 1]) use(hash_of(Kind::kOneLess, less));
    if (i < less.size()) less[i] = letters[i];
  }
}

// Thirds of a name of that length: of two names at distance 2 one third is the same, moved by at
// most two places (Li et al., Pass-Join, VLDB 2011); a swap across a joint escapes.
struct Third {
  std::size_t begin;
  std::size_t size;
};
Third third_of(std::size_t length, std::size_t part) {
  const std::size_t begin = length * part / 3;
  return {begin, length * (part + 1) / 3 - begin};
}
std::uint64_t hash_of_third(std::size_t length, std::size_t part, std::string_view text) {
  return hash_of(Kind::kThird, text, length * 4 + part);
}

// Which letters and digits a name has, one bit each. An edit changes two at most.
std::uint32_t letters_in(std::string_view letters) {
  std::uint32_t set = 0;
  for (const char c : letters) set |= std::uint32_t{1} << (static_cast<unsigned char>(c) % 32U);
  return set;
}

std::string digits_of(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9') digits += c;
  }
  return digits;
}

// What kind of slip turns one name into another at a distance of one or two.
enum class Slip { kSwap, kDouble, kLetter, kOther, kTwo };

Slip slip_between(std::string_view a, std::string_view b, int edits) {
  if (edits > 1) return Slip::kTwo;
  if (a.size() > b.size()) std::swap(a, b);
  const std::size_t i = static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
  if (a.size() == b.size()) {
    const bool swapped = i + 1 < a.size() && a[i] == b[i + 1] && a[i + 1] == b[i];
    return swapped ? Slip::kSwap : Slip::kOther;
  }
  const bool doubled = i > 0 && b[i] == b[i - 1];  // the mismatch lies behind a run of one letter
  return doubled ? Slip::kDouble : Slip::kLetter;
}

// A name that has no better partner either is misspelt (`prior`: how often, by kind of slip) or
// differs by chance from another artist's name. How often the latter happens was counted among the
// 8,153 artists whose names Last.fm (HetRec-2011) and public Spotify tables spell alike, so that
// two of them at a small distance are two artists: `pairs` per name of `length` letters, times
// `decay` for every further letter. It grows with the number of names.
struct SlipOdds {
  double prior;
  double pairs;
  double decay;
  double length;
};
constexpr double kCountedAmong = 8153;
SlipOdds odds_of(Slip slip) {
  switch (slip) {
    case Slip::kSwap:
      return {0.02, 0.004, 0.6, 5};
    case Slip::kDouble:
      return {0.03, 0.02, 0.7, 5};
    case Slip::kLetter:
      return {0.02, 0.045, 0.65, 5};
    case Slip::kOther:
      return {0.02, 0.15, 0.55, 5};
    case Slip::kTwo:
      return {0.01, 0.044, 0.65, 9};
  }
  return {};
}

double typo_probability(Slip slip, std::size_t length, std::size_t universe) {
  const SlipOdds odds = odds_of(slip);
  const double chance = odds.pairs *
                        std::pow(odds.decay, static_cast<double>(length) - odds.length) *
                        static_cast<double>(universe) / kCountedAmong;
  return odds.prior / (odds.prior + chance);
}

double with_odds(double probability, double factor) {
  return probability * factor / (probability * factor + 1 - probability);
}

// A catalogue seldom has a name that asks to be read as another, or that lists several; where it
// does, nobody looks after it.
constexpr double kOddName = 0.3;
bool is_odd(std::string_view name, std::span<const LooseKey> readings) {
  return name.find_first_of(",/") != std::string_view::npos ||
         std::ranges::any_of(readings, [](const LooseKey& reading) {
           return reading.rule == NameRule::kEncoded || reading.rule == NameRule::kBrackets ||
                  reading.rule == NameRule::kGuests || reading.rule == NameRule::kTitle;
         });
}

// "AC/DC" is ACDC, but Low-E is not Lowe: a person must say so, unless one is all initials.
constexpr double kFourLettersSpaced = 0.5;

// Who types "The" mostly means it: "The Crow" may not be Crow.
constexpr double kTypedThe = 0.8;
constexpr double kTypedTheOfOneWord = 0.7;

// The least length, from `shortest` on, at which one of `slips` is believed at all.
std::size_t least_length(std::initializer_list<Slip> slips, std::size_t shortest,
                         std::size_t universe) {
  constexpr std::size_t kLongest = 64;
  while (shortest < kLongest && std::ranges::none_of(slips, [&](Slip slip) {
           return typo_probability(slip, shortest, universe) >= NameIndex::kLeastProbability;
         })) {
    ++shortest;
  }
  return shortest;
}

}  // namespace

// What the rules are worth, by the labelled pairs of scripts/bench/matching.cpp and by reading the
// links that they make between HetRec-2011 and Spotify tables: a rule that leaves one word finds
// namesakes.
double NameIndex::probability_of(NameRule rule, Size size, Messy messy) {
  const bool several_words = size.words > 1;
  const bool catalogue = messy == Messy::kCatalogue;
  switch (rule) {
    case NameRule::kSame:
      return 0.98;
    case NameRule::kTransliterated:
      return several_words ? 0.95 : size.letters >= 6 ? 0.75 : size.letters >= 4 ? 0.6 : 0.2;
    case NameRule::kSpacing:
      return size.letters >= 5 ? 0.93 : size.letters >= 3 ? 0.6 : 0.1;
    case NameRule::kEncoded:
    case NameRule::kReordered:
      return catalogue ? 0.75 : 0.95;
    case NameRule::kSymbols:
      return 0.9;
    case NameRule::kCollaborators:
      return 0.85;
    case NameRule::kWords:
      return size.words > 2 ? 0.85 : 0.5;
    case NameRule::kArticle:
      return several_words ? 0.75 : 0.4;
    case NameRule::kBrackets:
      return catalogue ? 0.62 : 0.75;
    case NameRule::kGuests:
      return size.letters < 4 ? 0.2 : catalogue ? 0.62 : 0.8;
    case NameRule::kEnsemble:
      return several_words ? (catalogue ? 0.62 : 0.7) : 0.3;
    case NameRule::kTitle:
      return catalogue ? 0.62 : 0.7;
    case NameRule::kTitleFirst:
      return size.letters < 6 || catalogue ? 0.2 : several_words ? 0.65 : 0.4;
    case NameRule::kTwoScripts:
      return 0.7;
    case NameRule::kTypo:
    case NameRule::kCount:
      break;
  }
  return 0;
}

NameIndex::Name NameIndex::prepared(std::string_view name) {
  Name result{.normalized = normalize_name(name), .latin = transliterate_name(name)};
  result.letters = result.latin;
  std::erase(result.letters, ' ');
  result.has_the = name.size() > 4 && (name[0] == 'T' || name[0] == 't') &&
                   (name[1] == 'H' || name[1] == 'h') && (name[2] == 'E' || name[2] == 'e') &&
                   name[3] == ' ';
  // Code points but spaces: bytes that continue none.
  const auto signs = std::ranges::count_if(result.normalized, [](char c) {
    return c != ' ' && (static_cast<unsigned char>(c) & 0xC0U) != 0x80;
  });
  result.size = {.letters = result.letters.size(),
                 .words = result.latin.size() - result.letters.size() + 1,
                 .signs = static_cast<std::size_t>(signs)};
  const bool ascii = std::ranges::all_of(
      result.letters, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (!ascii) result.letters.clear();
  return result;
}

NameIndex::NameIndex(std::span<const std::string> names, std::size_t universe)
    : universe_(std::max(universe, names.size())),
      least_for_one_(least_length({Slip::kSwap, Slip::kDouble, Slip::kLetter, Slip::kOther},
                                  kShortestTypo, universe_)),
      least_for_two_(least_length({Slip::kTwo}, kShortestTypos, universe_)) {
  names_.reserve(names.size());
  for (const std::string& raw : names) {
    const auto name = static_cast<std::int32_t>(names_.size());
    const auto add = [&](std::uint64_t hash, NameRule rule) {
      entries_.push_back({hash, name, static_cast<std::uint32_t>(rule)});
    };
    names_.push_back(prepared(raw));
    add(hash_of(Kind::kOwn, name_key(raw)), NameRule::kSame);
    for (const LooseKey& key : readings_of(raw)) add(hash_of(Kind::kReading, key.key), key.rule);
    for (const LooseKey& key : symmetric_keys(raw)) {
      add(hash_of(Kind::kSymmetric, key.key), key.rule);
    }
    const std::string& letters = names_.back().letters;
    const std::uint32_t set = letters_in(letters);
    if (letters.size() >= least_for_one_) {
      for_each_deletion(letters, [&](std::uint64_t hash) {
        entries_.push_back({hash, name, set});
      });
    }
    if (letters.size() >= least_for_two_) {
      for (std::size_t part = 0; part < 3; ++part) {
        const auto [begin, size] = third_of(letters.size(), part);
        const std::string_view third = std::string_view(letters).substr(begin, size);
        entries_.push_back({hash_of_third(letters.size(), part, third), name, set});
      }
    }
  }
  std::ranges::sort(entries_, [](const Entry& a, const Entry& b) {
    return std::tie(a.hash, a.name, a.tag) < std::tie(b.hash, b.name, b.tag);
  });
  const int bits = std::max(1, static_cast<int>(std::bit_width(entries_.size())));
  shift_ = 64 - bits;
  first_.resize((std::size_t{1} << bits) + 1);
  for (const Entry& entry : entries_) ++first_[(entry.hash >> shift_) + 1];
  for (std::size_t i = 1; i < first_.size(); ++i) first_[i] += first_[i - 1];
}

std::span<const NameIndex::Entry> NameIndex::at(std::uint64_t hash) const {
  const std::size_t bucket = hash >> shift_;
  const std::span<const Entry> entries =
      std::span(entries_).subspan(first_[bucket], first_[bucket + 1] - first_[bucket]);
  const auto range = std::ranges::equal_range(entries, hash, {}, &Entry::hash);
  return {range.begin(), range.end()};
}

void NameIndex::find_typos(const Name& name, double doubt, std::vector<NameMatch>& matches) const {
  const std::string& letters = name.letters;
  if (letters.size() < least_for_one_) return;
  std::vector<std::int32_t> candidates;
  const std::uint32_t set = letters_in(letters);
  const auto collect = [&](std::uint64_t hash) {
    constexpr int kMostBits = 4;  // of two edits
    for (const Entry& entry : at(hash)) {
      if (std::popcount(entry.tag ^ set) <= kMostBits) candidates.push_back(entry.name);
    }
  };
  for_each_deletion(letters, collect);
  constexpr std::size_t kMoves = 2;
  for (std::size_t length = std::max(letters.size() - kMoves, least_for_two_);
       letters.size() >= least_for_two_ && length <= letters.size() + kMoves; ++length) {
    for (std::size_t part = 0; part < 3; ++part) {
      const auto [begin, size] = third_of(length, part);
      for (std::size_t at = begin - std::min(begin, kMoves);
           at <= begin + kMoves && at + size <= letters.size(); ++at) {
        collect(hash_of_third(length, part, std::string_view(letters).substr(at, size)));
      }
    }
  }
  std::ranges::sort(candidates);
  const auto repeats = std::ranges::unique(candidates);
  candidates.erase(repeats.begin(), repeats.end());
  const std::string digits = digits_of(letters);
  for (const std::int32_t candidate : candidates) {
    const Name& typed = names_[static_cast<std::size_t>(candidate)];
    const std::string& other = typed.letters;
    const std::size_t shorter =
        std::min({letters.size(), other.size(), name.size.signs, typed.size.signs});
    if (shorter < least_for_one_) continue;
    const int limit = shorter >= least_for_two_ ? 2 : 1;
    const int edits = edit_distance(letters, other, limit);
    if (edits == 0 || edits > limit || digits_of(other) != digits) continue;
    matches.push_back(
        {.name = candidate,
         .rule = NameRule::kTypo,
         .edits = edits,
         .probability = with_odds(
             typo_probability(slip_between(letters, other, edits), shorter, universe_), doubt)});
  }
}

std::vector<NameMatch> NameIndex::find(std::string_view raw) const {
  const Name name = prepared(raw);
  std::vector<NameMatch> matches;
  const std::string key = name_key(raw);
  const std::vector<LooseKey> readings = readings_of(raw);
  const double doubt = is_odd(raw, readings) ? kOddName : 1;
  for (const Entry& entry : at(hash_of(Kind::kOwn, key))) {
    const Name& other = names_[static_cast<std::size_t>(entry.name)];
    const NameRule rule = other.normalized == name.normalized ? NameRule::kSame
                          : other.latin == name.latin         ? NameRule::kTransliterated
                                                              : NameRule::kSpacing;
    double probability = with_odds(probability_of(rule, name.size), doubt);
    if (rule == NameRule::kSame && other.has_the && !name.has_the) {
      probability = std::min(probability, name.size.words > 1 ? kTypedThe : kTypedTheOfOneWord);
    }
    if (rule == NameRule::kSpacing && name.size.letters == 4 && !name.size.is_initials() &&
        !other.size.is_initials()) {
      probability = std::min(probability, kFourLettersSpaced);
    }
    matches.push_back({.name = entry.name, .rule = rule, .probability = probability});
  }
  for (const Entry& entry : at(hash_of(Kind::kReading, key))) {
    const auto rule = static_cast<NameRule>(entry.tag);
    matches.push_back(
        {.name = entry.name, .rule = rule, .probability = probability_of(rule, name.size)});
  }
  for (const LooseKey& reading : readings) {
    for (const Entry& entry : at(hash_of(Kind::kOwn, reading.key))) {
      matches.push_back({.name = entry.name,
                         .rule = reading.rule,
                         .probability = probability_of(
                             reading.rule, names_[static_cast<std::size_t>(entry.name)].size,
                             Messy::kCatalogue)});
    }
  }
  for (const LooseKey& symmetric : symmetric_keys(raw)) {
    for (const Entry& entry : at(hash_of(Kind::kSymmetric, symmetric.key))) {
      const Name& other = names_[static_cast<std::size_t>(entry.name)];
      const Size size{std::max(name.size.letters, other.size.letters),
                      std::max(name.size.words, other.size.words)};
      matches.push_back({.name = entry.name,
                         .rule = symmetric.rule,
                         .probability = with_odds(probability_of(symmetric.rule, size), doubt)});
    }
  }
  find_typos(name, doubt, matches);
  std::erase_if(matches,
                [](const NameMatch& match) { return match.probability < kLeastProbability; });
  // The most probable way to each name; equal ones are not judged by what else they may be.
  std::ranges::sort(matches, [](const NameMatch& a, const NameMatch& b) {
    const bool a_differs = a.rule != NameRule::kSame;
    const bool b_differs = b.rule != NameRule::kSame;
    return std::tie(a.name, a_differs, b.probability, a.rule) <
           std::tie(b.name, b_differs, a.probability, b.rule);
  });
  const auto repeats = std::ranges::unique(matches, {}, &NameMatch::name);
  matches.erase(repeats.begin(), repeats.end());
  std::ranges::sort(matches, [](const NameMatch& a, const NameMatch& b) {
    return std::tie(b.probability, a.rule, a.name) < std::tie(a.probability, b.rule, b.name);
  });
  return matches;
}

}  // namespace mrec
