#include "parallel/communicator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace mrec {
namespace {

TEST(Communicator, SumsAndGathersOverAllRanks) {
  const Communicator world = Communicator::world();
  const int size = world.size();
  EXPECT_EQ(world.sum(std::int64_t{world.rank() + 1}), size * (size + 1) / 2);
  std::vector<double> values{1.0, static_cast<double>(world.rank())};
  world.sum(values);
  EXPECT_EQ(values[0], size);
  EXPECT_EQ(values[1], size * (size - 1) / 2.0);
  EXPECT_EQ(world.max(world.rank()), size - 1);

  // Rank r brings r elements of value r.
  const std::vector<float> piece(static_cast<std::size_t>(world.rank()),
                                 static_cast<float>(world.rank()));
  std::vector<float> expected;
  for (int r = 0; r < size; ++r) expected.insert(expected.end(), r, static_cast<float>(r));
  const std::vector<float> all = world.gather(piece);
  EXPECT_EQ(all, world.is_root() ? expected : std::vector<float>{});
  const std::string text = world.gather(std::string(1, static_cast<char>('a' + world.rank())));
  EXPECT_EQ(text, world.is_root() ? std::string("abcdefgh").substr(0, size) : "");
  EXPECT_EQ(world.broadcast(world.is_root() ? "from the root" : ""), "from the root");
}

TEST(Communicator, SplitMakesGroupsOfOneColor) {
  const Communicator world = Communicator::world();
  const Communicator group = world.split(world.rank() % 2);
  EXPECT_EQ(group.size(), (world.size() + 1 - world.rank() % 2) / 2);
  EXPECT_EQ(group.rank(), world.rank() / 2);
}

TEST(Communicator, AgreeGivesEachRankItsResult) {
  const Communicator world = Communicator::world();
  EXPECT_EQ(world.agree([&] { return world.rank() * 10; }), world.rank() * 10);
}

// Whatever rank fails, all ranks end with its message and status.
TEST(Communicator, AFailureOfOneRankIsEverybodysVerdict) {
  const Communicator world = Communicator::world();
  for (int failing = 0; failing < world.size(); ++failing) {
    std::string message;
    int status = 0;
    try {
      world.agree([&] {
        if (world.rank() == failing) throw InputError("rank " + std::to_string(failing) + " broke");
      });
    } catch (const Verdict& verdict) {
      message = verdict.what();
      status = verdict.status();
    }
    EXPECT_EQ(message, "rank " + std::to_string(failing) + " broke");
    EXPECT_EQ(status, 2);
  }
}

TEST(Communicator, TheLowestOfSeveralFailingRanksSpeaks) {
  const Communicator world = Communicator::world();
  EXPECT_THAT([&] { world.agree([&] { throw Error("rank " + std::to_string(world.rank())); }); },
              testing::ThrowsMessage<Verdict>("rank 0"));
}

TEST(Communicator, RowsOfAllPassByTheRootInOrder) {
  const Communicator world = Communicator::world();
  // More than passes at once, and none from the last rank.
  const int count = world.rank() + 1 == world.size() && world.size() > 1 ? 0 : 300'000;
  const auto fill = [&](int first, int last, std::span<float> rows) {
    for (int r = first; r < last; ++r) {
      const auto at = static_cast<std::size_t>(r - first) * 2;
      rows[at] = static_cast<float>(world.rank());
      rows[at + 1] = static_cast<float>(r);
    }
  };
  std::vector<float> all;
  int total = 0;
  world.stream(count, 2, fill, [&](int some, std::span<const float> rows) {
    total += some;
    all.insert(all.end(), rows.begin(), rows.end());
  });
  if (!world.is_root()) {
    EXPECT_EQ(total, 0);
  } else {
    const int full = std::max(1, world.size() - 1);
    EXPECT_EQ(total, full * 300'000);
    bool in_order = true;
    for (int r = 0; r < total; ++r) {
      const auto at = static_cast<std::size_t>(r) * 2;
      in_order = in_order && all[at] == static_cast<float>(r / 300'000) &&
                 all[at + 1] == static_cast<float>(r % 300'000);
    }
    EXPECT_TRUE(in_order);
  }
  EXPECT_THROW(world.stream(count, 2, fill,
                            [](int /*some*/, std::span<const float> /*rows*/) {
                              throw Error("the disk is full");
                            }),
               Verdict);
}

}  // namespace
}  // namespace mrec
