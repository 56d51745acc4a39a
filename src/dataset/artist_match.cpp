#include "dataset/artist_match.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "base/random.h"
#include "dataset/name_normalizer.h"
#include "dataset/similarity.h"

namespace mrec {
namespace {

constexpr double kNoDoubt = 0.9;  // above, candidates are not worth anybody's time

// Settles what is equal otherwise; the order of the ids must not (docs/design.md, 14).
std::uint64_t hash_of(std::int64_t id) { return mix64(static_cast<std::uint64_t>(id)); }

// The most telling first.
void sort_candidates(std::vector<MatchCandidate>& candidates,
                     std::span<const lastfm::Artist> artists,
                     std::span<const SpotifyArtist> spotify) {
  struct Rank {
    bool same_spelling;
    double similarity;
  };
  std::vector<std::pair<Rank, MatchCandidate>> ranked;
  ranked.reserve(candidates.size());
  for (const MatchCandidate& candidate : candidates) {
    const std::string& name = artists[static_cast<std::size_t>(candidate.artist)].name;
    const SpotifyArtist& other = spotify[static_cast<std::size_t>(candidate.spotify)];
    const bool same = std::ranges::find(other.spellings, name) != other.spellings.end();
    ranked.push_back({{same, indel_similarity(name, other.display)}, candidate});
  }
  std::ranges::sort(ranked, [&](const auto& a, const auto& b) {
    const lastfm::Artist& left = artists[static_cast<std::size_t>(a.second.artist)];
    const lastfm::Artist& right = artists[static_cast<std::size_t>(b.second.artist)];
    const SpotifyArtist& left_other = spotify[static_cast<std::size_t>(a.second.spotify)];
    const SpotifyArtist& right_other = spotify[static_cast<std::size_t>(b.second.spotify)];
    return std::tuple(b.second.probability, b.first.same_spelling, right_other.num_tracks,
                      b.first.similarity, left.name, hash_of(left.id), a.second.spotify) <
           std::tuple(a.second.probability, a.first.same_spelling, left_other.num_tracks,
                      a.first.similarity, right.name, hash_of(right.id), b.second.spotify);
  });
  std::ranges::transform(ranked, candidates.begin(),
                         [](const auto& entry) { return entry.second; });
}

}  // namespace

Fields MatchParams::fields() {
  return {{.name = "min_probability",
           .value = &min_probability,
           .help = "names are linked from this probability on that both are one artist",
           .min = 0,
           .max = 1}};
}

std::vector<SpotifyArtist> group_spellings(std::span<const SpotifyName> names) {
  std::vector<std::pair<std::string, const SpotifyName*>> keys;
  keys.reserve(names.size());
  for (const SpotifyName& name : names) keys.emplace_back(normalize_name(name.name), &name);
  std::ranges::sort(keys, [](const auto& a, const auto& b) {
    return std::tie(a.first, b.second->num_tracks, a.second->name) <
           std::tie(b.first, a.second->num_tracks, b.second->name);
  });
  std::vector<SpotifyArtist> artists;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const SpotifyName& name = *keys[i].second;
    if (i == 0 || keys[i].first != keys[i - 1].first) artists.push_back({.display = name.name});
    artists.back().num_tracks += name.num_tracks;
    artists.back().spellings.push_back(name.name);
  }
  return artists;
}

std::vector<MatchCandidate> match_candidates(const NameIndex& index,
                                             std::span<const std::string> names, int first) {
  std::vector<MatchCandidate> candidates;
  for (std::size_t i = 0; i < names.size(); ++i) {
    for (const NameMatch& match : index.find(names[i])) {
      candidates.push_back({.artist = match.name,
                            .spotify = first + static_cast<std::int32_t>(i),
                            .rule = match.rule,
                            .probability = match.probability});
    }
  }
  return candidates;
}

ArtistMatches resolve_matches(std::span<const lastfm::Artist> artists,
                              std::span<const SpotifyArtist> spotify,
                              std::vector<MatchCandidate> candidates,
                              std::span<const GivenMatch> given, const MatchParams& params) {
  struct Partner {
    std::int32_t spotify = -1;
    MatchKind kind = MatchKind::kLastfmOnly;
    NameRule rule = NameRule::kSame;
    double probability = 0;
    bool decided = false;  // by the user
  };
  std::vector<Partner> partners(artists.size());
  std::vector<bool> taken(spotify.size());
  // 1. What the user says.
  if (!given.empty()) {
    std::map<std::int64_t, std::size_t> by_id;
    for (std::size_t i = 0; i < artists.size(); ++i) by_id[artists[i].id] = i;
    std::unordered_map<std::string, std::int32_t> by_key;
    for (std::size_t i = 0; i < spotify.size(); ++i) {
      by_key[normalize_name(spotify[i].display)] = static_cast<std::int32_t>(i);
    }
    for (const GivenMatch& match : given) {
      Partner& partner = partners[by_id.at(match.artist_id)];
      partner.decided = true;
      if (match.spotify_name.empty()) continue;
      const auto found = by_key.find(normalize_name(match.spotify_name));
      if (found == by_key.end()) {
        throw InputError("given match: artist " + std::to_string(match.artist_id) + " is to be '" +
                         match.spotify_name + "', but no track table has an artist of that name");
      }
      partner = {found->second, MatchKind::kGiven, NameRule::kSame, 1, true};
      taken[static_cast<std::size_t>(found->second)] = true;
    }
  }
  // 2. One to one, the most probable first.
  sort_candidates(candidates, artists, spotify);
  ArtistMatches result;
  for (const MatchCandidate& candidate : candidates) {
    Partner& partner = partners[static_cast<std::size_t>(candidate.artist)];
    const auto other = static_cast<std::size_t>(candidate.spotify);
    if (partner.spotify >= 0 || partner.decided || taken[other]) continue;
    const bool link = candidate.probability >= params.min_probability;
    if (link) {
      partner = {candidate.spotify,
                 candidate.rule == NameRule::kSame ? MatchKind::kExact : MatchKind::kFuzzy,
                 candidate.rule, candidate.probability};
      taken[other] = true;
    }
    if (candidate.probability < kNoDoubt) {
      const lastfm::Artist& artist = artists[static_cast<std::size_t>(candidate.artist)];
      result.doubtful.push_back({artist.id, artist.name, spotify[other].display, candidate.rule,
                                 candidate.probability, spotify[other].num_tracks, link});
    }
  }
  std::ranges::stable_sort(result.doubtful, std::greater{}, &DoubtfulMatch::num_tracks);
  // 3. The table.
  std::int64_t largest = 0;
  for (std::size_t i = 0; i < artists.size(); ++i) {
    const Partner& partner = partners[i];
    largest = std::max(largest, artists[i].id);
    result.links.push_back(
        {artists[i].id, artists[i].name,
         partner.spotify < 0 ? "" : spotify[static_cast<std::size_t>(partner.spotify)].display,
         partner.kind, partner.probability, partner.rule});
  }
  std::ranges::sort(result.links, {}, &ArtistLink::artist_id);
  for (std::size_t i = 0; i < spotify.size(); ++i) {
    if (!taken[i]) {
      result.links.push_back({++largest, "", spotify[i].display, MatchKind::kSpotifyOnly, 0});
    }
  }
  return result;
}

ArtistMatches match_artists(std::span<const lastfm::Artist> artists,
                            std::span<const SpotifyName> names, const MatchParams& params,
                            std::span<const GivenMatch> given) {
  const std::vector<SpotifyArtist> spotify = group_spellings(names);
  std::vector<std::string> own;
  own.reserve(artists.size());
  for (const lastfm::Artist& artist : artists) own.push_back(artist.name);
  std::vector<std::string> others;
  others.reserve(spotify.size());
  for (const SpotifyArtist& artist : spotify) others.push_back(artist.display);
  const NameIndex index(own, others.size());
  return resolve_matches(artists, spotify, match_candidates(index, others, 0), given, params);
}

}  // namespace mrec
