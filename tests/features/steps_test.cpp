#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "features/steps/add_trackless_artists.h"
#include "features/steps/aggregate_tracks.h"
#include "features/steps/drop_sparse_columns.h"
#include "features/steps/impute_mean.h"
#include "features/steps/impute_popularity.h"
#include "features/steps/join_listeners.h"
#include "features/steps/join_tags.h"
#include "features/steps/keyword_flags.h"
#include "features/steps/log_scale.h"
#include "model/toy.h"

namespace mrec::features {
namespace {

using testing::ElementsAre;
using testing::FloatNear;
using testing::ThrowsMessage;

TEST(DropSparseColumns, DropsWhatIsMostlyMissing) {
  Table table{.artist = {0, 0, 1, 1, 2}};
  table.numbers["kept"] = {1, kMissing, kMissing, kMissing, kMissing};  // 80 %
  table.numbers["gone"] = {kMissing, kMissing, kMissing, kMissing, kMissing};
  DropSparseColumns{.max_missing = 0.8}(table);
  EXPECT_TRUE(table.numbers.contains("kept"));
  EXPECT_FALSE(table.numbers.contains("gone"));
}

TEST(AddTracklessArtists, EveryArtistGetsARowAndAFlag) {
  Table table{.artist = {2, 2}};
  table.numbers["energy"] = {0.5F, 0.6F};
  table.texts["genre"] = {"rock", "pop"};
  AddTracklessArtists{.num_artists = 4}(table);
  EXPECT_THAT(table.artist, ElementsAre(2, 2, 0, 1, 3));
  EXPECT_THAT(table.numbers["has_tracks"], ElementsAre(1, 1, 0, 0, 0));
  EXPECT_TRUE(std::isnan(table.numbers["energy"][4]));
  EXPECT_EQ(table.texts["genre"][4], "");
}

TEST(JoinListeners, EveryRowGetsItsArtistsCount) {
  Table table{.artist = {1, 0, 1}};
  JoinListeners{.listeners = {7, 9}}(table);
  EXPECT_THAT(table.numbers["listeners"], ElementsAre(9, 7, 9));
}

TEST(JoinTags, TagsComeInTheOrderOfTheirNames) {
  Table table{.artist = {1, 0}};
  const SparseMatrix tags = sparse(Matrix{{0, 0, 0}, {2, 0, 1}});
  const std::vector<std::string> names{"metal", "pop", "thrash"};
  JoinTags{.tags = tags, .names = names}(table);
  EXPECT_THAT(table.texts["tags"], ElementsAre("metal|thrash", ""));
}

TEST(ImputePopularity, MissingOnesComeFromTheListeners) {
  Table table{.artist = {0, 1, 2, 3}};
  table.numbers["popularity"] = {55, kMissing, kMissing, kMissing};
  table.numbers["listeners"] = {10, 10, 30, 50};
  impute_popularity(table);
  EXPECT_THAT(table.numbers["popularity"], ElementsAre(55, 0, 50, 100));
}

TEST(KeywordFlags, WholeWordsUnlessTheOriginalsRuleIsAskedFor) {
  Table table{.artist = {0, 1, 2, 3, 4}};
  table.texts["genre"] = {"hip-hop", "trap", "", "alternative rock", "Ukulele"};
  table.texts["tags"] = {"", "", "j-pop|British", "Death Metal", ""};
  Table original = table;
  KeywordFlags{}(table);
  EXPECT_THAT(table.numbers["genre_hip_hop"], ElementsAre(1, 0, 0, 0, 0));
  EXPECT_THAT(table.numbers["geo_asian"], ElementsAre(0, 0, 1, 0, 0));
  EXPECT_THAT(table.numbers["geo_british"], ElementsAre(0, 0, 1, 0, 0));
  EXPECT_THAT(table.numbers["genre_rock"], ElementsAre(0, 0, 0, 1, 0));
  EXPECT_THAT(table.numbers["genre_metal"], ElementsAre(0, 0, 0, 1, 0));
  KeywordFlags{.rule = KeywordRule::kSubstring}(original);
  EXPECT_THAT(original.numbers["genre_hip_hop"], ElementsAre(1, 1, 0, 0, 0)) << "rap in trap";
  EXPECT_THAT(original.numbers["geo_british"], ElementsAre(0, 0, 1, 0, 1)) << "uk in ukulele";
}

TEST(KeywordFlags, VariantsCountAsWholeWordsOnly) {
  Table table{.artist = {0, 1, 2, 3}};
  table.texts["genre"] = {"", "", "", ""};
  table.texts["tags"] = {"Chillout|melancholic", "metalcore", "electronica", "kpop"};
  Table original = table;
  KeywordFlags{}(table);
  EXPECT_THAT(table.numbers["mood_chill"], ElementsAre(1, 0, 0, 0));
  EXPECT_THAT(table.numbers["mood_sad"], ElementsAre(1, 0, 0, 0));
  EXPECT_THAT(table.numbers["genre_metal"], ElementsAre(0, 1, 0, 0));
  EXPECT_THAT(table.numbers["genre_electronic"], ElementsAre(0, 0, 1, 0));
  EXPECT_THAT(table.numbers["geo_asian"], ElementsAre(0, 0, 0, 1));
  KeywordFlags{.rule = KeywordRule::kSubstring}(original);
  EXPECT_THAT(original.numbers["mood_chill"], ElementsAre(1, 0, 0, 0)) << "chill in chillout";
  EXPECT_THAT(original.numbers["mood_sad"], ElementsAre(0, 0, 0, 0));
  EXPECT_THAT(original.numbers["genre_electronic"], ElementsAre(0, 0, 0, 0));
  EXPECT_THAT(original.numbers["geo_asian"], ElementsAre(0, 0, 0, 0));
}

TEST(KeywordFlags, AKeywordDoesNotReachFromOneTagIntoTheNext) {
  Table table{.artist = {0, 1}};
  table.texts["genre"] = {"", "hip"};
  table.texts["tags"] = {"trip hip|hop", "hop"};
  KeywordFlags{}(table);
  EXPECT_THAT(table.numbers["genre_hip_hop"], ElementsAre(0, 0));
}

Table tracks_of_two() {
  Table table{.artist = {1, 0, 1, 1}};
  table.numbers["popularity"] = {10, 50, 90, 80};
  table.numbers["energy"] = {0.1F, 0.5F, 0.2F, 0.9F};
  table.numbers["mode"] = {1, 0, 0, 1};
  table.numbers["has_tracks"] = {1, 0, 1, 1};
  return table;
}

TEST(AggregateTracks, TheMostPopularTrackStandsForAnArtist) {
  Table table = tracks_of_two();
  AggregateTracks{}(table);
  EXPECT_THAT(table.artist, ElementsAre(0, 1));
  EXPECT_THAT(table.numbers["energy"], ElementsAre(0.5F, 0.2F));
  EXPECT_THAT(table.numbers["mode"], ElementsAre(0, 0));
  EXPECT_FALSE(table.numbers.contains("popularity"));
}

TEST(AggregateTracks, EquallyPopularTracksCountAlikeInAnyOrder) {
  for (const bool swapped : {false, true}) {
    Table table{.artist = {0, 0, 0}};
    table.numbers["popularity"] = {90, 90, 10};
    table.numbers["tempo"] =
        swapped ? std::vector<float>{140, 100, 60} : std::vector<float>{100, 140, 60};
    AggregateTracks{}(table);
    EXPECT_THAT(table.numbers["tempo"], ElementsAre(120)) << swapped;
  }
}

TEST(AggregateTracks, ADeviationThatIsZeroThroughoutGoes) {
  Table table{.artist = {0, 0, 1}};
  table.numbers["popularity"] = {1, 2, 3};
  table.numbers["listeners"] = {7, 7, 9};
  AggregateTracks{.rule = TrackRule::kStatistics}(table);
  EXPECT_THAT(table.numbers["listeners"], ElementsAre(7, 9));
  EXPECT_FALSE(table.numbers.contains("listeners_std"));
}

TEST(AggregateTracks, OrMeanDeviationAndNumberOfAllTracks) {
  Table table = tracks_of_two();
  AggregateTracks{.rule = TrackRule::kStatistics}(table);
  EXPECT_THAT(table.numbers["energy"], ElementsAre(0.5F, FloatNear(0.4F, 1e-6F)));
  const float deviation = std::sqrt((0.09F + 0.04F + 0.25F) / 3);
  EXPECT_THAT(table.numbers["energy_std"], ElementsAre(0, FloatNear(deviation, 1e-6F)));
  EXPECT_THAT(table.numbers["mode"], ElementsAre(0, 1)) << "two of three";
  EXPECT_FALSE(table.numbers.contains("mode_std"));
  EXPECT_THAT(table.numbers["num_tracks"], ElementsAre(0, 3));
}

TEST(ImputeMean, FillsWithTheMeanOrTheCommonerFlag) {
  Table table{.artist = {0, 1, 2, 3}};
  table.numbers["energy"] = {0.2F, 0.4F, kMissing, 0.6F};
  table.numbers["mode"] = {1, 1, 0, kMissing};
  table.numbers["nothing"] = {kMissing, kMissing, kMissing, kMissing};
  impute_mean(table);
  EXPECT_THAT(table.numbers["energy"], ElementsAre(0.2F, 0.4F, FloatNear(0.4F, 1e-6F), 0.6F));
  EXPECT_THAT(table.numbers["mode"], ElementsAre(1, 1, 0, 1));
  EXPECT_FALSE(table.numbers.contains("nothing"));
}

TEST(LogScale, PositiveColumnsByLogOthersPlainFlagsUntouched) {
  Table table{.artist = {0, 1, 2}};
  table.numbers["tempo"] = {10, 100, 1000};
  table.numbers["loudness"] = {-10, -5, 0};
  table.numbers["mode"] = {0, 1, 1};
  log_scale(table);
  EXPECT_THAT(table.numbers["tempo"], ElementsAre(0, FloatNear(0.5F, 1e-5F), 1));
  EXPECT_THAT(table.numbers["loudness"], ElementsAre(0, 0.5F, 1));
  EXPECT_THAT(table.numbers["mode"], ElementsAre(0, 1, 1));
}

TEST(LogScale, ValuesWhoseLogarithmsAreEqualBecomeZero) {
  const float a = 1000;
  const float b = std::nextafter(a, 2000.0F);
  Table table{.artist = {0, 1, 2}};
  table.numbers["tempo"] = {a, b, std::nextafter(b, 2000.0F)};
  log_scale(table);
  EXPECT_THAT(table.numbers["tempo"], ElementsAre(0, 0, 0));
}

TEST(Steps, WhatAStepLacksIsNamedWithTheStepThatMakesIt) {
  Table table{.artist = {0}};
  EXPECT_THAT([&] { impute_popularity(table); },
              ThrowsMessage<Error>(
                  "needs the column listeners, which join_listeners makes; put it before"));
  table.texts["genre"] = {""};
  EXPECT_THAT([&] { KeywordFlags{}(table); },
              ThrowsMessage<Error>(testing::HasSubstr("tags, which join_tags makes")));
  EXPECT_THAT([&] { AggregateTracks{}(table); },
              ThrowsMessage<Error>(testing::HasSubstr("which impute_popularity makes")));
  table.numbers["tempo"] = {kMissing};
  EXPECT_THAT([&] { log_scale(table); },
              ThrowsMessage<Error>(testing::HasSubstr("column tempo has missing values")));
}

}  // namespace
}  // namespace mrec::features
