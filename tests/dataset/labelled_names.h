#pragma once

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/random.h"
#include "base/table_file.h"
#include "dataset/name_index.h"
#include "dataset/name_normalizer.h"
#include "dataset/similarity.h"

// Names whose identity is known, a way to judge what finds them, and the rule to be bettered.
namespace mrec {

struct LabelledName {
  std::string name;
  int self = -1;        // its own place in the universe, not to be found
  std::set<int> right;  // places that are this artist; none: it has no partner
};

struct LabelledSet {
  std::string title;
  std::vector<std::string> universe;
  std::vector<LabelledName> names;
  double weight_without = 1;  // for how many names without a partner each of them stands
};

// What is found for a name: a place in the universe, or -1.
struct Guess {
  int name = -1;
  double probability = 0;
};
using Finder = std::function<Guess(const LabelledName&)>;

struct MatchScore {
  int names = 0;  // that have a partner
  int right = 0;
  int wrong = 0;            // another than the partner
  double false_alarms = 0;  // found for a name that has none
  [[nodiscard]] double recall() const { return names == 0 ? 0 : 1.0 * right / names; }
  [[nodiscard]] double precision() const {
    const double found = right + wrong + false_alarms;
    return found == 0 ? 0 : right / found;
  }
  [[nodiscard]] double f1() const {
    const double sum = recall() + precision();
    return sum == 0 ? 0 : 2 * recall() * precision() / sum;
  }
};

inline MatchScore score_of(
    const LabelledSet& set, const Finder& find,
    const std::function<void(const LabelledName&, const Guess&)>& tell = {}) {
  MatchScore score;
  for (const LabelledName& name : set.names) {
    const Guess guess = find(name);
    if (tell) tell(name, guess);
    if (!name.right.empty()) ++score.names;
    if (guess.name < 0) continue;
    if (name.right.empty()) {
      score.false_alarms += set.weight_without;
    } else {
      ++(name.right.contains(guess.name) ? score.right : score.wrong);
    }
  }
  return score;
}

// The places of the universe by normalize_name().
inline std::unordered_map<std::string, std::set<int>> places_by_name(const LabelledSet& set) {
  std::unordered_map<std::string, std::set<int>> places;
  for (std::size_t i = 0; i < set.universe.size(); ++i) {
    places[normalize_name(set.universe[i])].insert(static_cast<int>(i));
  }
  return places;
}

// Misspelt names of Audioscrobbler and whom they mean: pairs of `bad_id bad_name good_id good_name`
// in a universe of `id name`, from which the misspelt ones are taken. Counted as in the published
// comparison, where 576 aliases stand beside 1,000 names of the universe whose own entry is not to
// be found: what is found for these is wrong, though some have a twin that nobody listed. Here
// `num_without` of them are drawn, all by default, and weigh together as much.
inline LabelledSet audioscrobbler_aliases(const std::string& pairs, const std::string& names,
                                          int num_without = 1'000'000) {
  LabelledSet set{.title = "Audioscrobbler aliases"};
  struct Pair {
    std::string bad_id;
    std::string bad_name;
    std::string good_id;
    std::string good_name;
  };
  std::vector<Pair> aliases;
  std::set<std::string> bad_ids;
  TableFile file(pairs, TableFile::Kind::kTsv);
  file.next();
  while (file.next()) {
    const auto cells = file.cells();
    aliases.push_back({std::string(cells[0]), std::string(cells[1]), std::string(cells[2]),
                       std::string(cells[3])});
    bad_ids.insert(aliases.back().bad_id);
  }
  std::unordered_map<std::string, int> place;
  TableFile universe(names, TableFile::Kind::kTsv);
  universe.next();
  while (universe.next()) {
    const std::string id(universe.cells()[0]);
    if (bad_ids.contains(id)) continue;
    place[id] = static_cast<int>(set.universe.size());
    set.universe.emplace_back(universe.cells()[1]);
  }
  const auto places = places_by_name(set);
  for (const Pair& pair : aliases) {
    LabelledName name{.name = pair.bad_name};
    const auto same = places.find(normalize_name(pair.good_name));
    if (same != places.end()) name.right = same->second;
    if (const auto good = place.find(pair.good_id); good != place.end()) {
      name.right.insert(good->second);
    }
    if (!name.right.empty()) set.names.push_back(std::move(name));
  }
  std::vector<int> others(set.universe.size());
  std::iota(others.begin(), others.end(), 0);
  Rng rng(1);
  shuffle(others, rng);
  others.resize(std::min(others.size(), static_cast<std::size_t>(num_without)));
  constexpr double kWithoutPerAlias = 1000.0 / 576;
  set.weight_without = kWithoutPerAlias * static_cast<double>(set.names.size()) /
                       static_cast<double>(std::max<std::size_t>(1, others.size()));
  for (const int other : others) {
    set.names.push_back({.name = set.universe[static_cast<std::size_t>(other)], .self = other});
  }
  if (num_without > 0) set.title += " and names without";
  return set;
}

// MusicBrainz names with one letter wrong: `cid name_a name_b`; right is every name of the cluster.
inline LabelledSet musicbrainz_typos(const std::string& path) {
  LabelledSet set{.title = "MusicBrainz typos"};
  std::map<std::string, int> place;
  std::map<std::string, std::set<int>> cluster;
  std::vector<std::string> clusters;
  TableFile file(path, TableFile::Kind::kTsv);
  file.next();
  while (file.next()) {
    const auto cells = file.cells();
    const auto [at, is_new] = place.try_emplace(std::string(cells[2]), place.size());
    if (is_new) set.universe.emplace_back(cells[2]);
    cluster[std::string(cells[0])].insert(at->second);
    clusters.emplace_back(cells[0]);
    set.names.push_back({.name = std::string(cells[1])});
  }
  const auto places = places_by_name(set);
  for (std::size_t i = 0; i < set.names.size(); ++i) {
    for (const int right : cluster[clusters[i]]) {
      const auto& same = places.at(normalize_name(set.universe[static_cast<std::size_t>(right)]));
      set.names[i].right.insert(same.begin(), same.end());
    }
  }
  return set;
}

// Artists of records that iTunes and Amazon both sell, among the artists of all records there.
inline LabelledSet itunes_amazon(const std::string& directory) {
  LabelledSet set{.title = "iTunes and Amazon"};
  std::map<std::string, int> place;
  std::vector<std::pair<std::string, std::string>> pairs;
  const auto artist = [](std::string_view record) {
    constexpr std::string_view kBegin = "COL Artist_Name VAL ";
    const std::size_t begin = record.find(kBegin) + kBegin.size();
    return to_utf8(record.substr(begin, record.find("COL Album_Name", begin) - begin));
  };
  for (const char* part : {"train", "valid", "test"}) {
    TableFile file(directory + "/Structured_" + part + ".txt", TableFile::Kind::kTsv);
    while (file.next()) {
      const auto cells = file.cells();
      const std::string other = artist(cells[1]);
      if (other.empty()) continue;
      if (place.try_emplace(other, place.size()).second) set.universe.push_back(other);
      if (cells[2] == "1") pairs.emplace_back(artist(cells[0]), other);
    }
  }
  for (const auto& [name, other] : pairs) {
    set.names.push_back({.name = name, .right = {place.at(other)}});
  }
  return set;
}

// The most probable name of the universe, from `least` on. As in the job, the names in question are
// those that were typed, and all of the universe is looked up among them.
inline Finder our_finder(const LabelledSet& set, double least) {
  std::vector<std::string> typed;
  for (const LabelledName& name : set.names) typed.push_back(name.name);
  const NameIndex index(typed, set.universe.size());
  std::vector<Guess> best(typed.size());
  for (std::size_t i = 0; i < set.universe.size(); ++i) {
    const auto place = static_cast<int>(i);
    for (const NameMatch& match : index.find(set.universe[i])) {
      const auto at = static_cast<std::size_t>(match.name);
      if (place == set.names[at].self || match.probability < least) continue;
      Guess& guess = best[at];
      const auto alike = [&](int name) {
        return indel_similarity(typed[at], set.universe[static_cast<std::size_t>(name)]);
      };
      if (match.probability > guess.probability ||
          (match.probability == guess.probability && alike(place) > alike(guess.name))) {
        guess = {place, match.probability};
      }
    }
  }
  return [first = set.names.data(), best](const LabelledName& name) {
    return best.at(static_cast<std::size_t>(&name - first));
  };
}

// The rule of the service that this project replaces (its artist matching, from its description):
// equal in lower case with single spaces, else transliterated and without punctuation at least 85 %
// alike (Indel), among names that share the first, last or middle three characters.
inline Finder original_finder(const LabelledSet& set) {
  struct Names {
    std::unordered_map<std::string, std::vector<int>> by_lower;
    std::unordered_map<std::string, std::vector<int>> by_block;
    std::vector<std::string> plain;
  };
  const auto lower = [](std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
    const auto repeats =
        std::ranges::unique(text, [](char a, char b) { return a == ' ' && b == ' '; });
    text.erase(repeats.begin(), repeats.end());
    return text;
  };
  // transliterate_name() writes "&" out and drops a leading "the"; the original does neither.
  const auto plain = [](std::string text) {
    for (char& c : text) {
      if (c == '&' || c == '\'' || c == '`') c = ' ';
    }
    const std::string with_guard = transliterate_name("x " + text);
    return with_guard.substr(std::min<std::size_t>(2, with_guard.size()));
  };
  const auto blocks = [](const std::string& name) {
    if (name.size() < 3) return std::vector<std::string>{};
    return std::vector<std::string>{"<" + name.substr(0, 3), ">" + name.substr(name.size() - 3),
                                    "|" + name.substr(name.size() / 2 - 1, 3)};
  };
  const auto names = std::make_shared<Names>();
  for (std::size_t i = 0; i < set.universe.size(); ++i) {
    names->by_lower[lower(set.universe[i])].push_back(static_cast<int>(i));
    names->plain.push_back(plain(set.universe[i]));
    for (const std::string& block : blocks(names->plain.back())) {
      names->by_block[block].push_back(static_cast<int>(i));
    }
  }
  return [names, lower, plain, blocks](const LabelledName& name) {
    if (const auto found = names->by_lower.find(lower(name.name)); found != names->by_lower.end()) {
      for (const int other : found->second) {
        if (other != name.self) return Guess{other, 1};
      }
    }
    constexpr double kLeast = 85;
    const std::string own = plain(name.name);
    Guess best;
    for (const std::string& block : blocks(own)) {
      const auto found = names->by_block.find(block);
      if (found == names->by_block.end()) continue;
      for (const int other : found->second) {
        if (other == name.self) continue;
        const double alike =
            indel_similarity(own, names->plain[static_cast<std::size_t>(other)], kLeast);
        if (alike >= kLeast && alike / 100 > best.probability) best = {other, alike / 100};
      }
    }
    return best;
  };
}

}  // namespace mrec
