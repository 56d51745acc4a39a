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
  Merge merge(world, table, Merge::States::kSums);
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
  Merge merge(world, table, Merge::States::kSums);
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
  Merge merge(world, table, Merge::States::kSums);
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

// Owners of 8 rows: rank r has the rows [8 r / P, 8 (r + 1) / P).
TEST(Merge, OnlyChangedRowsTravelAndTheirBytesAreCounted) {
  const Communicator world = Communicator::world();
  constexpr int kRows = 8;
  const OwnedTable owned(kRows, 3, {1, true});
  const Embeddings& table = owned.table();
  const std::int64_t row_bytes = 4 + 4 * (3 + 1 + 2);  // index; values, bias, states
  const std::int64_t others = world.size() - 1;
  const std::int64_t headers = 2 * 8 * others;
  Merge merge(world, table, Merge::States::kSums);
  merge();
  EXPECT_EQ(merge.bytes_sent(), headers) << "nothing has changed";

  // Everybody changes row 1, the first rank row 7, too.
  table.row(1)[2] += 1;
  if (world.is_root()) table.bias(7) += 1;
  merge();
  const auto owner_of = [&](int row) {
    for (int rank = 0;; ++rank) {
      if (row < kRows * (rank + 1) / world.size()) return rank;
    }
  };
  std::int64_t sent = 0;
  if (owner_of(1) != world.rank()) ++sent;
  if (world.is_root() && owner_of(7) != world.rank()) ++sent;
  for (const int row : {1, 7}) sent += owner_of(row) == world.rank() ? others : 0;
  EXPECT_EQ(merge.bytes_sent(), 2 * headers + sent * row_bytes);
}

TEST(Merge, WhatEveryNodeChangedAlikeDoesNotTravel) {
  const Communicator world = Communicator::world();
  const OwnedTable owned(6, 3, 1);
  const Embeddings& table = owned.table();
  Merge merge(world, table, Merge::States::kSums);
  for (float& value : table.values()) value *= 0.5F;
  const float half = table.row(4)[1];
  merge.accept();
  merge();
  EXPECT_EQ(merge.bytes_sent(), 2 * 8 * (world.size() - 1));
  EXPECT_EQ(table.row(4)[1], half);
}

TEST(Merge, WorkDoneWhileChangesTravelIsKept) {
  const Communicator world = Communicator::world();
  const auto nodes = static_cast<float>(world.size());
  const OwnedTable owned(world.size() + 2, 3, 1);
  const Embeddings& table = owned.table();
  const int own = world.rank();
  const int common = world.size();
  const int later = world.size() + 1;
  const float at_own = table.row(own)[0];
  const float at_common = table.row(common)[0];
  const float at_later = table.row(later)[0];
  Merge merge(world, table, Merge::States::kSums);
  table.row(own)[0] += 1;
  table.row(common)[0] += 1;
  merge.take();
  merge.send();
  table.row(own)[0] += 10;
  table.row(common)[0] += 10;
  table.row(later)[0] += 10;
  merge.wait();
  merge.finish();
  EXPECT_NEAR(table.row(own)[0], at_own + 11, 1e-5);
  EXPECT_NEAR(table.row(common)[0], at_common + std::sqrt(nodes) + 10, 1e-5);
  EXPECT_NEAR(table.row(later)[0], at_later + 10, 1e-5);
  merge();
  EXPECT_NEAR(table.row(own)[0], at_own + 11, 1e-5);
  EXPECT_NEAR(table.row(common)[0], at_common + 11 * std::sqrt(nodes), 1e-4);
  EXPECT_NEAR(table.row(later)[0], at_later + 10 * std::sqrt(nodes), 1e-4);
  const double sum = world.sum(static_cast<double>(table.row(common)[0]));
  EXPECT_EQ(static_cast<float>(sum / world.size()), table.row(common)[0]);
}

// Adadelta's states: a node that saw small gradients has let its mean fall to near zero, and all
// changes together would fall below.
TEST(Merge, MeansOfSquaresStayMeans) {
  const Communicator world = Communicator::world();
  const OwnedTable owned(3, 2, 2);
  const Embeddings& table = owned.table();
  Merge merge(world, table, Merge::States::kMeans);
  table.row_state(0)[1] = 0.25F;
  table.row_state(1)[0] = static_cast<float>(world.rank() + 2);
  table.bias_state(2)[table.state_gap()] = 1e-30F;
  merge();
  EXPECT_FLOAT_EQ(table.row_state(0)[1], 0.25F);
  EXPECT_FLOAT_EQ(table.row_state(1)[0], 2 + static_cast<float>(world.size() - 1) / 2);
  EXPECT_GE(table.bias_state(2)[table.state_gap()], 0);
  EXPECT_LT(table.bias_state(2)[table.state_gap()], 1e-6);

  // Also when a state falls while another fall of it travels.
  table.row_state(0)[1] = world.is_root() ? 0.24F : 0.01F;
  merge.take();
  merge.send();
  table.row_state(0)[1] = 0;
  merge.wait();
  merge.finish();
  EXPECT_GE(table.row_state(0)[1], 0);
}

}  // namespace
}  // namespace mrec
