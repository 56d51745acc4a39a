#include "dataset/split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/error.h"

namespace mrec {
namespace {

// Users 1..n with that many plays each.
std::vector<lastfm::Play> plays_of(int users) {
  std::vector<lastfm::Play> plays;
  for (int u = 1; u <= users; ++u) {
    for (int a = 0; a < u; ++a) plays.push_back({u, a, 1.0 + a});
  }
  return plays;
}

std::map<std::int64_t, int> sizes(const std::vector<lastfm::Play>& part) {
  std::map<std::int64_t, int> counts;
  for (const lastfm::Play& play : part) ++counts[play.user_id];
  return counts;
}

std::set<std::pair<std::int64_t, std::int64_t>> pairs(const std::vector<lastfm::Play>& part) {
  std::set<std::pair<std::int64_t, std::int64_t>> result;
  for (const lastfm::Play& play : part) result.insert({play.user_id, play.artist_id});
  return result;
}

TEST(Split, SharesAreRoundedDownAndSmallUsersStayInTrain) {
  const SplitPlays parts = split_plays(plays_of(50), {});
  auto train = sizes(parts.train);
  auto valid = sizes(parts.valid);
  auto test = sizes(parts.test);
  for (int n = 1; n <= 50; ++n) {
    if (n < 3) {
      EXPECT_EQ(train[n], n);
      continue;
    }
    EXPECT_EQ(train[n], 7 * n / 10) << n;
    EXPECT_EQ(train[n] + valid[n], 85 * n / 100) << n;
    EXPECT_EQ(train[n] + valid[n] + test[n], n);
  }
}

TEST(Split, LeaveOneOutHoldsOneOfEach) {
  const SplitPlays parts = split_plays(plays_of(10), {.method = "leave-one-out"});
  for (int n = 3; n <= 10; ++n) {
    EXPECT_EQ(sizes(parts.valid)[n], 1);
    EXPECT_EQ(sizes(parts.test)[n], 1);
  }
  EXPECT_EQ(sizes(parts.test).count(2), 0U);
}

TEST(Split, PartsAreDisjointAndWhole) {
  const auto plays = plays_of(30);
  const SplitPlays parts = split_plays(plays, {});
  std::set<std::pair<std::int64_t, std::int64_t>> all;
  for (const auto* part : {&parts.train, &parts.valid, &parts.test}) {
    for (const auto& pair : pairs(*part)) EXPECT_TRUE(all.insert(pair).second);
  }
  EXPECT_EQ(all, pairs(plays));
}

TEST(Split, NeitherTheOrderOfRowsNorOtherUsersMatter) {
  auto plays = plays_of(30);
  const SplitPlays before = split_plays(plays, {});
  std::ranges::reverse(plays);
  EXPECT_EQ(pairs(split_plays(plays, {}).test), pairs(before.test));
  std::erase_if(plays, [](const lastfm::Play& play) { return play.user_id != 30; });
  for (const auto& pair : pairs(split_plays(plays, {}).test)) {
    EXPECT_TRUE(pairs(before.test).contains(pair));
  }
}

TEST(Split, AnotherSeedGivesAnotherSplit) {
  EXPECT_NE(pairs(split_plays(plays_of(30), {.seed = 1}).test),
            pairs(split_plays(plays_of(30), {.seed = 2}).test));
}

TEST(Split, ARoundingErrorInTheSharesCostsNoPlay) {
  // 0.7 + 0.1 is 0.7999999999999999.
  const SplitPlays parts = split_plays(plays_of(10), {.train_share = 0.7, .valid_share = 0.1});
  EXPECT_EQ(sizes(parts.valid)[10], 1);
  EXPECT_EQ(sizes(parts.test)[10], 2);
}

TEST(Split, NeitherPlaysNorIdsDecideWhatIsHeldOut) {
  // Of 400 users with artists 1..4 about 100 (+- 4 x 8.7) hold out each of them.
  std::vector<lastfm::Play> plays;
  for (int user = 1; user <= 400; ++user) {
    for (int artist = 1; artist <= 4; ++artist) plays.push_back({user, artist, 10.0 * artist});
  }
  std::map<std::int64_t, int> held_out;
  for (const lastfm::Play& play : split_plays(plays, {.method = "leave-one-out"}).test) {
    ++held_out[play.artist_id];
  }
  for (int artist = 1; artist <= 4; ++artist) EXPECT_NEAR(held_out[artist], 100, 35) << artist;
}

TEST(Split, SharesAboveOneTogetherAreRefused) {
  EXPECT_THAT([] { split_plays(plays_of(3), {.train_share = 0.8, .valid_share = 0.3}); },
              testing::ThrowsMessage<InputError>(
                  "train_share 0.8 and valid_share 0.3 are together above 1"));
}

}  // namespace
}  // namespace mrec
