#include "features/track_summary.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/random.h"

namespace mrec::features {
namespace {

using spotify::Column;

std::uint64_t hash_of(const spotify::Track& track) {
  std::uint64_t hash = 0;
  const auto add = [&hash](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    hash = mix64(hash);
  };
  add(track.id);
  add(track.name);
  for (const float value : track.values) hash = mix64(hash ^ std::bit_cast<std::uint32_t>(value));
  return hash;
}

}  // namespace

TrackSummary::TrackSummary(int num_artists, bool with_sample)
    : artists_(static_cast<std::size_t>(num_artists)), with_sample_(with_sample) {}

void TrackSummary::add(int index, const spotify::Track& track) {
  ArtistTracks& artist = artists_[static_cast<std::size_t>(index)];
  ++artist.tracks;
  ++num_tracks_;
  const float popularity = track.value(Column::kPopularity);
  const bool rated = !std::isnan(popularity);
  if (!rated) ++artist.unrated;
  if (popularity > artist.best_popularity) {
    artist.best_popularity = popularity;
    for (ColumnSummary& column : artist.columns) column.best = {};
    for (GenreCount& genre : artist.genres) genre.best = 0;
  }
  const bool best = popularity == artist.best_popularity;
  for (std::size_t c = 0; c < spotify::kNumColumns; ++c) {
    const float value = track.values[c];
    if (std::isnan(value)) continue;
    ++known_[c];
    ColumnSummary& column = artist.columns[c];
    if (std::isnan(column.min)) column = {.shift = value, .min = value, .max = value};
    column.min = std::min(column.min, value);
    column.max = std::max(column.max, value);
    const double shifted = static_cast<double>(value) - column.shift;
    if (rated) {
      column.rated.add(shifted, 1);
      column.weighted.add(shifted, 1.0 + popularity);
    } else {
      column.unrated.add(shifted, 1);
    }
    if (best) column.best.add(shifted, 1);
  }
  const float key = track.value(Column::kKey);
  if (!std::isnan(key)) ++artist.keys[static_cast<std::size_t>(key)];
  const float year = track.value(Column::kYear);
  if (!std::isnan(year)) {
    const int decade = (static_cast<int>(year) - kFirstDecade) / 10;
    ++artist.decades[static_cast<std::size_t>(std::clamp(decade, 0, kNumDecades - 1))];
  }
  count_genre(artist, track);
  if (with_sample_) sample(artist, track);
}

void TrackSummary::add_genre(int artist, const spotify::Track& track) {
  count_genre(artists_[static_cast<std::size_t>(artist)], track);
}

void TrackSummary::count_genre(ArtistTracks& artist, const spotify::Track& track) {
  const auto [known, is_new] =
      genre_index_.try_emplace(track.genre, static_cast<int>(genres_.size()));
  if (is_new) genres_.push_back(track.genre);
  auto count = std::ranges::find(artist.genres, known->second, &GenreCount::genre);
  if (count == artist.genres.end()) {
    count = artist.genres.insert(count, GenreCount{.genre = known->second});
  }
  const float popularity = track.value(Column::kPopularity);
  ++count->all;
  if (std::isnan(popularity)) ++count->unrated;
  if (popularity == artist.best_popularity) ++count->best;
}

void TrackSummary::sample(ArtistTracks& artist, const spotify::Track& track) {
  const auto by_hash = [](const auto& a, const auto& b) { return a.first < b.first; };
  const std::uint64_t hash = hash_of(track);
  auto& heap = artist.sample;
  if (heap.size() == kSample) {
    if (hash >= heap.front().first) return;
    std::ranges::pop_heap(heap, by_hash);
    heap.pop_back();
  }
  heap.emplace_back(hash, track.values);
  std::ranges::push_heap(heap, by_hash);
}

double TrackSummary::missing(Column column) const {
  if (num_tracks_ == 0) return 1;
  return 1 - static_cast<double>(known_[static_cast<std::size_t>(column)]) /
                 static_cast<double>(num_tracks_);
}

Statistics TrackSummary::statistics(int index, Column name, TrackRule rule,
                                    float popularity) const {
  const ArtistTracks& artist = of(index);
  const ColumnSummary& column = artist.columns[static_cast<std::size_t>(name)];
  Moments moments;
  switch (rule) {
    case TrackRule::kAll:
      moments = column.rated;
      moments.add(column.unrated);
      break;
    case TrackRule::kWeighted:
      moments = column.weighted;
      moments.add(column.unrated, 1.0 + popularity);
      break;
    case TrackRule::kPopular:
      if (artist.unrated == 0 || artist.best_popularity >= popularity) moments = column.best;
      if (artist.unrated > 0 && popularity >= artist.best_popularity) moments.add(column.unrated);
      break;
  }
  if (moments.weight <= 0) return {};
  const double mean = moments.sum / moments.weight;
  const double variance = std::max(0.0, moments.squares / moments.weight - mean * mean);
  return {static_cast<float>(column.shift + mean), static_cast<float>(std::sqrt(variance))};
}

float TrackSummary::quantile(int artist, Column column, double q) const {
  std::vector<float> values;
  for (const auto& [hash, track] : of(artist).sample) {
    const float value = track[static_cast<std::size_t>(column)];
    if (!std::isnan(value)) values.push_back(value);
  }
  if (values.empty()) return spotify::kMissing;
  std::ranges::sort(values);
  const double at = q * static_cast<double>(values.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const std::size_t high = std::min(low + 1, values.size() - 1);
  const double part = at - static_cast<double>(low);
  return static_cast<float>((1 - part) * values[low] + part * values[high]);
}

}  // namespace mrec::features
