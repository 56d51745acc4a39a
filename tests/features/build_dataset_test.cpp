#include "features/build_dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/error.h"
#include "base/random.h"
#include "temp_dir.h"

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

// As if they had passed by, with all that a pipeline may want.
features::NamedTracks passed(const std::vector<spotify::Track>& tracks) {
  features::NamedTracks named({.popularity = true, .sample = true});
  for (const spotify::Track& one : tracks) named.add(one);
  return named;
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
          .tracks = passed(
              {track("METALLICA", 0.9F), track("Bjork", 0.4F), track("Spotify Only", 0.1F)})};
}

Dataset build(const Sources& from, BuildReport* report = nullptr) {
  BuildReport own;
  return build_dataset(from, {}, report != nullptr ? *report : own);
}

// The feature row of an artist by its id.
Matrix row(const Dataset& data, std::int64_t id) {
  return Matrix(data.features.values).row(*data.artists.find(id));
}

// 20 users with 10 of 30 artists each, of whom every second has tracks; tags of all kinds of pairs.
Sources random_sources() {
  Rng rng(5);
  const auto below = [&](int n) { return static_cast<int>(rng.below(static_cast<unsigned>(n))); };
  Sources made{.tracks = passed({})};
  made.tags.names = {"rock", "sad", "seen live", "uk", "ambient"};
  for (int artist = 0; artist < 30; ++artist) {
    const std::string name = "artist " + std::to_string(artist);
    const bool linked = artist % 2 == 0;
    made.links.push_back({100 + 7 * artist, name, linked ? name : "",
                          linked ? MatchKind::kExact : MatchKind::kLastfmOnly});
    for (int i = 0; linked && i < 3; ++i) {
      spotify::Track one = track(name, 0.01F * static_cast<float>(1 + below(99)));
      one.values[static_cast<std::size_t>(spotify::Column::kTempo)] =
          static_cast<float>(60 + 5 * below(20));
      made.tracks.add(one);
    }
  }
  std::vector<lastfm::Play> plays;
  for (int user = 1; user <= 20; ++user) {
    for (int i = 0; i < 10; ++i) {
      const std::int64_t artist = 100 + 7 * ((3 * i + user) % 30);
      plays.push_back({user, artist, 1.0 + below(500)});
      made.tags.assignments.push_back({user, artist, below(5)});
    }
  }
  made.plays = split_plays(plays, {});
  return made;
}

// Every step there is.
constexpr const char* kAllSteps = R"([[step]]
name = "track_statistics"
tracks = "weighted"
statistics = ["mean", "std", "min", "max", "count", "median"]
[[step]]
name = "key"
[[step]]
name = "mode"
[[step]]
name = "decade"
[[step]]
name = "explicit_share"
[[step]]
name = "num_tracks"
[[step]]
name = "listeners"
[[step]]
name = "keyword_flags"
[[step]]
name = "tf_idf"
source = "both"
[[step]]
name = "tag_svd"
source = "both"
dims = 3
[[step]]
name = "impute"
[[step]]
name = "scale"
strategy = "STRATEGY"
)";

// Calls check(params) with every weighting, pipeline and strategy of scaling.
template <typename Check>
void with_all_params(Check check) {
  const TempDir directory;
  std::vector<std::string> pipelines{"default", "original"};
  for (const char* strategy :
       {"none", "min-max", "log-min-max", "standard", "robust", "quantile"}) {
    std::string text = kAllSteps;
    text.replace(text.find("STRATEGY"), 8, strategy);
    pipelines.push_back(directory.file(strategy, text));
  }
  for (const char* weighting : {"log", "minmax", "bm25", "binary"}) {
    for (const std::string& pipeline : pipelines) {
      SCOPED_TRACE(std::string(weighting) + ", " + pipeline);
      check(BuildParams{.weighting = {.weighting = weighting}, .pipeline = pipeline});
    }
  }
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

TEST(BuildDataset, OtherHeldOutArtistsAndTheirTagsChangeNothingThatIsFitted) {
  const Sources first = random_sources();
  // Every held-out artist becomes the next one, whom the user has not met; tags go with them.
  Sources second = first;
  int moved_tags = 0;
  for (auto* part : {&second.plays.valid, &second.plays.test}) {
    for (lastfm::Play& play : *part) {
      for (lastfm::TagAssignment& tag : second.tags.assignments) {
        if (tag.user_id != play.user_id || tag.artist_id != play.artist_id) continue;
        tag = {tag.user_id, tag.artist_id + 7 == 310 ? 100 : tag.artist_id + 7, 4 - tag.tag};
        ++moved_tags;
      }
      play.artist_id = play.artist_id + 7 == 310 ? 100 : play.artist_id + 7;
      play.plays *= 1000;
    }
  }
  std::swap(second.plays.valid, second.plays.test);
  with_all_params([&](const BuildParams& params) {
    BuildReport report;
    const Dataset before = build_dataset(first, params, report);
    EXPECT_EQ(report.tags_of_held_out_pairs, moved_tags);
    const Dataset after = build_dataset(second, params, report);
    EXPECT_EQ(report.tags_of_held_out_pairs, 2 * moved_tags);
    EXPECT_NE(Matrix(before.test.weights), Matrix(after.test.weights));
    EXPECT_EQ(Matrix(before.train.weights), Matrix(after.train.weights));
    EXPECT_EQ(before.train.plays, after.train.plays);
    EXPECT_THAT(before.features.names, testing::Contains("listeners"));
    EXPECT_EQ(before.features.names, after.features.names);
    EXPECT_EQ(Matrix(before.features.values), Matrix(after.features.values));
    EXPECT_EQ(before.tag_names, after.tag_names);
    EXPECT_EQ(Matrix(before.tags), Matrix(after.tags));
    EXPECT_EQ(before.artist_genres, after.artist_genres);
  });
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

TEST(BuildDataset, PermutingTheIdsChangesNoArtist) {
  const Sources first = random_sources();
  Sources second = first;
  const auto other_id = [](std::int64_t id) { return 100 + 7 * (((id - 100) / 7 * 11 + 3) % 30); };
  for (ArtistLink& link : second.links) link.artist_id = other_id(link.artist_id);
  std::ranges::sort(second.links, {}, &ArtistLink::artist_id);
  for (auto* part : {&second.plays.train, &second.plays.valid, &second.plays.test}) {
    for (lastfm::Play& play : *part) play.artist_id = other_id(play.artist_id);
  }
  for (auto& tag : second.tags.assignments) tag.artist_id = other_id(tag.artist_id);

  with_all_params([&](const BuildParams& params) {
    BuildReport report;
    const Dataset before = build_dataset(first, params, report);
    const Dataset after = build_dataset(second, params, report);
    ASSERT_EQ(before.features.names, after.features.names);
    for (int artist = 0; artist < before.artists.size(); ++artist) {
      const int same = *after.artists.find(other_id(before.artists.id(artist)));
      const auto at = [](int index) { return static_cast<std::size_t>(index); };
      EXPECT_EQ(before.artist_names[at(artist)], after.artist_names[at(same)]);
      EXPECT_EQ(before.artist_genres[at(artist)], after.artist_genres[at(same)]);
      EXPECT_EQ(before.artist_num_tracks[at(artist)], after.artist_num_tracks[at(same)]);
      const auto expect_same = [&](const SparseMatrix& a, const SparseMatrix& b) {
        EXPECT_LT((Matrix(a).row(artist) - Matrix(b).row(same)).cwiseAbs().maxCoeff(), 1e-5);
      };
      expect_same(before.features.values, after.features.values);
      expect_same(before.tags, after.tags);
      expect_same(before.train.weights.transpose(), after.train.weights.transpose());
      expect_same(before.test.weights.transpose(), after.test.weights.transpose());
    }
  });
}

TEST(BuildDataset, SpotifysOwnArtistsJoinOnRequest) {
  BuildReport report;
  const Dataset data = build_dataset(sources(), {.catalogue = "all"}, report);
  EXPECT_EQ(data.artists.size(), 4);
  EXPECT_EQ(data.artist_names[static_cast<std::size_t>(*data.artists.find(31))], "Spotify Only");
  EXPECT_EQ(data.artist_genres[static_cast<std::size_t>(*data.artists.find(31))], "rock");
}

TEST(BuildDataset, ALinkToANameThatNoTrackHasIsRefused) {
  Sources from = sources();
  from.links[1].spotify_name = "Bjrok";
  EXPECT_THAT([&] { build(from); },
              ThrowsMessage<InputError>(HasSubstr(
                  "artist 20 is to be 'Bjrok', but no track table has an artist of that name")));
  from.tracks = passed({});
  EXPECT_NO_THROW(build(from)) << "without track tables names are not looked up";
  from = sources();
  from.links[3].spotify_name = "Elsewhere";
  EXPECT_NO_THROW(build(from)) << "not in the catalogue";
}

TEST(BuildDataset, APairInTwoPartsIsRefused) {
  for (auto part : {&SplitPlays::valid, &SplitPlays::test}) {
    Sources leaking = sources();
    (leaking.plays.*part).push_back({1, 10, 3});
    EXPECT_THAT([&] { build(leaking); },
                ThrowsMessage<InputError>(HasSubstr("user 1 and artist 10 are in two parts")));
  }
  EXPECT_THAT(
      [] {
        require_disjoint({.train = {}, .valid = {{4, 5, 1}}, .test = {{4, 5, 2}}});
      },
      ThrowsMessage<InputError>(HasSubstr("user 4 and artist 5 are in two parts")));
}

TEST(BuildDataset, ATrackOfSeveralArtistsCountsForEachOfTheCatalogue) {
  Sources guests = sources();
  spotify::Track shared = track("", 0.9F);
  shared.artists = {"Metallica", "Somebody", "BJORK", "metallica"};
  guests.tracks = passed({shared, track("Bjork", 0.4F), track("Spotify Only", 0.1F)});
  BuildReport report;
  const Dataset data = build_dataset(guests, {}, report);
  EXPECT_EQ(report.tracks_of_catalogue, 3);
  const auto tracks_of = [&](std::int64_t id) {
    return data.artist_num_tracks[static_cast<std::size_t>(*data.artists.find(id))];
  };
  EXPECT_EQ(tracks_of(10), 1);
  EXPECT_EQ(tracks_of(20), 2);
  EXPECT_EQ(tracks_of(30), 0);
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
