#include "parallel/shared_array.h"

#include <gtest/gtest.h>

namespace mrec {
namespace {

TEST(SharedArray, StartsAsZerosOnACacheLine) {
  const Communicator world = Communicator::world();
  SharedArray<float> array(world, world, 1000);
  EXPECT_EQ(array.span().size(), 1000U);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(array.span().data()) % 64, 0U);
  for (const float value : array.span()) EXPECT_EQ(value, 0);
}

TEST(SharedArray, EveryRankSeesWhatTheOthersWrote) {
  const Communicator world = Communicator::world();
  SharedArray<int> array(world, world, static_cast<std::size_t>(world.size()));
  for (int round = 1; round <= 100; ++round) {
    array.span()[static_cast<std::size_t>(world.rank())] = round * (world.rank() + 1);
    array.sync(world);
    for (int r = 0; r < world.size(); ++r) {
      EXPECT_EQ(array.span()[static_cast<std::size_t>(r)], round * (r + 1));
    }
    array.sync(world);
  }
}

TEST(SharedArray, MoreThanTheNodeHasIsRefusedOnAllRanks) {
  const Communicator world = Communicator::world();
  bool refused = false;
  try {
    const SharedArray<char> array(world, world, std::size_t{1} << 50);
  } catch (const Verdict& verdict) {
    refused = std::string(verdict.what()).find("/dev/shm") != std::string::npos;
  }
  EXPECT_TRUE(refused);
}

}  // namespace
}  // namespace mrec
