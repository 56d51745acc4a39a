#include "dataset/artist_match.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "base/output_file.h"
#include "base/random.h"
#include "base/table_file.h"
#include "base/text.h"
#include "dataset/name_normalizer.h"
#include "dataset/similarity.h"

namespace mrec {
namespace {

// Spotify's spellings of one normalized name.
struct SpotifyArtist {
  std::string key;       // normalized
  std::string latin;     // transliterated
  std::string display;   // the spelling with the most tracks
  int most_tracks = -1;  // of `display`
  int num_tracks = 0;
  std::vector<std::string> spellings;
  bool taken = false;
};

struct LastfmArtist {
  const lastfm::Artist* artist = nullptr;
  std::string key;
  std::string latin;
  const SpotifyArtist* partner = nullptr;
  MatchKind kind = MatchKind::kLastfmOnly;
  double score = 0;
};

std::vector<SpotifyArtist> group_spellings(std::span<const SpotifyName> names) {
  std::map<std::string, SpotifyArtist> by_key;
  for (const SpotifyName& name : names) {
    SpotifyArtist& artist = by_key[normalize_name(name.name)];
    artist.num_tracks += name.num_tracks;
    artist.spellings.push_back(name.name);
    if (std::tie(name.num_tracks, artist.display) > std::tie(artist.most_tracks, name.name)) {
      artist.display = name.name;
      artist.most_tracks = name.num_tracks;
    }
  }
  std::vector<SpotifyArtist> artists;
  artists.reserve(by_key.size());
  for (auto& [key, artist] : by_key) {
    artist.key = key;
    artist.latin = transliterate_name(artist.display);
    artists.push_back(std::move(artist));
  }
  return artists;
}

std::string digits_of(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9') digits += c;
  }
  return digits;
}

// Where a name is looked for: it shares its first, middle or last three characters.
std::array<std::string, 3> blocks_of(const std::string& latin) {
  return {"<" + latin.substr(0, 3), "|" + latin.substr(latin.size() / 2 - 1, 3),
          ">" + latin.substr(latin.size() - 3)};
}

// Settles what is equal otherwise; the order of the ids must not (docs/design.md, 14).
std::uint64_t hash_of(std::int64_t id) { return mix64(static_cast<std::uint64_t>(id)); }

// Whether similarity says something of a name: it has four characters, and all are ASCII. Letters
// of a script without transliteration are alike in their first bytes.
bool may_match_by_similarity(const std::string& latin) {
  constexpr std::size_t kShortest = 4;
  return latin.size() >= kShortest &&
         std::ranges::all_of(latin, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

void match_exact(std::vector<LastfmArtist>& artists, std::vector<SpotifyArtist>& spotify) {
  std::unordered_map<std::string_view, SpotifyArtist*> by_key;
  for (SpotifyArtist& artist : spotify) by_key.emplace(artist.key, &artist);
  // Of several Last.fm names with this key the one spelt as on Spotify, else the most similar.
  struct Claim {
    bool same_spelling = false;
    double similarity = -1;
    LastfmArtist* artist = nullptr;
  };
  std::map<SpotifyArtist*, Claim> claims;
  for (LastfmArtist& artist : artists) {
    const auto found = by_key.find(artist.key);
    if (found == by_key.end()) continue;
    SpotifyArtist* partner = found->second;
    const std::string& name = artist.artist->name;
    const bool same = std::ranges::find(partner->spellings, name) != partner->spellings.end();
    const double similarity = indel_similarity(name, partner->display);
    Claim& best = claims[partner];
    const auto tie_break = [](const LastfmArtist& one) { return hash_of(one.artist->id); };
    if (best.artist == nullptr ||
        std::tuple(same, similarity, best.artist->artist->name, tie_break(*best.artist)) >
            std::tuple(best.same_spelling, best.similarity, name, tie_break(artist))) {
      best = {same, similarity, &artist};
    }
  }
  for (auto& [partner, claim] : claims) {
    partner->taken = true;
    claim.artist->partner = partner;
    claim.artist->kind = MatchKind::kExact;
    claim.artist->score = 100;
  }
}

void match_fuzzy(std::vector<LastfmArtist>& artists, std::vector<SpotifyArtist>& spotify,
                 double cutoff) {
  std::unordered_map<std::string, std::vector<SpotifyArtist*>> by_block;
  for (SpotifyArtist& artist : spotify) {
    if (artist.taken || !may_match_by_similarity(artist.latin)) continue;
    for (std::string& block : blocks_of(artist.latin)) {
      by_block[std::move(block)].push_back(&artist);
    }
  }
  struct Pair {
    double score;
    LastfmArtist* artist;
    SpotifyArtist* partner;
  };
  std::vector<Pair> pairs;
  for (LastfmArtist& artist : artists) {
    if (artist.partner != nullptr || !may_match_by_similarity(artist.latin)) continue;
    const std::string digits = digits_of(artist.latin);
    for (const std::string& block : blocks_of(artist.latin)) {
      const auto found = by_block.find(block);
      if (found == by_block.end()) continue;
      for (SpotifyArtist* partner : found->second) {
        const double score = indel_similarity(artist.latin, partner->latin, cutoff);
        if (score >= cutoff && digits_of(partner->latin) == digits) {
          pairs.push_back({score, &artist, partner});
        }
      }
    }
  }
  std::ranges::sort(pairs, [](const Pair& a, const Pair& b) {
    const lastfm::Artist& left = *a.artist->artist;
    const lastfm::Artist& right = *b.artist->artist;
    return std::tuple(b.score, b.partner->num_tracks, left.name, hash_of(left.id), a.partner->key) <
           std::tuple(a.score, a.partner->num_tracks, right.name, hash_of(right.id),
                      b.partner->key);
  });
  for (const Pair& pair : pairs) {
    if (pair.artist->partner != nullptr || pair.partner->taken) continue;
    pair.partner->taken = true;
    pair.artist->partner = pair.partner;
    pair.artist->kind = MatchKind::kFuzzy;
    pair.artist->score = pair.score;
  }
}

constexpr std::array<const char*, 4> kMethods{"exact", "fuzzy", "lastfm", "spotify"};

// A name must not break the table.
std::string one_cell(std::string name) {
  std::ranges::replace(name, '\t', ' ');
  std::ranges::replace(name, '\n', ' ');
  return name;
}

}  // namespace

Fields MatchParams::fields() {
  return {{.name = "cutoff",
           .value = &cutoff,
           .help = "least similarity of two names that are not equal after normalization",
           .min = 50,
           .max = 100}};
}

std::vector<ArtistLink> match_artists(std::span<const lastfm::Artist> artists,
                                      std::span<const SpotifyName> names,
                                      const MatchParams& params) {
  std::vector<SpotifyArtist> spotify = group_spellings(names);
  std::vector<LastfmArtist> lastfm;
  lastfm.reserve(artists.size());
  for (const lastfm::Artist& artist : artists) {
    lastfm.push_back({&artist, normalize_name(artist.name), transliterate_name(artist.name)});
  }
  match_exact(lastfm, spotify);
  match_fuzzy(lastfm, spotify, params.cutoff);

  std::vector<ArtistLink> links;
  std::int64_t largest = 0;
  for (const LastfmArtist& artist : lastfm) {
    largest = std::max(largest, artist.artist->id);
    links.push_back({artist.artist->id, artist.artist->name,
                     artist.partner == nullptr ? "" : artist.partner->display, artist.kind,
                     artist.score});
  }
  std::ranges::sort(links, {}, &ArtistLink::artist_id);
  for (const SpotifyArtist& artist : spotify) {
    if (!artist.taken) {
      links.push_back({++largest, "", artist.display, MatchKind::kSpotifyOnly, 0});
    }
  }
  return links;
}

void write_artist_map(const std::string& path, std::span<const ArtistLink> links) {
  OutputFile file(path);
  file.stream() << "artist_id\tlastfm_name\tspotify_name\tmethod\tscore\n";
  for (const ArtistLink& link : links) {
    file.stream() << link.artist_id << '\t' << one_cell(link.lastfm_name) << '\t'
                  << one_cell(link.spotify_name) << '\t'
                  << kMethods[static_cast<std::size_t>(link.kind)] << '\t' << fixed(link.score, 1)
                  << '\n';
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
    ArtistLink link{.lastfm_name = to_utf8(cells[1]), .spotify_name = to_utf8(cells[2])};
    const auto number = [&](std::string_view text, auto& value) {
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      if (error != std::errc{} || end != text.data() + text.size()) {
        throw InputError(where + "'" + std::string(text) + "' is not a number");
      }
    };
    number(cells[0], link.artist_id);
    number(cells[4], link.score);
    const auto method = std::ranges::find(kMethods, cells[3]);
    if (method == kMethods.end()) {
      throw InputError(where + "method '" + std::string(cells[3]) +
                       "' is not one of exact, fuzzy, lastfm, spotify");
    }
    link.kind = static_cast<MatchKind>(method - kMethods.begin());
    links.push_back(std::move(link));
  }
  if (links.empty()) throw InputError(path + ": holds no artist");
  return links;
}

std::vector<ArtistLink> completed(std::vector<ArtistLink> links,
                                  std::span<const lastfm::Artist> artists) {
  std::set<std::int64_t> known;
  for (const lastfm::Artist& artist : artists) known.insert(artist.id);
  std::set<std::int64_t> linked;
  std::set<std::string> partners;
  for (const ArtistLink& link : links) {
    const std::string who = "artist map: artist " + std::to_string(link.artist_id);
    if (!linked.insert(link.artist_id).second) throw InputError(who + " stands twice");
    if (link.kind != MatchKind::kSpotifyOnly && !known.contains(link.artist_id)) {
      throw InputError(who + " (" + link.lastfm_name + ") is not in artists.dat");
    }
    if (link.kind == MatchKind::kSpotifyOnly && known.contains(link.artist_id)) {
      throw InputError(who + " (" + link.spotify_name +
                       ") is to be in Spotify only, but stands in "
                       "artists.dat");
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

}  // namespace mrec
