#include "features/named_tracks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "base/random.h"
#include "features/planted_tracks.h"
#include "temp_dir.h"

namespace mrec::features {
namespace {

using enum spotify::Column;
using testing::ElementsAre;

constexpr Wanted kAll{.popularity = true, .sample = true};

spotify::Track track_by(const std::vector<std::string>& artists, float energy) {
  spotify::Track track = planted_track({{kEnergy, energy}});
  track.artists = artists;
  return track;
}

// "genre: all best unrated", in ascending order.
std::map<std::string, std::array<int, 3>> genres_of(const TrackSummary& tracks, int artist) {
  std::map<std::string, std::array<int, 3>> genres;
  const ArtistTracks summary = tracks.of(artist);
  for (const GenreCount& count : summary.genres) {
    genres[tracks.genres()[static_cast<std::size_t>(count.genre)]] = {count.all, count.best,
                                                                      count.unrated};
  }
  return genres;
}

TEST(NamedTracks, SpellingsOfANameAreOneArtistWhomATrackCountsOnce) {
  NamedTracks named;
  named.add(track_by({"Björk", "BJORK", "Tricky"}, 0.5F));
  named.add(track_by({"björk"}, 0.7F));
  std::vector<std::pair<std::string, int>> names;
  for (const SpotifyName& name : named.names()) names.emplace_back(name.name, name.num_tracks);
  EXPECT_THAT(names, ElementsAre(std::pair("BJORK", 1), std::pair("Björk", 1),
                                 std::pair("Tricky", 1), std::pair("björk", 1)));
  const TrackSummary tracks = std::move(named).take({"Nobody", "", "bjork", "tricky"});
  EXPECT_EQ(tracks.of(0).tracks, 0);
  EXPECT_EQ(tracks.of(1).tracks, 0);
  EXPECT_EQ(tracks.of(2).tracks, 2);
  EXPECT_EQ(tracks.of(3).tracks, 1);
  EXPECT_EQ(tracks.num_tracks(), 3) << "of those who were taken";
  EXPECT_FLOAT_EQ(tracks.of(2).statistics(kEnergy, TrackRule::kAll, 0).mean, 0.6F);
  EXPECT_EQ(tracks.missing()[static_cast<std::size_t>(kEnergy)], 0);
  EXPECT_EQ(tracks.missing()[static_cast<std::size_t>(kTempo)], 1);
}

TEST(TrackSummary, AGenreThatComesLaterCountsAsIfItHadBeenThereFromTheBeginning) {
  const spotify::Track rated = planted_track({{kPopularity, 50}}, "rock");
  const spotify::Track equal = planted_track({{kPopularity, 50}}, "rock");
  const spotify::Track unrated = planted_track({{kEnergy, 1}}, "rock");
  const spotify::Track better = planted_track({{kPopularity, 60}}, "soul");
  for (const bool with_better : {false, true}) {
    TrackSummary late(1, kAll);
    TrackSummary whole(1, kAll);
    for (const spotify::Track& track : {rated, equal, unrated}) {
      late.add(0, track);
      spotify::Track with_all = track;
      if (&track != &equal) with_all.genre = "rock";
      whole.add(0, with_all);
    }
    if (with_better) {
      late.add(0, better);
      whole.add(0, better);
    }
    EXPECT_EQ(genres_of(late, 0), genres_of(whole, 0));
    // One rated track and the unrated one are metal, too.
    for (const spotify::Track& track : {rated, unrated}) {
      spotify::Track again = track;
      again.genre = "rock;metal";
      late.change_genre(0, again, "rock");
    }
    const int best = with_better ? 0 : 1;
    std::map<std::string, std::array<int, 3>> expected{{"rock", {1, best, 0}},
                                                       {"rock;metal", {2, best, 1}}};
    if (with_better) expected["soul"] = {1, 1, 0};
    EXPECT_EQ(genres_of(late, 0), expected);
  }
}

TEST(TrackSummary, AGenreThatNoTrackHasAnyMoreIsGone) {
  TrackSummary tracks(1);
  tracks.add(0, planted_track({{kEnergy, 1}}, "rock"));
  tracks.change_genre(0, planted_track({{kEnergy, 1}}, "rock;metal"), "rock");
  EXPECT_EQ(genres_of(tracks, 0),
            (std::map<std::string, std::array<int, 3>>{{"rock;metal", {1, 0, 1}}}));
}

// A table with guests, repeated tracks in other genres, gaps and rows that can't be used.
std::string faulty_table() {
  std::string text = "track_id,artists,track_name,popularity,energy,tempo,key,track_genre\n";
  Rng rng(7);
  const auto below = [&](int n) { return static_cast<int>(rng.below(static_cast<unsigned>(n))); };
  for (int i = 0; i < 2000; ++i) {
    const int id = below(700);
    Rng of_track(8, 0, static_cast<std::uint64_t>(id));
    std::string artists = "A" + std::to_string(of_track.below(40));
    if (of_track.below(3) == 0) artists += ";a" + std::to_string(of_track.below(40));
    text += (id % 7 == 0 ? "" : "id" + std::to_string(id)) + "," + artists + ",T," +
            (below(4) == 0 ? "" : std::to_string(below(100))) + "," +
            (below(9) == 0 ? "" : "0." + std::to_string(below(100))) + "," +
            std::to_string(60 + below(90)) + "," + std::to_string(below(12)) + ",g" +
            std::to_string(below(5)) + "\n";
  }
  return text;
}

std::vector<std::uint64_t> hashes_of(const TrackSummary& tracks, int artist) {
  std::vector<std::uint64_t> hashes;
  const ArtistTracks summary = tracks.of(artist);
  for (const auto& [hash, values] : summary.sample) hashes.push_back(hash);
  return hashes;
}

// What passes by gives the same summaries as all tracks in memory, whose repeats are merged.
TEST(NamedTracks, OnePassIsAsGoodAsAllTracksInMemory) {
  const TempDir directory;
  const std::string sample = MREC_SAMPLE "/spotify/tracks.csv";
  for (const std::string& path : {directory.file("t.csv", faulty_table()), sample}) {
    ReadReport report;
    NamedTracks passed(kAll);
    spotify::visit_tracks(
        std::vector{path}, report,
        {.track = [&](const spotify::Track& track) { passed.add(track); },
         .genre = [&](const spotify::Track& track,
                      const std::string& former) { passed.change_genre(track, former); }});
    NamedTracks held(kAll);
    for (const spotify::Track& track : spotify::read_tracks(std::vector{path}, report)) {
      held.add(track);
    }
    std::vector<std::string> names;
    for (const SpotifyName& name : held.names()) names.push_back(name.name);
    ASSERT_EQ(passed.names().size(), names.size());
    EXPECT_GE(names.size(), 40U);
    const TrackSummary one = std::move(passed).take(names);
    const TrackSummary other = std::move(held).take(names);
    for (int artist = 0; artist < one.num_artists(); ++artist) {
      EXPECT_EQ(one.of(artist).tracks, other.of(artist).tracks);
      EXPECT_EQ(genres_of(one, artist), genres_of(other, artist));
      EXPECT_EQ(hashes_of(one, artist), hashes_of(other, artist));
      for (const auto rule : {TrackRule::kAll, TrackRule::kWeighted, TrackRule::kPopular}) {
        const Statistics a = one.of(artist).statistics(kTempo, rule, 20);
        const Statistics b = other.of(artist).statistics(kTempo, rule, 20);
        EXPECT_THAT(a.mean, testing::NanSensitiveFloatEq(b.mean));
        EXPECT_THAT(a.deviation, testing::NanSensitiveFloatEq(b.deviation));
      }
    }
  }
}

// Rows that are read ahead on a thread of their own give the same bits as rows read by turns.
TEST(NamedTracks, TheNumberOfThreadsChangesNoBit) {
  const TempDir directory;
  std::string many = faulty_table();
  for (int i = 0; i < 40'000; ++i) {
    many += "n" + std::to_string(i) + ",B" + std::to_string(i % 900) + ",T," +
            std::to_string(i % 101) + ",0." + std::to_string(i) + ",90,3,g\n";
  }
  const std::vector<std::string> paths{directory.file("t.csv", many),
                                       MREC_SAMPLE "/spotify/tracks.csv"};
  const auto summed = [&](spotify::ReadBy by, ReadReport& report) {
    NamedTracks named(kAll);
    spotify::visit_tracks(
        paths, report,
        {.track = [&](const spotify::Track& track) { named.add(track); },
         .genre = [&](const spotify::Track& track,
                      const std::string& former) { named.change_genre(track, former); }},
        by);
    return named;
  };
  ReadReport report;
  ReadReport other_report;
  NamedTracks named = summed(spotify::ReadBy::kTurns, report);
  NamedTracks other_named = summed(spotify::ReadBy::kTwoThreads, other_report);
  std::vector<std::string> names;
  for (const SpotifyName& name : named.names()) names.push_back(name.name);
  EXPECT_EQ(report.used(), other_report.used());
  EXPECT_EQ(report.kinds().size(), other_report.kinds().size());
  const TrackSummary one = std::move(named).take(names);
  const TrackSummary other = std::move(other_named).take(names);
  for (int artist = 0; artist < one.num_artists(); ++artist) {
    const ArtistTracks a = one.of(artist);
    const ArtistTracks b = other.of(artist);
    if (a.tracks == 0) continue;  // another spelling of one that was taken already
    EXPECT_EQ(hashes_of(one, artist), hashes_of(other, artist));
    EXPECT_EQ(genres_of(one, artist), genres_of(other, artist));
    for (std::size_t c = 0; c < spotify::kNumColumns; ++c) {
      const auto column = static_cast<spotify::Column>(c);
      EXPECT_EQ(a.column(column).sum, b.column(column).sum);
      EXPECT_EQ(a.column(column).squares, b.column(column).squares);
      EXPECT_EQ(a.popularity(column).rated.sum, b.popularity(column).rated.sum);
    }
  }
}

// Mean, deviation and number of values, each counted as often as its weight says.
std::array<double, 3> brute_force(const std::vector<std::pair<double, double>>& values) {
  double weight = 0;
  double mean = 0;
  for (const auto& [value, times] : values) weight += times;
  for (const auto& [value, times] : values) mean += times * value / weight;
  double variance = 0;
  for (const auto& [value, times] : values) {
    variance += times * (value - mean) * (value - mean) / weight;
  }
  return {mean, std::sqrt(variance), static_cast<double>(values.size())};
}

TEST(NamedTracks, EveryStatisticIsThatOfTheDefinition) {
  const TempDir directory;
  ReadReport report;
  const auto rows =
      spotify::read_tracks(std::vector{directory.file("t.csv", faulty_table())}, report);
  NamedTracks named(kAll);
  std::map<std::string, std::vector<spotify::Track>> by_artist;
  for (const spotify::Track& track : rows) {
    named.add(track);
    std::set<std::string> artists;
    for (std::string name : track.artists) artists.insert(name.replace(0, 1, "a"));
    for (const std::string& name : artists) by_artist[name].push_back(track);
  }
  std::vector<std::string> names;
  for (const auto& [name, tracks] : by_artist) names.push_back(name);
  ASSERT_EQ(names.size(), 40U);
  const TrackSummary summary = std::move(named).take(names);
  constexpr float kAssumed = 55;
  for (int artist = 0; artist < summary.num_artists(); ++artist) {
    const auto& tracks = by_artist[names[static_cast<std::size_t>(artist)]];
    const ArtistTracks summed = summary.of(artist);
    const SortedSample sample(summed);
    float most = 0;
    const auto popularity_of = [](const spotify::Track& track) {
      return std::isnan(track.value(kPopularity)) ? kAssumed : track.value(kPopularity);
    };
    for (const spotify::Track& track : tracks) most = std::max(most, popularity_of(track));
    for (const auto column : {kEnergy, kTempo}) {
      std::vector<std::pair<double, double>> all;
      std::vector<std::pair<double, double>> weighted;
      std::vector<std::pair<double, double>> popular;
      std::vector<float> sorted;
      for (const spotify::Track& track : tracks) {
        const float value = track.value(column);
        if (std::isnan(value)) continue;
        sorted.push_back(value);
        all.emplace_back(value, 1);
        weighted.emplace_back(value, 1 + popularity_of(track));
        if (popularity_of(track) == most) popular.emplace_back(value, 1);
      }
      for (const auto& [rule, values] : {std::pair(TrackRule::kAll, all),
                                         {TrackRule::kWeighted, weighted},
                                         {TrackRule::kPopular, popular}}) {
        const Statistics found = summed.statistics(column, rule, kAssumed);
        const auto [mean, deviation, count] = brute_force(values);
        if (count == 0) {
          EXPECT_TRUE(std::isnan(found.mean));
          continue;
        }
        EXPECT_NEAR(found.mean, mean, 1e-5 * std::abs(mean));
        EXPECT_NEAR(found.deviation, deviation, 1e-5 * std::abs(mean));
      }
      std::ranges::sort(sorted);
      const ColumnSummary found = summed.column(column);
      EXPECT_EQ(found.min, sorted.front());
      EXPECT_EQ(found.max, sorted.back());
      EXPECT_EQ(found.count, static_cast<int>(sorted.size()));
      const float middle = (sorted[sorted.size() / 2] + sorted[(sorted.size() - 1) / 2]) / 2;
      EXPECT_NEAR(sample.quantile(column, 0.5), middle, 1e-5F * middle);
    }
  }
}

}  // namespace
}  // namespace mrec::features
