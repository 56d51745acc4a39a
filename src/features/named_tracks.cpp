#include "features/named_tracks.h"

#include <algorithm>
#include <functional>

#include "dataset/name_normalizer.h"

namespace mrec::features {

std::size_t NamedTracks::place_of(std::uint64_t hash) const {
  std::size_t place = hash & (spellings_.size() - 1);
  while (spellings_[place].name >= 0 && spellings_[place].hash != hash) {
    place = (place + 1) & (spellings_.size() - 1);
  }
  return place;
}

NamedTracks::Spelling& NamedTracks::spelling(const std::string& name) {
  const std::uint64_t hash = std::hash<std::string>{}(name);
  Spelling& known = spellings_[place_of(hash)];
  if (known.name >= 0) return known;

  if (2 * names_.size() >= spellings_.size()) {
    std::vector<Spelling> old(2 * spellings_.size());
    old.swap(spellings_);
    for (const Spelling& one : old) {
      if (one.name >= 0) spellings_[place_of(one.hash)] = one;
    }
  }
  const auto [artist, is_new] = by_key_.try_emplace(normalize_name(name), summary_.num_artists());
  if (is_new) summary_.add_artist();
  Spelling& made = spellings_[place_of(hash)];
  made = {.hash = hash, .name = static_cast<std::int32_t>(names_.size()), .artist = artist->second};
  names_.push_back(name);
  return made;
}

void NamedTracks::wait(const spotify::Track& track, const TrackNote& note, int times) {
  const std::size_t first = waiting_.size();
  for (const std::string& name : track.artists) {
    Spelling& found = spelling(name);
    found.num_tracks += times;
    const bool twice =
        std::any_of(waiting_.begin() + static_cast<std::ptrdiff_t>(first), waiting_.end(),
                    [&](const Waiting& one) { return one.artist == found.artist; });
    if (!twice) waiting_.push_back({found.artist, note});
  }
  if (waiting_.size() >= kWaiting) add_waiting();
}

void NamedTracks::add(const spotify::Track& track) { wait(track, summary_.noted(track), 1); }

void NamedTracks::change_genre(const spotify::Track& track, const std::string& former) {
  wait(track, summary_.noted(track, &former), 0);
}

void NamedTracks::add_waiting() {
  constexpr std::size_t kAhead = 8;
  const std::size_t size = waiting_.size();
  for (std::size_t i = 0; i < size + 2 * kAhead; ++i) {
    if (i < size) summary_.prefetch(waiting_[i].artist);
    if (i >= kAhead && i - kAhead < size) summary_.prefetch_place(waiting_[i - kAhead].artist);
    if (i < 2 * kAhead) continue;
    const Waiting& one = waiting_[i - 2 * kAhead];
    summary_.add(one.artist, one.note);
  }
  waiting_.clear();
}

std::vector<SpotifyName> NamedTracks::names() const {
  std::vector<SpotifyName> names;
  names.reserve(names_.size());
  for (const Spelling& spelling : spellings_) {
    if (spelling.name < 0) continue;
    names.push_back({names_[static_cast<std::size_t>(spelling.name)], spelling.num_tracks});
  }
  std::ranges::sort(names, {}, &SpotifyName::name);
  return names;
}

TrackSummary NamedTracks::take(const std::vector<std::string>& names) && {
  add_waiting();
  std::vector<int> artists;
  artists.reserve(names.size());
  for (const std::string& name : names) {
    const auto found = name.empty() ? by_key_.end() : by_key_.find(normalize_name(name));
    artists.push_back(found == by_key_.end() ? -1 : found->second);
  }
  return std::move(summary_).take(artists);
}

}  // namespace mrec::features
