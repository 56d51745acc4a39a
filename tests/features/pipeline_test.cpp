#include "features/pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "features/steps/aggregate_tracks.h"
#include "model/toy.h"

namespace mrec::features {
namespace {

spotify::Track track(const std::string& artist, float energy, float popularity) {
  spotify::Track made{.artists = {artist}, .genre = "rock"};
  made.values.fill(spotify::kMissing);
  made.values[static_cast<std::size_t>(spotify::Column::kEnergy)] = energy;
  made.values[static_cast<std::size_t>(spotify::Column::kPopularity)] = popularity;
  return made;
}

TEST(Pipeline, EveryArtistGetsARowOfFiniteFeatures) {
  const std::vector<spotify::Track> tracks{track("A", 0.2F, 10), track("A", 0.8F, 90),
                                           track("C", 0.5F, 50), track("unknown", 0.1F, 1)};
  Table table = track_table(tracks, [](const spotify::Track& t) -> std::vector<int> {
    if (t.artists[0] == "A") return {0};
    if (t.artists[0] == "C") return {2};
    return {};
  });
  EXPECT_EQ(table.rows(), 3U);
  const SparseMatrix tags = sparse(Matrix{{0, 0}, {1, 0}, {0, 3}});
  const std::vector<std::string> names{"metal", "sad"};
  run(artist_pipeline({.num_artists = 3, .listeners = {5, 1, 0}, .tags = tags, .tag_names = names},
                      {.tracks = "popular"}),
      table);
  const FeatureMatrix features = to_matrix(table, 3);
  const auto value = [&](int artist, const std::string& name) {
    const auto column = std::ranges::find(features.names, name) - features.names.begin();
    return features.values.coeff(artist, static_cast<int>(column));
  };
  EXPECT_EQ(value(0, "genre_rock"), 1);
  EXPECT_EQ(value(1, "genre_metal"), 1) << "from tags alone";
  EXPECT_EQ(value(2, "mood_sad"), 1);
  EXPECT_EQ(value(1, "has_tracks"), 0);
  // energy of 0.8, the mean of 0.65 and 0.5, then logarithm and min-max: 1, between, 0.
  EXPECT_EQ(value(0, "energy"), 1);
  EXPECT_NEAR(value(1, "energy"), std::log(0.65 / 0.5) / std::log(0.8 / 0.5), 1e-5);
  EXPECT_EQ(value(2, "energy"), 0);
  for (std::size_t f = 0; f < features.names.size(); ++f) {
    EXPECT_EQ(features.types[f], features.names[f] == "energy" || features.names[f] == "listeners"
                                     ? "numeric"
                                     : "indicator")
        << features.names[f];
  }
}

TEST(Pipeline, AnErrorNamesTheStep) {
  Table table{.artist = {0}};
  const std::vector<Step> steps{{"fine", [](Table&) {}},
                                {"broken", [](Table&) { throw Error("no"); }}};
  EXPECT_THAT([&] { run(steps, table); }, testing::ThrowsMessage<Error>("broken: no"));
}

TEST(Pipeline, StepsInTheWrongOrderAreNamedWithWhatTheyNeed) {
  const SparseMatrix tags = sparse(Matrix{{1}, {0}});
  const std::vector<std::string> names{"rock"};
  const auto with_first = [&](const std::string& name) {
    std::vector<Step> steps = artist_pipeline(
        {.num_artists = 2, .listeners = {1, 2}, .tags = tags, .tag_names = names}, {});
    const auto step = std::ranges::find(steps, name, &Step::name);
    std::rotate(steps.begin(), step, step + 1);
    Table table = track_table(std::vector{track("A", 0.2F, 10), track("B", spotify::kMissing, 20)},
                              [](const spotify::Track&) { return std::vector<int>{0}; });
    run(steps, table);
  };
  const auto refused = [&](const std::string& name, const std::string& message) {
    EXPECT_THAT([&] { with_first(name); }, testing::ThrowsMessage<Error>(message));
  };
  refused("impute_popularity",
          "impute_popularity: needs the column listeners, which join_listeners makes; put it "
          "before");
  refused("keyword_flags",
          "keyword_flags: needs the column tags, which join_tags makes; put it before");
  refused("log_scale",
          "log_scale: column acousticness has missing values; impute_mean fills them: put it "
          "before");
  Table bare{.artist = {0}};
  EXPECT_THAT(
      [&] {
        run(std::vector<Step>{{"aggregate_tracks", AggregateTracks{}}}, bare);
      },
      testing::ThrowsMessage<Error>("aggregate_tracks: needs the column popularity, which "
                                    "impute_popularity makes; put it before"));
}

TEST(Pipeline, AMissingValueNeverBecomesAFeature) {
  Table table{.artist = {0}};
  table.numbers["tempo"] = {kMissing};
  EXPECT_THAT([&] { to_matrix(table, 1); },
              testing::ThrowsMessage<Error>("feature tempo has a missing value"));
}

TEST(Pipeline, WithoutTracksTagsAloneAreTheFeatures) {
  Table table = track_table({}, [](const spotify::Track&) { return std::vector<int>{}; });
  const SparseMatrix tags = sparse(Matrix{{1}, {0}});
  const std::vector<std::string> names{"rock"};
  run(artist_pipeline({.num_artists = 2, .listeners = {1, 2}, .tags = tags, .tag_names = names},
                      {}),
      table);
  const FeatureMatrix features = to_matrix(table, 2);
  EXPECT_EQ(features.values.rows(), 2);
  EXPECT_THAT(features.names, testing::Contains("genre_rock"));
  EXPECT_THAT(features.names, testing::Not(testing::Contains("energy")));
}

}  // namespace
}  // namespace mrec::features
