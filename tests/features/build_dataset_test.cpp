#include "features/build_dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/error.h"

namespace mrec {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

spotify::Track track(const std::string& artist, float energy) {
  spotify::Track made{.artists = {artist}, .genre = "rock"};
  made.values.fill(spotify::kMissing);
  made.values[static_cast<std::size_t>(spotify::Column::kEnergy)] = energy;
  return made;
}

// Three artists (ids 10, 20, 30), two users; user 2's play of artist 30 is held out.
Sources sources() {
  return {.links = {{10, "Metallica", "Metallica", MatchKind::kExact, 100},
                    {20, "Björk", "Bjork", MatchKind::kExact, 100},
                    {30, "Nobody", "", MatchKind::kLastfmOnly, 0},
                    {31, "", "Spotify Only", MatchKind::kSpotifyOnly, 0}},
          .plays = {.train = {{1, 10, 100}, {1, 20, 10}, {2, 20, 5}},
                    .valid = {},
                    .test = {{2, 30, 7}}},
          .tags = {.names = {"metal", "sad"},
                   .assignments = {{1, 10, 0}, {2, 30, 1}, {1, 30, 0}, {1, 99, 0}}},
          .tracks = {track("METALLICA", 0.9F), track("Bjork", 0.4F), track("Spotify Only", 0.1F)}};
}

Dataset build(const Sources& from, BuildReport* report = nullptr) {
  BuildReport own;
  return build_dataset(from, {}, report != nullptr ? *report : own);
}

// The feature row of an artist by its id.
Matrix row(const Dataset& data, std::int64_t id) {
  return Matrix(data.features.values).row(*data.artists.find(id));
}

TEST(BuildDataset, EverythingStandsInItsRow) {
  const Dataset data = build(sources());
  EXPECT_EQ(data.users.size(), 2);
  EXPECT_EQ(data.artists.size(), 3);
  const int metallica = *data.artists.find(10);
  EXPECT_EQ(data.artist_names[static_cast<std::size_t>(metallica)], "Metallica");
  EXPECT_EQ(data.artist_genres[static_cast<std::size_t>(metallica)], "metal");
  EXPECT_EQ(data.artist_num_tracks[static_cast<std::size_t>(metallica)], 1);
  EXPECT_EQ(data.train.weights.nonZeros(), 3);
  EXPECT_EQ(data.test.weights.nonZeros(), 1);
  EXPECT_GT(data.test.weights.coeff(*data.users.find(2), *data.artists.find(30)), 0);
  EXPECT_EQ(data.train.plays.size(), 3U);
}

TEST(BuildDataset, TagsOfHeldOutPairsAreDroppedAndCounted) {
  BuildReport report;
  const Dataset data = build(sources(), &report);
  EXPECT_EQ(report.tags_of_held_out_pairs, 1) << "user 2 tagged the artist held out for user 2";
  EXPECT_EQ(report.tags_of_unknown_artists, 1);
  EXPECT_THAT(data.tag_names, testing::ElementsAre("metal"));
  EXPECT_EQ(data.tags.coeff(*data.artists.find(30), 0), 1) << "user 1's tag stays";
}

TEST(BuildDataset, HeldOutPlaysChangeNothingThatIsFitted) {
  const Dataset before = build(sources());
  Sources other = sources();
  other.plays.test = {{2, 10, 99999}};
  other.tags.assignments = {{1, 10, 0}, {2, 10, 1}, {1, 30, 0}, {1, 99, 0}};
  const Dataset after = build(other);
  EXPECT_EQ(Matrix(before.features.values), Matrix(after.features.values));
  EXPECT_EQ(Matrix(before.train.weights), Matrix(after.train.weights));
  EXPECT_EQ(Matrix(before.tags), Matrix(after.tags));
  EXPECT_EQ(before.artist_genres, after.artist_genres);
}

// The public data leak through the order of ids, so ids must be names and nothing more.
TEST(BuildDataset, RelabellingTheArtistsChangesNoArtist) {
  const Dataset before = build(sources());
  const std::map<std::int64_t, std::int64_t> relabel{
      {10, 777}, {20, 3}, {30, 42}, {31, 800}, {99, 5}};
  Sources other = sources();
  for (ArtistLink& link : other.links) link.artist_id = relabel.at(link.artist_id);
  for (auto* part : {&other.plays.train, &other.plays.test}) {
    for (lastfm::Play& play : *part) play.artist_id = relabel.at(play.artist_id);
  }
  for (auto& assignment : other.tags.assignments) {
    assignment.artist_id = relabel.at(assignment.artist_id);
  }
  const Dataset after = build(other);
  for (const std::int64_t id : {10, 20, 30}) {
    EXPECT_EQ(row(before, id), row(after, relabel.at(id))) << id;
    for (const std::int64_t user : {1, 2}) {
      EXPECT_EQ(
          before.train.weights.coeff(*before.users.find(user), *before.artists.find(id)),
          after.train.weights.coeff(*after.users.find(user), *after.artists.find(relabel.at(id))));
    }
  }
}

TEST(BuildDataset, SpotifysOwnArtistsJoinOnRequest) {
  BuildReport report;
  const Dataset data = build_dataset(sources(), {.catalogue = "all"}, report);
  EXPECT_EQ(data.artists.size(), 4);
  EXPECT_EQ(data.artist_names[static_cast<std::size_t>(*data.artists.find(31))], "Spotify Only");
  EXPECT_EQ(data.artist_genres[static_cast<std::size_t>(*data.artists.find(31))], "rock");
}

TEST(BuildDataset, APairInTwoPartsIsRefused) {
  Sources leaking = sources();
  leaking.plays.test.push_back({1, 10, 3});
  EXPECT_THAT([&] { build(leaking); },
              ThrowsMessage<InputError>(HasSubstr("user 1 and artist 10 are in two parts")));
}

TEST(BuildDataset, PlaysOfUnknownArtistsAreCountedAndNothingLeftIsRefused) {
  Sources strange = sources();
  strange.plays.train.push_back({1, 12345, 3});
  BuildReport report;
  build(strange, &report);
  EXPECT_EQ(report.plays_of_unknown_artists, 1);
  strange.plays = {.train = {{1, 12345, 3}}};
  EXPECT_THAT([&] { build(strange); },
              ThrowsMessage<InputError>(HasSubstr("no training interaction is left")));
}

}  // namespace
}  // namespace mrec
