#include "features/track_summary.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <limits>
#include <utility>

#include "base/prefetch.h"
#include "base/random.h"

namespace mrec::features {
namespace {

using spotify::Column;

// The hash of what a track is, for samples: first that of id and name, then that of the values with
// it. It decides which tracks are in a sample, and so must stay as it is.
std::uint64_t hash_of_texts(const spotify::Track& track) {
  std::uint64_t hash = 0;
  for (const std::string_view text : {std::string_view(track.id), std::string_view(track.name)}) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    hash = mix64(hash);
  }
  return hash;
}
std::uint64_t whole_hash(std::uint64_t hash_of_texts, const ByColumn<float>& values) {
  std::uint64_t hash = hash_of_texts;
  for (const float value : values) hash = mix64(hash ^ std::bit_cast<std::uint32_t>(value));
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
  if (heap.size() == kMost) {
    const std::uint64_t hash = whole_hash(track.hash, track.values);
    if (hash >= heap.front().first) return;
    std::ranges::pop_heap(heap, by_hash);
    heap.back() = {hash, track.values};
    std::ranges::push_heap(heap, by_hash);
    return;
  }
  heap.emplace_back(track.hash, track.values);
  if (heap.size() < kMost) return;
  for (auto& [hash, values] : heap) hash = whole_hash(hash, values);
  std::ranges::make_heap(heap, by_hash);
}

// Adds to every column whose `known` is 1, and 0 to those whose it is 0, `times` its value.
void add(MomentSums& sums, const ByColumn<double>& values, const ByColumn<double>& known,
         double times) {
  for (std::size_t c = 0; c < spotify::kNumColumns; ++c) {
    sums.weight[c] += times * known[c];
    sums.sum[c] += times * values[c];
    sums.squares[c] += times * values[c] * values[c];
  }
}

// Puts the lesser of both values of a column into `low`.
void exchange(float* __restrict low, float* __restrict high) {
  for (std::size_t c = 0; c < spotify::kNumColumns; ++c) {
    const float a = low[c];
    const float b = high[c];
    const float least = b < a ? b : a;
    const float most = a > b ? a : b;  // so written it becomes one instruction for all columns
    low[c] = least;
    high[c] = most;
  }
}

// Puts rows into ascending order, each column by itself: Batcher's odd-even merge sort (Knuth, The
// Art of Computer Programming 3, 5.2.2 M), which compares the same places whatever the values are,
// so that all columns go through it at once.
template <typename Row>
void sort_columns(std::span<Row> rows) {
  const std::size_t n = rows.size();
  if (n < 2) return;
  const std::size_t half = std::bit_ceil(n) / 2;
  for (std::size_t p = half; p > 0; p /= 2) {
    std::size_t r = 0;
    std::size_t d = p;
    for (std::size_t q = half;; q /= 2) {
      for (std::size_t first = r; first + d < n; first += 2 * p) {
        const std::size_t end = std::min(first + p, n - d);
        for (std::size_t i = first; i < end; ++i) exchange(rows[i].data(), rows[i + d].data());
      }
      if (q == p) break;
      d = q - p;
      r = p;
    }
  }
}

}  // namespace

ColumnSummary ArtistTracks::column(Column name) const {
  const auto c = static_cast<std::size_t>(name);
  return {.shift = columns.shift[c],
          .min = columns.min[c],
          .max = columns.max[c],
          .count = columns.count[c],
          .sum = columns.sum[c],
          .squares = columns.squares[c]};
}

PopularitySummary ArtistTracks::popularity(Column name) const {
  assert(!by_popularity.empty());
  const auto c = static_cast<std::size_t>(name);
  const auto moments = [c](const MomentSums& sums) {
    return Moments{sums.weight[c], sums.sum[c], sums.squares[c]};
  };
  const PopularitySums& sums = by_popularity.front();
  return {moments(sums.rated), moments(sums.unrated), moments(sums.best)};
}

Statistics ArtistTracks::statistics(Column name, TrackRule rule, float assumed_popularity) const {
  const ColumnSummary column = this->column(name);
  if (column.count == 0) return {};
  Moments moments{static_cast<double>(column.count), column.sum, column.squares};
  if (rule != TrackRule::kAll) {
    const PopularitySummary summary = popularity(name);
    moments = {};
    if (rule == TrackRule::kWeighted) {
      moments = summary.rated;
      moments.add(summary.unrated, 1.0 + assumed_popularity);
    } else {
      if (unrated == 0 || best_popularity >= assumed_popularity) moments = summary.best;
      if (unrated > 0 && assumed_popularity >= best_popularity) moments.add(summary.unrated);
    }
  }
  if (moments.weight <= 0) return {};
  const double mean = moments.sum / moments.weight;
  const double variance = std::max(0.0, moments.squares / moments.weight - mean * mean);
  return {static_cast<float>(column.shift + mean), static_cast<float>(std::sqrt(variance))};
}

SortedSample::SortedSample(const ArtistTracks& tracks) {
  constexpr float kLast = std::numeric_limits<float>::infinity();
  std::size_t size = 0;
  for (const auto& [hash, values] : tracks.sample) {
    Row& row = rows_[size++];
    for (std::size_t c = 0; c < row.size(); ++c) {
      const bool known = !std::isnan(values[c]);
      row[c] = known ? values[c] : kLast;
      counts_[c] += known ? 1 : 0;
    }
  }
  sort_columns(std::span(rows_).first(size));
}

float SortedSample::quantile(Column column, double q) const {
  const auto c = static_cast<std::size_t>(column);
  if (counts_[c] == 0) return spotify::kMissing;
  const auto last = static_cast<std::size_t>(counts_[c] - 1);
  const double at = q * static_cast<double>(last);
  const auto low = static_cast<std::size_t>(at);
  const std::size_t high = std::min(low + 1, last);
  const double part = at - static_cast<double>(low);
  return static_cast<float>((1 - part) * rows_[low][c] + part * rows_[high][c]);
}

// A summary with a sample holds that many tracks anyway; without, what is held takes about as much
// memory as the sums.
TrackSummary::TrackSummary(int num_artists, Wanted wanted)
    : artists_(static_cast<std::size_t>(num_artists)),
      wanted_(wanted),
      most_held_(wanted.sample ? kSample : (wanted.popularity ? 24 : 8)) {}

int TrackSummary::genre_number(std::string_view genre) {
  const auto [number, is_new] = genre_numbers_.add(genre);
  if (is_new) genres_.emplace_back(genre);
  return static_cast<int>(number);
}

TrackNote TrackSummary::noted(const spotify::Track& track, const std::string* former) {
  return {.values = track.values,
          .hash = wanted_.sample && former == nullptr ? hash_of_texts(track) : 0,
          .genre = genre_number(track.genre),
          .former_genre = former == nullptr ? -1 : genre_number(*former)};
}

void TrackSummary::sum(ArtistTracks& artist, const TrackNote& track) const {
  const float popularity = track.value(Column::kPopularity);
  if (track.former_genre >= 0) {
    count_genre(artist, popularity, track.former_genre, -1);
    count_genre(artist, popularity, track.genre, 1);
    return;
  }
  ++artist.tracks;
  const bool rated = !std::isnan(popularity);
  if (!rated) ++artist.unrated;
  if (wanted_.popularity) artist.by_popularity.resize(1);
  if (popularity > artist.best_popularity) {
    artist.best_popularity = popularity;
    for (PopularitySums& sums : artist.by_popularity) sums.best = {};
    for (GenreCount& genre : artist.genres) genre.best = 0;
  }
  // Without branches: a missing value adds 0, which changes no sum.
  ColumnSums& columns = artist.columns;
  ByColumn<double> known;
  ByColumn<double> shifted;
  for (std::size_t c = 0; c < spotify::kNumColumns; ++c) {
    const float value = track.values[c];
    const bool is_known = !std::isnan(value);
    const bool first = is_known && columns.count[c] == 0;
    columns.count[c] += is_known ? 1 : 0;
    columns.shift[c] = first ? value : columns.shift[c];
    columns.min[c] = first || value < columns.min[c] ? value : columns.min[c];
    columns.max[c] = first || value > columns.max[c] ? value : columns.max[c];
    known[c] = is_known ? 1 : 0;
    shifted[c] = is_known ? static_cast<double>(value) - columns.shift[c] : 0;
  }
  for (std::size_t c = 0; c < spotify::kNumColumns; ++c) {
    columns.sum[c] += shifted[c];
    columns.squares[c] += shifted[c] * shifted[c];
  }
  for (PopularitySums& sums : artist.by_popularity) {
    if (rated) {
      features::add(sums.rated, shifted, known, 1.0 + popularity);
    } else {
      features::add(sums.unrated, shifted, known, 1);
    }
    if (popularity == artist.best_popularity) features::add(sums.best, shifted, known, 1);
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

template <typename Blocks, typename Function>
void TrackSummary::for_each_held(Blocks& blocks, const Artist& artist, Function f) {
  std::uint32_t block = artist.first;
  for (std::uint32_t i = 0; i < artist.tracks; ++i) {
    if (i > 0 && i % 4 == 0) block = blocks[block].next;
    if (!f(blocks[block], i % 4)) return;
  }
}

void TrackSummary::add_held(ArtistTracks& sums, const Artist& artist) const {
  for_each_held(blocks_, artist, [&](const Block& block, std::uint32_t place) {
    if (place == 0 && block.next != kNone) prefetch_block(block.next);
    sum(sums,
        {.values = block.values[place], .hash = block.hashes[place], .genre = block.genres[place]});
    return true;
  });
}

void TrackSummary::prefetch_block(std::uint32_t block) const {
  const char* const from = reinterpret_cast<const char*>(&blocks_[block]);
  for (std::size_t at = 0; at < sizeof(Block); at += 64) prefetch_line(from + at);
}

void TrackSummary::hold(Artist& artist, const TrackNote& note) {
  if (artist.tracks % 4 == 0) {
    std::uint32_t block = free_blocks_;
    if (block == kNone) {
      block = blocks_.grow();
    } else {
      free_blocks_ = blocks_[block].next;
    }
    blocks_[block].next = kNone;
    (artist.first == kNone ? artist.first : blocks_[artist.last].next) = block;
    artist.last = block;
  }
  const std::uint32_t place = artist.tracks++ % 4;
  Block& block = blocks_[artist.last];
  block.values[place] = note.values;
  block.hashes[place] = note.hash;
  block.genres[place] = note.genre;
}

// Which of several tracks with the same genre and popularity it is makes no difference.
void TrackSummary::change_held_genre(Artist& artist, const TrackNote& note) {
  const float popularity = note.value(Column::kPopularity);
  for_each_held(blocks_, artist, [&](Block& block, std::uint32_t place) {
    const float other = block.values[place][static_cast<std::size_t>(Column::kPopularity)];
    const bool same = popularity == other || (std::isnan(popularity) && std::isnan(other));
    if (!same || block.genres[place] != note.former_genre) return true;
    block.genres[place] = note.genre;
    return false;
  });
}

void TrackSummary::become_sums(Artist& artist) {
  ArtistTracks& sums = sums_.emplace_back();
  if (wanted_.sample) sums.sample.reserve(kSample);
  add_held(sums, artist);
  blocks_[artist.last].next = free_blocks_;
  free_blocks_ = artist.first;
  artist.sums = static_cast<std::uint32_t>(sums_.size() - 1);
}

void TrackSummary::add(int index, const TrackNote& note) {
  Artist& artist = artists_[static_cast<std::size_t>(index)];
  const bool is_new = note.former_genre < 0;
  if (artist.sums == kNone && is_new && artist.tracks == most_held_) become_sums(artist);
  if (artist.sums != kNone) {
    if (is_new) ++artist.tracks;
    sum(sums_[artist.sums], note);
  } else if (is_new) {
    hold(artist, note);
  } else {
    change_held_genre(artist, note);
  }
}

void TrackSummary::prefetch(int artist) const {
  prefetch_line(&artists_[static_cast<std::size_t>(artist)]);
}

void TrackSummary::prefetch_place(int index) const {
  const Artist& artist = artists_[static_cast<std::size_t>(index)];
  if (artist.last == kNone || artist.sums != kNone) return;
  const Block& block = blocks_[artist.last];
  prefetch_line(&block.values[artist.tracks % 4]);
  prefetch_line(&block.hashes);
}

TrackSummary TrackSummary::take(std::span<const int> artists) && {
  TrackSummary taken = std::move(*this);
  std::vector<Artist> all = std::exchange(taken.artists_, {});
  for (const int artist : artists) {
    taken.artists_.push_back(
        artist < 0 ? Artist{} : std::exchange(all[static_cast<std::size_t>(artist)], Artist{}));
  }
  return taken;
}

ArtistTracks TrackSummary::of(int index) const {
  const Artist& artist = artists_[static_cast<std::size_t>(index)];
  // Mostly the artists behind are the next ones to be asked for.
  constexpr std::size_t kAhead = 2;
  if (const std::size_t next = static_cast<std::size_t>(index) + kAhead; next < artists_.size()) {
    if (artists_[next].first != kNone) prefetch_block(artists_[next].first);
  }
  if (artist.sums != kNone) return sums_[artist.sums];
  ArtistTracks sums;
  if (wanted_.sample) sums.sample.reserve(artist.tracks);
  add_held(sums, artist);
  return sums;
}

std::int64_t TrackSummary::num_tracks() const {
  std::int64_t sum = 0;
  for (const Artist& artist : artists_) sum += artist.tracks;
  return sum;
}

std::array<double, spotify::kNumColumns> TrackSummary::missing() const {
  std::array<std::int64_t, spotify::kNumColumns> known{};
  for (const Artist& artist : artists_) {
    if (artist.sums != kNone) {
      const auto& columns = sums_[artist.sums].columns;
      for (std::size_t c = 0; c < known.size(); ++c) known[c] += columns.count[c];
      continue;
    }
    for_each_held(blocks_, artist, [&](const Block& block, std::uint32_t place) {
      const ByColumn<float>& values = block.values[place];
      for (std::size_t c = 0; c < known.size(); ++c) known[c] += std::isnan(values[c]) ? 0 : 1;
      return true;
    });
  }
  const auto tracks = static_cast<double>(num_tracks());
  std::array<double, spotify::kNumColumns> shares;
  for (std::size_t c = 0; c < known.size(); ++c) {
    shares[c] = known[c] == 0 ? 1 : 1 - static_cast<double>(known[c]) / tracks;
  }
  return shares;
}

}  // namespace mrec::features
