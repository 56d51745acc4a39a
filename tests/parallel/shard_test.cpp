#include "parallel/shard.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/random.h"

namespace mrec {
namespace {

TEST(Shard, ShardsCoverEveryUserOnceInOrder) {
  Rng rng(1);
  for (int round = 0; round < 100; ++round) {
    std::vector<std::int64_t> offsets{0};
    const int users = static_cast<int>(rng.below(30));
    for (int u = 0; u < users; ++u) offsets.push_back(offsets.back() + rng.below(20));
    for (const int ranks : {1, 2, 3, 4, 8}) {
      int next = 0;
      for (int rank = 0; rank < ranks; ++rank) {
        const Shard shard = shard_of(offsets, rank, ranks);
        // A rank may have no user; users without interactions may lie on either side of a cut.
        EXPECT_EQ(shard.begin, rank == 0 ? 0 : next);
        EXPECT_LE(shard.begin, shard.end);
        next = shard.end;
      }
      EXPECT_EQ(next, users);
    }
  }
}

TEST(Shard, RanksGetEqualInteractionsUpToOneUser) {
  Rng rng(2);
  std::vector<std::int64_t> offsets{0};
  std::int64_t most = 0;
  for (int u = 0; u < 1000; ++u) {
    const std::int64_t plays = rng.below(100);
    most = std::max(most, plays);
    offsets.push_back(offsets.back() + plays);
  }
  for (int rank = 0; rank < 7; ++rank) {
    const Shard shard = shard_of(offsets, rank, 7);
    const std::int64_t plays = offsets[static_cast<std::size_t>(shard.end)] -
                               offsets[static_cast<std::size_t>(shard.begin)];
    EXPECT_NEAR(static_cast<double>(plays), static_cast<double>(offsets.back()) / 7,
                static_cast<double>(most));
  }
}

}  // namespace
}  // namespace mrec
