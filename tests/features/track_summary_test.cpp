#include "features/track_summary.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/random.h"
#include "features/planted_tracks.h"

namespace mrec::features {
namespace {

using enum spotify::Column;

spotify::Track random_track(Rng& rng) {
  spotify::Track track{.artists = {"A"}, .id = std::to_string(rng.next())};
  track.genre = "g" + std::to_string(rng.below(4));
  for (float& value : track.values) {
    value = rng.below(5) == 0 ? spotify::kMissing : static_cast<float>(rng.below(12));
  }
  return track;
}

void expect_equal(const ArtistTracks& a, const ArtistTracks& b) {
  EXPECT_EQ(a.tracks, b.tracks);
  EXPECT_EQ(a.unrated, b.unrated);
  EXPECT_EQ(a.best_popularity, b.best_popularity);
  EXPECT_EQ(a.keys, b.keys);
  EXPECT_EQ(a.decades, b.decades);
  for (std::size_t c = 0; c < spotify::kNumColumns; ++c) {
    const auto column = static_cast<spotify::Column>(c);
    EXPECT_EQ(a.column(column).count, b.column(column).count);
    EXPECT_EQ(a.column(column).sum, b.column(column).sum);
    EXPECT_EQ(a.column(column).squares, b.column(column).squares);
    if (a.by_popularity.empty() || b.by_popularity.empty()) continue;
    EXPECT_EQ(a.popularity(column).rated.squares, b.popularity(column).rated.squares);
    EXPECT_EQ(a.popularity(column).best.sum, b.popularity(column).best.sum);
  }
  ASSERT_EQ(a.genres.size(), b.genres.size());
  for (const GenreCount& genre : a.genres) {
    const auto other = std::ranges::find(b.genres, genre.genre, &GenreCount::genre);
    ASSERT_NE(other, b.genres.end());
    EXPECT_EQ(genre.all, other->all);
    EXPECT_EQ(genre.best, other->best);
    EXPECT_EQ(genre.unrated, other->unrated);
  }
}

// What is held (128 tracks with a sample, 24 with popularity, else 8) sums up to the same bits as
// what has become sums, with genres changed before and after.
TEST(TrackSummary, HeldTracksAndSumsAreTheSameToTheLastBit) {
  Rng rng(3);
  TrackSummary sums(2);
  TrackSummary popular(2, {.popularity = true});
  TrackSummary held(2, {.popularity = true, .sample = true});
  std::vector<spotify::Track> tracks;
  for (int i = 0; i < 140; ++i) {
    const int artist = i % 3 == 0 ? 1 : 0;
    spotify::Track track = random_track(rng);
    for (TrackSummary* summary : {&sums, &popular, &held}) summary->add(artist, track);
    if (rng.below(4) == 0) {
      const std::string former = track.genre;
      track.genre += ";more";
      for (TrackSummary* summary : {&sums, &popular, &held}) {
        summary->change_genre(artist, track, former);
      }
    }
    for (const int each : {0, 1}) {
      expect_equal(sums.of(each), popular.of(each));
      expect_equal(popular.of(each), held.of(each));
    }
  }
  EXPECT_EQ(held.num_tracks(), 140);
  EXPECT_EQ(held.missing(), sums.missing());
  EXPECT_NEAR(held.missing()[0], 0.2, 0.1);
}

TEST(TrackSummary, TakesArtistsInAnyOrder) {
  TrackSummary tracks(3);
  for (const int artist : {0, 1, 1, 2, 2, 2}) tracks.add(artist, planted_track({{kEnergy, 1}}));
  const TrackSummary taken = std::move(tracks).take(std::array{2, -1, 0});
  EXPECT_EQ(taken.num_artists(), 3);
  EXPECT_EQ(taken.num_tracks(0), 3);
  EXPECT_EQ(taken.num_tracks(1), 0);
  EXPECT_EQ(taken.of(2).tracks, 1);
  EXPECT_EQ(taken.num_tracks(), 4);
}

TEST(SortedSample, EveryNumberOfTracksIsSortedByColumns) {
  Rng rng(4);
  ArtistTracks tracks;
  for (std::size_t n = 0; n <= SortedSample::kMost; ++n) {
    const SortedSample sample(tracks);
    for (std::size_t c = 0; c < spotify::kNumColumns; ++c) {
      std::vector<float> values;
      for (const auto& [hash, row] : tracks.sample) {
        if (!std::isnan(row[c])) values.push_back(row[c]);
      }
      std::ranges::sort(values);
      const auto column = static_cast<spotify::Column>(c);
      if (values.empty()) {
        EXPECT_TRUE(std::isnan(sample.quantile(column, 0.5)));
        continue;
      }
      const auto last = static_cast<double>(values.size() - 1);
      for (std::size_t i = 0; i < values.size(); ++i) {
        const double q = values.size() == 1 ? 0 : static_cast<double>(i) / last;
        EXPECT_NEAR(sample.quantile(column, q), values[i], 1e-5) << n << ' ' << c << ' ' << i;
      }
    }
    tracks.sample.emplace_back(0, random_track(rng).values);
  }
}

}  // namespace
}  // namespace mrec::features
