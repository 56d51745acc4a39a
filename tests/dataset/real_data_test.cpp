// The public originals, where they lie beside the project: counts that are known of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/error.h"
#include "dataset/lastfm.h"
#include "dataset/spotify.h"

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
  EXPECT_EQ(names[11681], "Ballaké Sissoko") << "mojibake in the original";
  EXPECT_EQ(names[7335], "OSKÃO");
  EXPECT_EQ(names[1686], "\"Weird Al\" Yankovic");
  EXPECT_EQ(names[2906], "Royce da 5'9\"");
}

TEST_F(RealData, EveryTrackRowIsUsedOrReported) {
  const auto tracks =
      spotify::read_tracks(std::vector<std::string>{root + "/spotify/all_tracks.csv"}, report);
  EXPECT_EQ(report.rows_used() + left_out(), 558'934);
  EXPECT_GT(tracks.size(), 400'000U);
}

TEST_F(RealData, The114GenreFilesAreReadWhole) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(root + "/spotify/raw/kaggle114k")) {
    if (entry.path().extension() == ".csv") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  EXPECT_EQ(files.size(), 114U);
  const auto tracks = spotify::read_tracks(files, report);
  // One file of the copy at hand is empty but for its header.
  EXPECT_EQ(report.kinds().at("row without an artist").count, 1);
  EXPECT_EQ(report.kinds().at("exact repeat of a row").count, 450);
  EXPECT_GT(tracks.size(), 85'000U);
}

TEST_F(RealData, FaultyTablesAreUnderstoodOrRefused) {
  const std::string raw = root + "/spotify/raw/";
  const auto read = [&](const std::string& file) {
    return spotify::read_tracks(std::vector<std::string>{raw + file}, report);
  };
  EXPECT_GT(read("stat108/spotify_tracks.csv").size(), 1000U);       // Python lists of artists
  EXPECT_GT(read("unpopular/unpopular_songs.csv").size(), 10'000U);  // BOM, CRLF
  EXPECT_LE(read("metal_10000rows_245unique/metal.csv").size(), 245U);
  const auto cut = read("music_genre_truncated/music_genre.csv");
  EXPECT_GT(cut.size(), 13'000U);
  EXPECT_EQ(report.kinds().at("row with too few columns (cut short?)").count, 1);
  EXPECT_GE(report.kinds().at("row without an artist").count, 684);
  EXPECT_GT(read("streamed2023/spotify-2023.csv").size(), 900U);
  EXPECT_THROW(read("songs19k/song_data.csv"), InputError);  // no artists in this half
}

}  // namespace
}  // namespace mrec
