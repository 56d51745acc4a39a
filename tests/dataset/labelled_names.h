#pragma once

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
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
  int wrong = 0;  // found for a name with another partner, or with none
  [[nodiscard]] double recall() const { return names == 0 ? 0 : 1.0 * right / names; }
  [[nodiscard]] double precision() const {
    return right + wrong == 0 ? 0 : 1.0 * right / (right + wrong);
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
    ++(name.right.contains(guess.name) ? score.right : score.wrong);
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
// in a universe of `id name`. `num_negatives` names that are in no pair stand for names without a
// partner; some of them have one that nobody listed.
inline LabelledSet audioscrobbler_aliases(const std::string& pairs, const std::string& names,
                                          int num_negatives) {
  LabelledSet set{.title = "Audioscrobbler aliases"};
  std::unordered_map<std::string, int> place;
  TableFile universe(names, TableFile::Kind::kTsv);
  universe.next();
  while (universe.next()) {
    place[std::string(universe.cells()[0])] = static_cast<int>(set.universe.size());
    set.universe.emplace_back(universe.cells()[1]);
  }
  const auto places = places_by_name(set);
  std::set<int> listed;
  TableFile file(pairs, TableFile::Kind::kTsv);
  file.next();
  while (file.next()) {
    const auto cells = file.cells();
    LabelledName name{.name = std::string(cells[1]), .self = place.at(std::string(cells[0]))};
    const auto same = places.find(normalize_name(cells[3]));
    if (same != places.end()) name.right = same->second;
    name.right.insert(place.at(std::string(cells[2])));
    name.right.erase(name.self);
    listed.insert(name.self);
    listed.insert(place.at(std::string(cells[2])));
    set.names.push_back(std::move(name));
  }
  std::vector<int> others;
  for (int i = 0; i < static_cast<int>(set.universe.size()); ++i) {
    if (!listed.contains(i)) others.push_back(i);
  }
  Rng rng(1);
  shuffle(others, rng);
  others.resize(std::min(others.size(), static_cast<std::size_t>(num_negatives)));
  for (const int other : others) {
    set.names.push_back({.name = set.universe[static_cast<std::size_t>(other)], .self = other});
  }
  if (num_negatives > 0) set.title += " and names without";
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

// The most probable name of the universe, from `least` on.
inline Finder our_finder(const LabelledSet& set, double least) {
  return [index = std::make_shared<NameIndex>(set.universe), least](const LabelledName& name) {
    for (const NameMatch& match : index->find(name.name)) {
      if (match.name != name.self && match.probability >= least) {
        return Guess{match.name, match.probability};
      }
    }
    return Guess{};
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
    return transliterate_name("x " + text).substr(1);
  };
  const auto blocks = [](const std::string& text) {
    if (text.size() < 4) return std::vector<std::string>{};
    const std::string name = text.substr(1);
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
