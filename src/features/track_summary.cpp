#include "features/track_summary.h"

#include <algorithm>
#include <bit>
#include <cassert>
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

void count_genre(ArtistTracks& artist, float popularity, int genre, int times) {
  auto count = std::ranges::find(artist.genres, genre, &GenreCount::genre);
  if (count == artist.genres.end()) {
    count = artist.genres.insert(count, GenreCount{.genre = genre});
  }
  count->all += times;
  if (std::isnan(popularity)) count->unrated += times;
  if (popularity == artist.best_popularity) count->best += times;
  if (count->all == 0) artist.genres.erase(count);
}

void sample(ArtistTracks& artist, const TrackNote& track) {
  const auto by_hash = [](const auto& a, const auto& b) { return a.first < b.first; };
  auto& heap = artist.sample;
  constexpr std::size_t kMost = TrackSummary::kSample;
  const bool full = heap.size() == kMost;
  if (full) {
    if (track.hash >= heap.front().first) return;
    std::ranges::pop_heap(heap, by_hash);
    heap.pop_back();
  }
  heap.emplace_back(track.hash, track.values);
  // It is a heap from the day on that it is full.
  if (full) {
    std::ranges::push_heap(heap, by_hash);
  } else if (heap.size() == kMost) {
    std::ranges::make_heap(heap, by_hash);
  }
}

}  // namespace

TrackSummary::TrackSummary(int num_artists, Wanted wanted)
    : artists_(static_cast<std::size_t>(num_artists)), wanted_(wanted) {}

int TrackSummary::genre_number(const std::string& genre) {
  const auto [known, is_new] = genre_index_.try_emplace(genre, static_cast<int>(genres_.size()));
  if (is_new) genres_.push_back(genre);
  return known->second;
}

TrackNote TrackSummary::noted(const spotify::Track& track, const std::string* former) {
  return {.values = track.values,
          .hash = wanted_.sample && former == nullptr ? hash_of(track) : 0,
          .genre = genre_number(track.genre),
          .former_genre = former == nullptr ? -1 : genre_number(*former)};
}

void TrackSummary::add(int index, const TrackNote& track) {
  ArtistTracks& artist = artists_[static_cast<std::size_t>(index)];
  const float popularity = track.value(Column::kPopularity);
  if (track.former_genre >= 0) {
    count_genre(artist, popularity, track.former_genre, -1);
    count_genre(artist, popularity, track.genre, 1);
    return;
  }
  ++artist.tracks;
  const bool rated = !std::isnan(popularity);
  if (!rated) ++artist.unrated;
  if (wanted_.popularity) artist.by_popularity.resize(spotify::kNumColumns);
  if (popularity > artist.best_popularity) {
    artist.best_popularity = popularity;
    for (PopularitySummary& column : artist.by_popularity) column.best = {};
    for (GenreCount& genre : artist.genres) genre.best = 0;
  }
  const bool best = popularity == artist.best_popularity;
  for (std::size_t c = 0; c < spotify::kNumColumns; ++c) {
    const float value = track.values[c];
    if (std::isnan(value)) continue;
    ColumnSummary& column = artist.columns[c];
    if (column.count++ == 0) column.shift = column.min = column.max = value;
    column.min = std::min(column.min, value);
    column.max = std::max(column.max, value);
    const double shifted = static_cast<double>(value) - column.shift;
    column.sum += shifted;
    column.squares += shifted * shifted;
    if (!wanted_.popularity) continue;
    PopularitySummary& summary = artist.by_popularity[c];
    if (rated) {
      summary.rated.add(shifted, 1.0 + popularity);
    } else {
      summary.unrated.add(shifted, 1);
    }
    if (best) summary.best.add(shifted, 1);
  }
  const float key = track.value(Column::kKey);
  if (!std::isnan(key)) ++artist.keys[static_cast<std::size_t>(key)];
  const float year = track.value(Column::kYear);
  if (!std::isnan(year)) {
    const int decade = (static_cast<int>(year) - kFirstDecade) / 10;
    ++artist.decades[static_cast<std::size_t>(std::clamp(decade, 0, kNumDecades - 1))];
  }
  count_genre(artist, popularity, track.genre, 1);
  if (wanted_.sample) sample(artist, track);
}

TrackSummary TrackSummary::take(std::span<const int> artists) && {
  TrackSummary taken(static_cast<int>(artists.size()), wanted_);
  for (std::size_t i = 0; i < artists.size(); ++i) {
    if (artists[i] < 0) continue;
    taken.artists_[i] =
        std::exchange(artists_[static_cast<std::size_t>(artists[i])], ArtistTracks{});
  }
  taken.genres_ = std::move(genres_);
  taken.genre_index_ = std::move(genre_index_);
  return taken;
}

std::int64_t TrackSummary::num_tracks() const {
  std::int64_t sum = 0;
  for (const ArtistTracks& artist : artists_) sum += artist.tracks;
  return sum;
}

double TrackSummary::missing(Column column) const {
  std::int64_t known = 0;
  for (const ArtistTracks& artist : artists_) {
    known += artist.columns[static_cast<std::size_t>(column)].count;
  }
  if (known == 0) return 1;
  return 1 - static_cast<double>(known) / static_cast<double>(num_tracks());
}

Statistics TrackSummary::statistics(int index, Column name, TrackRule rule,
                                    float popularity) const {
  const ArtistTracks& artist = of(index);
  const auto c = static_cast<std::size_t>(name);
  const ColumnSummary& column = artist.columns[c];
  if (column.count == 0) return {};
  Moments moments{static_cast<double>(column.count), column.sum, column.squares};
  if (rule != TrackRule::kAll) {
    assert(wanted_.popularity);
    const PopularitySummary& summary = artist.by_popularity[c];
    moments = {};
    if (rule == TrackRule::kWeighted) {
      moments = summary.rated;
      moments.add(summary.unrated, 1.0 + popularity);
    } else {
      if (artist.unrated == 0 || artist.best_popularity >= popularity) moments = summary.best;
      if (artist.unrated > 0 && popularity >= artist.best_popularity) moments.add(summary.unrated);
    }
  }
  if (moments.weight <= 0) return {};
  const double mean = moments.sum / moments.weight;
  const double variance = std::max(0.0, moments.squares / moments.weight - mean * mean);
  return {static_cast<float>(column.shift + mean), static_cast<float>(std::sqrt(variance))};
}

std::size_t TrackSummary::sorted_sample(int artist, Column column,
                                        std::array<float, kSample>& sorted) const {
  assert(wanted_.sample);
  std::size_t count = 0;
  for (const auto& [hash, track] : of(artist).sample) {
    const float value = track[static_cast<std::size_t>(column)];
    if (!std::isnan(value)) sorted[count++] = value;
  }
  std::ranges::sort(std::span(sorted).first(count));
  return count;
}

float TrackSummary::between(std::span<const float> sorted, double q) {
  if (sorted.empty()) return spotify::kMissing;
  const double at = q * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  const double part = at - static_cast<double>(low);
  return static_cast<float>((1 - part) * sorted[low] + part * sorted[high]);
}

}  // namespace mrec::features
