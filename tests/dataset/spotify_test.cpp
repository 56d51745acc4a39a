#include "dataset/spotify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>

#include "base/error.h"
#include "temp_dir.h"

namespace mrec {
namespace {

using spotify::Column;
using spotify::Track;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

struct Read {
  std::vector<Track> tracks;
  ReadReport report;
};

Read read(const std::vector<std::string>& contents) {
  const TempDir directory;
  std::vector<std::string> paths;
  for (const std::string& content : contents) {
    paths.push_back(directory.file("t" + std::to_string(paths.size()) + ".csv", content));
  }
  Read result;
  result.tracks = spotify::read_tracks(paths, result.report);
  return result;
}

TEST(SplitArtists, ListsAreSplitAndCommasAreNot) {
  EXPECT_THAT(spotify::split_artists("Seekae;Flume"), ElementsAre("Seekae", "Flume"));
  EXPECT_THAT(spotify::split_artists("['Guns N\\' Roses', \"Destiny's Child\"]"),
              ElementsAre("Guns N' Roses", "Destiny's Child"));
  EXPECT_THAT(spotify::split_artists("Tyler, The Creator"), ElementsAre("Tyler, The Creator"));
  EXPECT_THAT(spotify::split_artists("AC/DC"), ElementsAre("AC/DC"));
  EXPECT_THAT(spotify::split_artists("[:SITD:]"), ElementsAre("[:SITD:]"));
  EXPECT_THAT(spotify::split_artists("A; ;A;"), ElementsAre("A"));
  EXPECT_TRUE(spotify::split_artists(" ; ").empty());
  EXPECT_TRUE(spotify::split_artists("empty_field").empty());
  EXPECT_THAT(spotify::split_artists("[\"A\", \"B\"]"), ElementsAre("A", "B"));
  EXPECT_TRUE(spotify::split_artists("[]").empty());
  EXPECT_TRUE(spotify::split_artists("['']").empty());
}

TEST(Tracks, ColumnsAreFoundByNameInAnyOrder) {
  const Read r =
      read({",Energy,ARTIST_NAME,extra,Tempo,track_id,genre,song_name\n"
            "0,0.5,Björk,x,120.5,id1,art pop,Army of Me\n"});
  ASSERT_EQ(r.tracks.size(), 1U);
  const Track& track = r.tracks[0];
  EXPECT_THAT(track.artists, ElementsAre("Björk"));
  EXPECT_EQ(track.id, "id1");
  EXPECT_EQ(track.name, "Army of Me");
  EXPECT_EQ(track.genre, "art pop");
  EXPECT_FLOAT_EQ(track.value(Column::kEnergy), 0.5F);
  EXPECT_FLOAT_EQ(track.value(Column::kTempo), 120.5F);
  EXPECT_TRUE(std::isnan(track.value(Column::kValence)));
}

TEST(Tracks, ValuesInOtherNotationsAreUnderstood) {
  const Read r =
      read({"artist,key,mode,explicit,time_signature,release_date,tempo\n"
            "A,C#,Major,True,4-Apr,1999-05-01,0.0\nB,Bb,Minor,FALSE,3/4,2007,?\n"});
  ASSERT_EQ(r.tracks.size(), 2U);
  const auto values = [&](std::size_t i) {
    const Track& t = r.tracks[i];
    return std::vector<float>{t.value(Column::kKey), t.value(Column::kMode),
                              t.value(Column::kExplicit), t.value(Column::kTimeSignature),
                              t.value(Column::kYear)};
  };
  EXPECT_THAT(values(0), ElementsAre(1, 1, 1, 4, 1999));
  EXPECT_THAT(values(1), ElementsAre(10, 0, 0, 3, 2007));
  EXPECT_TRUE(std::isnan(r.tracks[0].value(Column::kTempo))) << "0 is not analysed";
  EXPECT_TRUE(std::isnan(r.tracks[1].value(Column::kTempo)));
}

TEST(Tracks, PercentsBecomeSharesFileByFile) {
  const Read r = read({"artist,energy\nA,54\nB,7\n", "artist,energy\nC,0.5\n"});
  EXPECT_FLOAT_EQ(r.tracks[0].value(Column::kEnergy), 0.54F);
  EXPECT_FLOAT_EQ(r.tracks[1].value(Column::kEnergy), 0.07F);
  EXPECT_FLOAT_EQ(r.tracks[2].value(Column::kEnergy), 0.5F);
}

TEST(Tracks, AStrayLargeShareIsMissingAndSpoilsNoOther) {
  const Read r = read({"artist,energy,tempo\nA,0.54,90\nB,515,90\nC,54,90\nD,0.9,90\nE,0.2,90\n"});
  EXPECT_FLOAT_EQ(r.tracks[0].value(Column::kEnergy), 0.54F);
  EXPECT_TRUE(std::isnan(r.tracks[1].value(Column::kEnergy))) << "out of range";
  EXPECT_TRUE(std::isnan(r.tracks[2].value(Column::kEnergy))) << "one percent among shares";
  EXPECT_FLOAT_EQ(r.tracks.back().value(Column::kEnergy), 0.2F);
}

TEST(Tracks, RowsThatCannotBeUsedAreCountedByKindWithAnExample) {
  const Read r =
      read({"track_id,artists,energy,tempo\n"
            "1,Good,0.5,100\n"
            "2,,0.5,100\n"       // no artist
            ",,,\n"              // blank
            "3,Featureless,,\n"  // present but empty
            "1,Good,0.5,100\n"   // the same row
            "4,Cut,0.5"});       // cut short
  ASSERT_EQ(r.tracks.size(), 1U);
  const auto& kinds = r.report.kinds();
  EXPECT_EQ(kinds.size(), 5U);
  EXPECT_THAT(kinds.at("row without an artist").example, HasSubstr("t0.csv:3: 2,,0.5,100"));
  EXPECT_EQ(kinds.at("blank row").count, 1);
  EXPECT_EQ(kinds.at("row without any feature").count, 1);
  EXPECT_EQ(kinds.at("exact repeat of a row").count, 1);
  EXPECT_EQ(kinds.at("row with too few columns (cut short?)").count, 1);
}

TEST(Tracks, TheExampleOfEachKindNamesFileLineAndRow) {
  const Read r =
      read({"track_id,artists,energy\n"
            "1,A,0.5\n"
            "2, ; ,0.5\n"
            "3,[],0.5\n"
            "\n"
            "4,\"B\nb\",0.5\n"
            "5,C,0.5,extra\n"
            "1,A,0.5\n"
            "1,A,0.6\n"
            "6,D,\n"
            ", ,\n"
            "7,E\n"});
  const std::map<std::string, std::string> examples{
      {"row without an artist", "t0.csv:3: 2, ; ,0.5"},
      {"row with too many columns", "t0.csv:8: 5,C,0.5,extra"},
      {"exact repeat of a row", "t0.csv:9: 1,A,0.5"},
      {"repeated track (its genre is kept)", "t0.csv:10: 1,A,0.6"},
      {"row without any feature", "t0.csv:11: 6,D,"},
      {"blank row", "t0.csv:12: , ,"},
      {"row with too few columns (cut short?)", "t0.csv:13: 7,E"}};
  EXPECT_EQ(r.report.kinds().size(), examples.size());
  for (const auto& [kind, example] : examples) {
    EXPECT_THAT(r.report.kinds().at(kind).example, testing::EndsWith(example));
  }
  EXPECT_EQ(r.report.kinds().at("row without an artist").count, 2);
  EXPECT_EQ(r.report.rows_used(), 2);
}

TEST(Tracks, ATrackOfSeveralGenresIsOneTrackWithAllOfThem) {
  const Read r = read({"track_id,artists,energy,track_genre\n1,A,0.5,rock\n1,A,0.5,metal\n",
                       "track_id,artists,energy,track_genre\n1,A,0.5,rock\n"});
  ASSERT_EQ(r.tracks.size(), 1U);
  EXPECT_EQ(r.tracks[0].genre, "rock;metal");
  EXPECT_EQ(r.report.kinds().at("repeated track (its genre is kept)").count, 1);
}

// Tracks are handed out as they come; a genre that comes behind the first block is told afterwards.
TEST(Tracks, PassByInOrderWithGenresThatComeLater) {
  constexpr int kTracks = 40'000;
  std::string text = "track_id,artists,energy,popularity,track_genre\n";
  const auto row = [](int i, const std::string& genre) {
    return "id" + std::to_string(i) + ",A,0." + std::to_string(1 + i % 9) + "," +
           std::to_string(i % 100) + "," + genre + "\n";
  };
  for (int i = 0; i < kTracks; ++i) {
    text += row(i, "rock");
    if (i == 10 || i == 30'000) text += row(i, "metal");
  }
  text += row(10, "soul") + row(20'000, "rock") + row(20'000, "pop");
  const TempDir directory;
  const std::vector<std::string> paths{directory.file("t.csv", text)};
  ReadReport report;
  int passed = 0;
  std::vector<std::string> genres;
  spotify::visit_tracks(
      paths, report,
      {.track =
           [&](const Track& track) {
             EXPECT_EQ(track.id, "id" + std::to_string(passed));
             EXPECT_FLOAT_EQ(track.value(Column::kEnergy),
                             0.1F * static_cast<float>(1 + passed % 9));
             ++passed;
           },
       .genre =
           [&](const Track& track, const std::string& former) {
             const int number = std::stoi(track.id.substr(2));
             EXPECT_LT(number, passed) << "the track itself comes first";
             EXPECT_EQ(track.value(Column::kPopularity), static_cast<float>(number % 100));
             EXPECT_THAT(track.artists, ElementsAre("A"));
             genres.push_back(std::to_string(number) + ": " + former + " -> " + track.genre);
           }});
  EXPECT_EQ(passed, kTracks);
  EXPECT_THAT(genres, ElementsAre("10: rock -> rock;metal", "30000: rock -> rock;metal",
                                  "10: rock;metal -> rock;metal;soul", "20000: rock -> rock;pop"));
  EXPECT_EQ(report.kinds().at("exact repeat of a row").count, 1);
  EXPECT_EQ(report.kinds().at("repeated track (its genre is kept)").count, 4);
  EXPECT_EQ(spotify::read_tracks(paths, report)[10].genre, "rock;metal;soul");
}

TEST(Tracks, TheFirstBlockOfAFileTellsPercents) {
  std::string text = "artist,name,energy\n";
  for (int i = 0; i < 20'000; ++i) text += "A," + std::to_string(i) + ",50\n";
  const Read r = read({text + "B,x,1\n"});
  EXPECT_FLOAT_EQ(r.tracks.front().value(Column::kEnergy), 0.5F);
  EXPECT_FLOAT_EQ(r.tracks.back().value(Column::kEnergy), 0.01F);
}

TEST(Tracks, WhatIsAddedToATrackOfTheFirstBlockBelongsToIt) {
  std::string text = "track_id,artist,name,energy,genre\n";
  const auto add = [&](int id, const std::string& rest) {
    text += std::to_string(id) + ",A,t," + rest + "\n";
  };
  for (int i = 0; i < 16'383; ++i) add(i, "0.5,rock");
  add(0, "0.5,metal");  // and the block is full
  for (int i = 16'384; i < 40'000; ++i) add(i, "50,rock");
  const Read r = read({text});
  EXPECT_FLOAT_EQ(r.tracks.front().value(Column::kEnergy), 0.5F);
  EXPECT_TRUE(std::isnan(r.tracks.back().value(Column::kEnergy)));
  EXPECT_EQ(r.tracks.front().genre, "rock;metal");
}

TEST(Tracks, NumbersInAnyNotationAreReadAsTheLibraryReadsThem) {
  const std::vector<std::string> texts{"0.676",   "-6.746",  "1.01e-06", "120.12345678901234",
                                       "5",       "230666",  "0.1",      "99.99999",
                                       "000.500", "-0.0001", "1e2",      "0.30000000000000004",
                                       "87.9170", ".5",      "7."};
  std::string table = "artist,name,tempo,loudness\n";
  for (const std::string& text : texts)
    table += "A," + text + ",," + text + "\nB,b" + text + ",90,0\n";
  const Read r = read({table});
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const float expected = std::strtof(texts[i].c_str(), nullptr);
    if (expected > 20) continue;  // out of the range of loudness: the row has no feature
    const auto found = std::ranges::find(r.tracks, texts[i], &Track::name);
    ASSERT_NE(found, r.tracks.end()) << texts[i];
    EXPECT_FLOAT_EQ(found->value(Column::kLoudness), expected) << texts[i];
  }
  for (const char* text : {"1.2.3", "--1.5", "1-2", "abc", "+1.5", "-", "."}) {
    const Read none = read({std::string("artist,loudness,tempo\nA,") + text + ",90\n"});
    EXPECT_TRUE(std::isnan(none.tracks[0].value(Column::kLoudness))) << text;
  }
}

TEST(Tracks, AFileWithoutATableIsReportedAndAFileWithoutArtistsRefused) {
  const Read r = read({"\"\"\n", "artist,energy\n", "artist,energy\nA,0.5\n"});
  EXPECT_EQ(r.tracks.size(), 1U);
  EXPECT_EQ(r.report.kinds().at("file without a table").count, 1);
  EXPECT_EQ(r.report.kinds().at("file without a row of its own").count, 1);
  EXPECT_THAT([] { read({"song_name,energy\nx,0.5\n"}); },
              ThrowsMessage<InputError>(HasSubstr("t0.csv:1: has no artist column")));
  EXPECT_THAT([] { read({"artist,energy\n,0.5\n"}); },
              ThrowsMessage<InputError>(HasSubstr("no usable row")));
}

TEST(Tracks, WithoutAUsableRowItIsSaidWhatRowsLack) {
  EXPECT_THAT([] { read({"artists,track_name,track_genre\nA,x,pop\nB,y,pop\n,z,pop\n"}); },
              ThrowsMessage<InputError>(HasSubstr(
                  "t0.csv: no usable row; left out 1 x row without an artist, 2 x row without any "
                  "feature; expected CSV")));
  const TempDir directory;
  ReadReport report;
  report.left_out("row without any feature", "another.csv", 1, "");
  const std::vector<std::string> paths{directory.file("t.csv", "artist,energy\n")};
  EXPECT_THAT([&] { spotify::read_tracks(paths, report); },
              ThrowsMessage<InputError>(HasSubstr("t.csv: no usable row; expected CSV")));
}

}  // namespace
}  // namespace mrec
