// The public originals, where they lie beside the project: counts that are known of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/error.h"
#include "dataset/artist_map.h"
#include "dataset/lastfm.h"
#include "dataset/spotify.h"
#include "features/build_dataset.h"
#include "temp_dir.h"

namespace mrec {
namespace {

class RealData : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(root)) {
      GTEST_SKIP() << "the public data sets are not at " << root << "; see data/README.md";
    }
  }
  [[nodiscard]] std::int64_t left_out() const {
    std::int64_t sum = 0;
    for (const auto& [name, kind] : report.kinds()) sum += kind.count;
    return sum;
  }
  const std::string root = MREC_REAL_DATA;
  ReadReport report;
};

TEST_F(RealData, TheLastfmFilesAreReadWhole) {
  const auto artists = lastfm::read_artists(root + "/hetrec", report);
  const auto plays = lastfm::read_plays(root + "/hetrec", report);
  const auto tags = lastfm::read_tags(root + "/hetrec", report);
  EXPECT_EQ(artists.size(), 17'632U);
  EXPECT_EQ(plays.size(), 92'834U);
  EXPECT_EQ(tags.assignments.size(), 186'479U);
  EXPECT_EQ(tags.names.size(), 11'946U);
  EXPECT_EQ(left_out(), 0);
  std::map<std::int64_t, std::string> names;
  for (const auto& artist : artists) names[artist.id] = artist.name;
  EXPECT_EQ(names[1098], "Björk");
  EXPECT_EQ(names[374], "宇多田ヒカル");
  EXPECT_EQ(names[11681], "Ballaké Sissoko") << "mojibake in the original";
  EXPECT_EQ(names[7335], "OSKÃO");
  EXPECT_EQ(names[1686], "\"Weird Al\" Yankovic");
  EXPECT_EQ(names[2906], "Royce da 5'9\"");
}

TEST_F(RealData, EveryTrackRowIsUsedOrReported) {
  const auto tracks =
      spotify::read_tracks(std::vector<std::string>{root + "/spotify/all_tracks.csv"}, report);
  EXPECT_EQ(report.rows_used() + left_out(), 558'934);
  EXPECT_EQ(tracks.size(), 442'216U);
}

TEST_F(RealData, NamesSurviveTheArtistMapUnchanged) {
  const auto artists = lastfm::read_artists(root + "/hetrec", report);
  std::vector<ArtistLink> links;
  for (const auto& artist : artists) {
    links.push_back({artist.id, artist.name, artist.name, MatchKind::kExact, 1});
  }
  const TempDir directory;
  write_artist_map(directory.path("map.tsv"), links);
  const auto read = read_artist_map(directory.path("map.tsv"));
  ASSERT_EQ(read.size(), links.size());
  for (std::size_t i = 0; i < links.size(); ++i) {
    EXPECT_EQ(read[i].artist_id, links[i].artist_id);
    EXPECT_EQ(read[i].lastfm_name, links[i].lastfm_name);
    EXPECT_EQ(read[i].spotify_name, links[i].spotify_name);
  }
}

TEST_F(RealData, MatchesAreAsManyAsMeasured) {
  const auto artists = lastfm::read_artists(root + "/hetrec", report);
  std::map<std::string, int> counts;
  for (const auto& track :
       spotify::read_tracks(std::vector<std::string>{root + "/spotify/all_tracks.csv"}, report)) {
    for (const std::string& name : track.artists) ++counts[name];
  }
  std::vector<SpotifyName> names;
  for (const auto& [name, count] : counts) names.push_back({name, count});
  int exact = 0;
  int fuzzy = 0;
  for (const ArtistLink& link : match_artists(artists, names, {}).links) {
    exact += link.kind == MatchKind::kExact ? 1 : 0;
    fuzzy += link.kind == MatchKind::kFuzzy ? 1 : 0;
  }
  EXPECT_EQ(exact, 8'071);
  EXPECT_EQ(fuzzy, 184);
}

TEST_F(RealData, TheGivenSplitsAreDisjointAndWhole) {
  const auto read = [&](const std::string& file) {
    return lastfm::read_split_file(root + "/splits/" + file, report);
  };
  const SplitPlays parts{
      .train = read("A.train.tsv"), .valid = read("A.val.tsv"), .test = read("A.test.tsv")};
  EXPECT_EQ(parts.train.size() + parts.valid.size() + parts.test.size(), 92'834U);
  EXPECT_NO_THROW(require_disjoint(parts));
  EXPECT_EQ(left_out(), 0);
}

TEST_F(RealData, The114GenreFilesAreReadWhole) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(root + "/spotify/raw/kaggle114k")) {
    if (entry.path().extension() == ".csv") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  EXPECT_EQ(files.size(), 114U);
  const auto tracks = spotify::read_tracks(files, report);
  // All songs of one file stand in others, too: a file is left out besides its rows.
  EXPECT_EQ(report.kinds().at("file without a row of its own").count, 1);
  EXPECT_EQ(report.rows_used() + left_out() - 1, 114'000);
  EXPECT_EQ(report.kinds().at("row without an artist").count, 1);
  EXPECT_EQ(report.kinds().at("exact repeat of a row").count, 450);
  EXPECT_EQ(tracks.size(), 89'740U);
}

TEST_F(RealData, FaultyTablesAreUnderstoodOrRefused) {
  const std::string raw = root + "/spotify/raw/";
  // Reads one file with a report of its own.
  const auto read = [&](const std::string& file) {
    report = {};
    return spotify::read_tracks(std::vector<std::string>{raw + file}, report);
  };
  const auto stat108 = read("stat108/spotify_tracks.csv");
  EXPECT_EQ(stat108.size(), 2'915U);
  EXPECT_THAT(stat108[0].artists, testing::ElementsAre("Öwnboss", "Sevek")) << "a Python list";
  EXPECT_EQ(read("stat108/spotify_tracksV2.csv").size(), 6'588U);
  EXPECT_EQ(read("unpopular/unpopular_songs.csv").size(), 10'877U) << "BOM, CRLF, no final newline";
  EXPECT_EQ(left_out(), 0);

  EXPECT_EQ(read("metal_10000rows_245unique/metal.csv").size(), 245U);
  EXPECT_EQ(report.kinds().at("exact repeat of a row").count, 9'755);

  EXPECT_EQ(read("music_genre_truncated/music_genre.csv").size(), 13'486U);
  EXPECT_EQ(report.kinds().at("row with too few columns (cut short?)").count, 1);
  EXPECT_EQ(report.kinds().at("row without an artist").count, 684);
  EXPECT_THAT(report.kinds().at("row without an artist").example,
              testing::HasSubstr("music_genre.csv:21: 66905.0,empty_field"));
  EXPECT_EQ(report.kinds().at("blank row").count, 5);

  EXPECT_THAT([&] { read("songs19k/song_data.csv"); },
              testing::ThrowsMessage<InputError>(
                  testing::HasSubstr("song_data.csv:1: has no artist column")));
  EXPECT_THAT(
      [&] { read("songs19k/song_info.csv"); },
      testing::ThrowsMessage<InputError>(testing::HasSubstr("song_info.csv: no usable row")))
      << "the half without features";
}

TEST_F(RealData, PercentsOfARealFileBecomeShares) {
  const auto tracks = spotify::read_tracks(
      std::vector<std::string>{root + "/spotify/raw/streamed2023/spotify-2023.csv"}, report);
  ASSERT_EQ(tracks.size(), 953U);
  for (const spotify::Track& track : tracks) {
    EXPECT_GE(track.value(spotify::Column::kDanceability), 0.2F) << track.name;
    EXPECT_LE(track.value(spotify::Column::kDanceability), 1) << track.name;
    EXPECT_LE(track.value(spotify::Column::kInstrumentalness), 1) << track.name;
  }
}

}  // namespace
}  // namespace mrec
