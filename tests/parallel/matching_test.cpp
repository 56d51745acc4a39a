#include "parallel/matching.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "parallel/synthetic_names.h"

namespace mrec {
namespace {

TEST(Matching, IsTheSameForAnyNumberOfRanks) {
  const Communicator world = Communicator::world();
  const SyntheticNames data = synthetic_names(400, 1'500, 5);
  const ArtistMatches alone = match_artists(data.artists, data.names, {});
  // Only the root's arguments count.
  const ArtistMatches together = world.is_root()
                                     ? match_artists(world, data.artists, data.names, {}, {})
                                     : match_artists(world, {}, {}, {}, {});
  if (!world.is_root()) {
    EXPECT_TRUE(together.links.empty());
    return;
  }
  ASSERT_EQ(together.links.size(), alone.links.size());
  int linked_by_rules = 0;
  for (std::size_t i = 0; i < alone.links.size(); ++i) {
    EXPECT_EQ(together.links[i].artist_id, alone.links[i].artist_id);
    EXPECT_EQ(together.links[i].spotify_name, alone.links[i].spotify_name);
    EXPECT_EQ(together.links[i].score, alone.links[i].score);
    linked_by_rules += alone.links[i].kind == MatchKind::kFuzzy ? 1 : 0;
  }
  EXPECT_GT(linked_by_rules, 50);
  ASSERT_EQ(together.doubtful.size(), alone.doubtful.size());
}

TEST(Matching, WithFewerNamesThanRanksEveryNameIsStillLookedAt) {
  const Communicator world = Communicator::world();
  const std::vector<lastfm::Artist> artists{{1, "Blur"}};
  const std::vector<SpotifyName> names{{"blur", 1}};
  const ArtistMatches matches = match_artists(world, artists, names, {}, {});
  if (world.is_root()) {
    EXPECT_EQ(matches.links.at(0).spotify_name, "blur");
  }
}

TEST(Matching, WhatTheRootRefusesAllRefuse) {
  const Communicator world = Communicator::world();
  const std::vector<lastfm::Artist> artists{{1, "Blur"}};
  const std::vector<GivenMatch> given{{1, "Nobody"}};
  EXPECT_THAT([&] { (void)match_artists(world, artists, {}, {}, given); },
              testing::ThrowsMessage<Verdict>(testing::HasSubstr("artist 1 is to be 'Nobody'")));
}

}  // namespace
}  // namespace mrec
