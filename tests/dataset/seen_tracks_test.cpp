#include "dataset/seen_tracks.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"

namespace mrec::spotify {
namespace {

TEST(SeenTracks, KnowsWhatWasAddedAndNothingElse) {
  constexpr std::uint64_t kTracks = 200'000;
  SeenTracks seen;
  for (std::uint64_t i = 0; i < kTracks; ++i) {
    SeenTracks::Entry& entry = seen.at(mix64(i));
    ASSERT_TRUE(entry.is_free()) << i;
    seen.put(entry, mix64(i), mix64(~i), static_cast<std::uint32_t>(i));
  }
  EXPECT_EQ(seen.size(), static_cast<std::int64_t>(kTracks));
  for (std::uint64_t i = 0; i < kTracks; ++i) {
    SeenTracks::Entry& entry = seen.at(mix64(i));
    ASSERT_FALSE(entry.is_free()) << i;
    EXPECT_EQ(entry.state(), i);
    EXPECT_TRUE(entry.is_row(mix64(~i)));
    EXPECT_FALSE(entry.is_row(mix64(~i) ^ (std::uint64_t{1} << 44U)));
    entry.change_state(7);
    EXPECT_EQ(seen.at(mix64(i)).state(), 7U);
    EXPECT_TRUE(seen.at(mix64(i)).is_row(mix64(~i))) << "stays";
  }
}

TEST(TrackStates, EveryPairHasOneNumber) {
  TrackStates states;
  const std::uint32_t rock = states.number_of("rock", 50);
  const std::uint32_t unrated = states.number_of("rock", NAN);
  EXPECT_NE(rock, unrated);
  EXPECT_NE(rock, states.number_of("soul", 50));
  EXPECT_EQ(rock, states.number_of("rock", 50));
  EXPECT_EQ(states.genre(states.state(unrated)), "rock");
  EXPECT_TRUE(std::isnan(states.state(unrated).popularity));
  EXPECT_EQ(states.state(rock).popularity, 50);
}

}  // namespace
}  // namespace mrec::spotify
