#include "parallel/merge.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "model/toy.h"

namespace mrec {
namespace {

// Every rank plays a node.
TEST(Merge, ARowThatOneNodeChangedKeepsItsWholeStep) {
  const Communicator world = Communicator::world();
  const OwnedTable owned(world.size(), 3, 1);
  const Embeddings& table = owned.table();
  const float before = table.row(0)[1];
  Merge merge(world, table);
  table.row(world.rank())[1] += static_cast<float>(world.rank() + 1);
  table.bias(world.rank()) -= 2;
  merge();
  EXPECT_FLOAT_EQ(table.row(0)[1], before + 1);
  for (int r = 0; r < world.size(); ++r) EXPECT_EQ(table.bias(r), -2);
}

TEST(Merge, CommonChangesAddUpByTheRootOfTheNodes) {
  const Communicator world = Communicator::world();
  const auto nodes = static_cast<float>(world.size());
  const OwnedTable owned(2, 3, 1);
  const Embeddings& table = owned.table();
  const float value = table.row(1)[2];
  const float state = table.row_state(1)[2];
  Merge merge(world, table);
  for (int round = 1; round <= 3; ++round) {
    table.row(1)[2] += 1;
    table.row_state(1)[2] += 5;
    merge();
    EXPECT_NEAR(table.row(1)[2], value + static_cast<float>(round) * std::sqrt(nodes), 1e-4);
    EXPECT_NEAR(table.row_state(1)[2], state + static_cast<float>(round) * 5 * nodes, 1e-3);
  }
}

TEST(Merge, AllNodesEndBitForBitEqual) {
  const Communicator world = Communicator::world();
  const OwnedTable owned(50, 7, 1);
  const Embeddings& table = owned.table();
  Merge merge(world, table);
  Rng rng(1, 0, static_cast<std::uint64_t>(world.rank()));
  for (int round = 0; round < 5; ++round) {
    for (int r = 0; r < 50; ++r) {
      if (rng.uniform() < 0.5) table.row(r)[3] += static_cast<float>(rng.uniform());
    }
    merge();
    for (int r = 0; r < 50; ++r) {
      const double mean = world.sum(static_cast<double>(table.row(r)[3])) / world.size();
      EXPECT_EQ(static_cast<float>(mean), table.row(r)[3]);
    }
  }
}

}  // namespace
}  // namespace mrec
