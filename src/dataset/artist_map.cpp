#include "dataset/artist_map.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/output_file.h"
#include "base/table_file.h"
#include "base/text.h"
#include "dataset/name_normalizer.h"

namespace mrec {
namespace {

constexpr std::array<std::string_view, 5> kMethods{"exact", "", "lastfm", "spotify", "given"};

std::string_view method_of(const ArtistLink& link) {
  return link.kind == MatchKind::kFuzzy ? rule_name(link.rule)
                                        : kMethods[static_cast<std::size_t>(link.kind)];
}

// Sets kind and rule; false for a word that is no method.
bool set_method(ArtistLink& link, std::string_view method) {
  const auto found = std::ranges::find(kMethods, method);
  if (!method.empty() && found != kMethods.end()) {
    link.kind = static_cast<MatchKind>(found - kMethods.begin());
    return true;
  }
  for (int rule = 0; rule < static_cast<int>(NameRule::kCount); ++rule) {
    if (rule_name(static_cast<NameRule>(rule)) == method) {
      link.kind = MatchKind::kFuzzy;
      link.rule = static_cast<NameRule>(rule);
      return true;
    }
  }
  return false;
}

std::string all_methods() {
  std::string list = "given, lastfm, spotify";
  for (int rule = 0; rule < static_cast<int>(NameRule::kCount); ++rule) {
    list += ", " + std::string(rule_name(static_cast<NameRule>(rule)));
  }
  return list;
}

// A name must not break the table.
std::string one_cell(std::string name) {
  std::ranges::replace(name, '\t', ' ');
  std::ranges::replace(name, '\n', ' ');
  return name;
}

// Throws InputError beginning with `where`.
template <typename Number>
Number parsed(std::string_view text, const std::string& where) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw InputError(where + "'" + std::string(text) + "' is not a number");
  }
  return value;
}

// Whether a name read from a table of ours is the one of artists.dat, spelt in whatever way. Both
// have been repaired as often then.
bool is_same(const std::string& read, const std::string& name) {
  return normalize_name(read) == normalize_name(to_utf8(name));
}

}  // namespace

void write_artist_map(const std::string& path, std::span<const ArtistLink> links) {
  OutputFile file(path);
  file.stream() << "artist_id\tlastfm_name\tspotify_name\tmethod\tscore\n";
  for (const ArtistLink& link : links) {
    file.stream() << link.artist_id << '\t' << one_cell(link.lastfm_name) << '\t'
                  << one_cell(link.spotify_name) << '\t' << method_of(link) << '\t'
                  << fixed(link.score, 3) << '\n';
  }
  file.commit();
}

std::vector<ArtistLink> read_artist_map(const std::string& path) {
  TableFile file(path, TableFile::Kind::kTsv);
  std::vector<ArtistLink> links;
  bool first = true;
  while (file.next()) {
    const auto cells = file.cells();
    if (std::exchange(first, false) && cells[0] == "artist_id") continue;
    const std::string where = path + ":" + std::to_string(file.line()) + ": ";
    if (cells.size() != 5) {
      throw InputError(where + "has " + std::to_string(cells.size()) +
                       " columns, expected artist_id, lastfm_name, spotify_name, method, score");
    }
    ArtistLink link{.artist_id = parsed<std::int64_t>(cells[0], where),
                    .lastfm_name = to_utf8(cells[1]),
                    .spotify_name = to_utf8(cells[2]),
                    .score = parsed<double>(cells[4], where)};
    if (!(link.score >= 0 && link.score <= 1)) {
      throw InputError(where + "score " + std::string(cells[4]) +
                       " is outside [0, 1]; it is a probability");
    }
    if (!set_method(link, cells[3])) {
      throw InputError(where + "method '" + std::string(cells[3]) + "' is not one of " +
                       all_methods());
    }
    links.push_back(std::move(link));
  }
  if (links.empty()) throw InputError(path + ": holds no artist");
  return links;
}

std::vector<ArtistLink> completed(std::vector<ArtistLink> links,
                                  std::span<const lastfm::Artist> artists,
                                  const std::string& table) {
  std::map<std::int64_t, const lastfm::Artist*> known;
  for (const lastfm::Artist& artist : artists) known[artist.id] = &artist;
  std::set<std::int64_t> linked;
  std::set<std::string> partners;
  for (ArtistLink& link : links) {
    const std::string who = table + ": artist " + std::to_string(link.artist_id);
    if (!linked.insert(link.artist_id).second) throw InputError(who + " stands twice");
    if (link.kind != MatchKind::kSpotifyOnly && !known.contains(link.artist_id)) {
      throw InputError(who + " (" + link.lastfm_name + ") is not in artists.dat");
    }
    if (link.kind == MatchKind::kSpotifyOnly && known.contains(link.artist_id)) {
      throw InputError(who + " (" + link.spotify_name +
                       ") is to be in Spotify only, but stands in "
                       "artists.dat");
    }
    if (link.kind != MatchKind::kSpotifyOnly) {
      const std::string& name = known.at(link.artist_id)->name;
      if (link.lastfm_name.empty()) link.lastfm_name = name;
      if (!is_same(link.lastfm_name, name)) {
        throw InputError(who + " is '" + name + "' in artists.dat, not '" + link.lastfm_name +
                         "'; make the map again with mrec-match, of this artists.dat");
      }
    }
    if (!link.spotify_name.empty() && !partners.insert(normalize_name(link.spotify_name)).second) {
      throw InputError(who + " has the Spotify name '" + link.spotify_name +
                       "', which another artist has already");
    }
  }
  for (const lastfm::Artist& artist : artists) {
    if (!linked.contains(artist.id)) {
      links.push_back({artist.id, artist.name, "", MatchKind::kLastfmOnly, 0});
    }
  }
  std::ranges::sort(links, {}, &ArtistLink::artist_id);
  return links;
}

void write_review(const std::string& path, std::span<const DoubtfulMatch> doubtful) {
  OutputFile file(path);
  file.stream() << "artist_id\tlastfm_name\tspotify_name\tmethod\tscore\ttracks\tlinked\n";
  for (const DoubtfulMatch& match : doubtful) {
    file.stream() << match.artist_id << '\t' << one_cell(match.lastfm_name) << '\t'
                  << one_cell(match.spotify_name) << '\t' << rule_name(match.rule) << '\t'
                  << fixed(match.probability, 3) << '\t' << match.num_tracks << '\t'
                  << (match.linked ? "yes" : "no") << '\n';
  }
  file.commit();
}

std::vector<GivenMatch> read_given_matches(const std::string& path,
                                           std::span<const lastfm::Artist> artists) {
  std::map<std::int64_t, const lastfm::Artist*> by_id;
  for (const lastfm::Artist& artist : artists) by_id[artist.id] = &artist;
  TableFile file(path, TableFile::Kind::kTsv);
  std::vector<GivenMatch> matches;
  std::set<std::int64_t> ids;
  std::set<std::string> partners;
  bool first = true;
  while (file.next()) {
    const auto cells = file.cells();
    if (std::exchange(first, false) && cells[0] == "artist_id") continue;
    const std::string where = path + ":" + std::to_string(file.line()) + ": ";
    if (cells.size() < 3) {
      throw InputError(where + "has " + std::to_string(cells.size()) +
                       " columns, expected artist_id, lastfm_name, spotify_name");
    }
    GivenMatch match{.artist_id = parsed<std::int64_t>(cells[0], where),
                     .spotify_name = to_utf8(cells[2])};
    const std::string who = where + "artist " + std::string(cells[0]);
    const auto artist = by_id.find(match.artist_id);
    const std::string name = to_utf8(cells[1]);
    if (artist == by_id.end()) {
      if (name.empty()) continue;  // an artist of Spotify's own
      throw InputError(who + " is not in artists.dat");
    }
    if (!name.empty() && !is_same(name, artist->second->name)) {
      throw InputError(who + " is '" + artist->second->name + "', not '" + name + "'");
    }
    if (!ids.insert(match.artist_id).second) throw InputError(who + " is given twice");
    if (!match.spotify_name.empty() &&
        !partners.insert(normalize_name(match.spotify_name)).second) {
      throw InputError(where + "'" + match.spotify_name + "' is given to two artists");
    }
    matches.push_back(std::move(match));
  }
  return matches;
}

}  // namespace mrec
