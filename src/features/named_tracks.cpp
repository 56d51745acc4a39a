#include "features/named_tracks.h"

#include <algorithm>

#include "dataset/name_normalizer.h"

namespace mrec::features {

NamedTracks::Spelling& NamedTracks::spelling(const std::string& name) {
  const auto [found, is_new] = spellings_.try_emplace(name);
  if (is_new) {
    const auto [artist, is_first] =
        by_key_.try_emplace(normalize_name(name), summary_.num_artists());
    if (is_first) summary_.add_artist();
    found->second.artist = artist->second;
  }
  return found->second;
}

const std::vector<int>& NamedTracks::artists_of(const spotify::Track& track) {
  found_.clear();
  for (const std::string& name : track.artists) {
    const int artist = spelling(name).artist;
    if (std::ranges::find(found_, artist) == found_.end()) found_.push_back(artist);
  }
  return found_;
}

void NamedTracks::add(const spotify::Track& track) {
  for (const int artist : artists_of(track)) summary_.add(artist, track);
  for (const std::string& name : track.artists) ++spelling(name).num_tracks;
}

void NamedTracks::change_genre(const spotify::Track& track, const std::string& former) {
  for (const int artist : artists_of(track)) summary_.change_genre(artist, track, former);
}

std::vector<SpotifyName> NamedTracks::names() const {
  std::vector<SpotifyName> names;
  names.reserve(spellings_.size());
  for (const auto& [name, spelling] : spellings_) names.push_back({name, spelling.num_tracks});
  std::ranges::sort(names, {}, &SpotifyName::name);
  return names;
}

TrackSummary NamedTracks::take(const std::vector<std::string>& names) && {
  std::vector<int> artists;
  artists.reserve(names.size());
  for (const std::string& name : names) {
    const auto found = name.empty() ? by_key_.end() : by_key_.find(normalize_name(name));
    artists.push_back(found == by_key_.end() ? -1 : found->second);
  }
  return std::move(summary_).take(artists);
}

}  // namespace mrec::features
