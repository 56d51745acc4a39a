#include "parallel/matching.h"

#include <cstring>
#include <type_traits>

namespace mrec {
namespace {

// Names never hold a control character (dataset/name_normalizer.h, to_utf8).
constexpr char kEnd = '\n';

std::string packed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    text += name;
    text += kEnd;
  }
  return text;
}

std::vector<std::string> unpacked(const std::string& text) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find(kEnd, at);
    names.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return names;
}

std::string bytes_of(std::span<const MatchCandidate> candidates) {
  static_assert(std::is_trivially_copyable_v<MatchCandidate>);
  std::string bytes(candidates.size_bytes(), '\0');
  if (!bytes.empty()) std::memcpy(bytes.data(), candidates.data(), bytes.size());
  return bytes;
}

std::vector<MatchCandidate> candidates_of(const std::string& bytes) {
  std::vector<MatchCandidate> candidates(bytes.size() / sizeof(MatchCandidate));
  if (!bytes.empty()) std::memcpy(candidates.data(), bytes.data(), bytes.size());
  return candidates;
}

}  // namespace

ArtistMatches match_artists(const Communicator& world, std::span<const lastfm::Artist> artists,
                            std::span<const SpotifyName> names, const MatchParams& params,
                            std::span<const GivenMatch> given) {
  // 1. The root tells all ranks the names.
  std::vector<SpotifyArtist> spotify;
  std::string own;
  std::string others;
  if (world.is_root()) {
    spotify = group_spellings(names);
    std::vector<std::string> list;
    for (const lastfm::Artist& artist : artists) list.push_back(artist.name);
    own = packed(list);
    list.clear();
    for (const SpotifyArtist& artist : spotify) list.push_back(artist.display);
    others = packed(list);
  }
  const std::vector<std::string> lastfm_names = unpacked(world.broadcast(std::move(own)));
  const std::vector<std::string> spotify_names = unpacked(world.broadcast(std::move(others)));

  // 2. Each looks for its part of Spotify's among all of Last.fm's.
  const NameIndex index(lastfm_names, spotify_names.size());
  const std::size_t first = spotify_names.size() * static_cast<std::size_t>(world.rank()) /
                            static_cast<std::size_t>(world.size());
  const std::size_t last = spotify_names.size() * static_cast<std::size_t>(world.rank() + 1) /
                           static_cast<std::size_t>(world.size());
  const std::vector<MatchCandidate> own_part = match_candidates(
      index, std::span(spotify_names).subspan(first, last - first), static_cast<int>(first));
  const std::string all = world.gather(bytes_of(own_part));

  // 3. The root decides.
  return world.agree([&] {
    return world.is_root() ? resolve_matches(artists, spotify, candidates_of(all), given, params)
                           : ArtistMatches{};
  });
}

}  // namespace mrec
