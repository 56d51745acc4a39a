#include "model/embeddings.h"

#include <gtest/gtest.h>

#include "toy.h"

namespace mrec {
namespace {

TEST(Embeddings, RowsAreWholeCacheLines) {
  const OwnedTable owned(3, 17, 2);
  const Embeddings& table = owned.table();
  EXPECT_EQ(table.stride(), 32);
  for (int r = 0; r < 3; ++r) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(table.row(r)) % 64, 0U);
    for (int c = 17; c < 32; ++c) EXPECT_EQ(table.row(r)[c], 0) << "padding";
  }
}

TEST(Embeddings, NoTwoPartsOverlap) {
  const OwnedTable owned(3, 5, 2);
  const Embeddings& table = owned.table();
  float next = 0;
  const auto gap = table.state_gap();
  for (int r = 0; r < 3; ++r) {
    for (int c = 0; c < 5; ++c) table.row(r)[c] = ++next;
    for (int c = 0; c < 5; ++c) table.row_state(r)[c] = ++next;
    for (int c = 0; c < 5; ++c) table.row_state(r)[gap + static_cast<std::size_t>(c)] = ++next;
    table.bias(r) = ++next;
    table.bias_state(r)[0] = ++next;
    table.bias_state(r)[gap] = ++next;
  }
  float expected = 0;
  for (int r = 0; r < 3; ++r) {
    for (int c = 0; c < 5; ++c) EXPECT_EQ(table.row(r)[c], ++expected);
    for (int c = 0; c < 5; ++c) EXPECT_EQ(table.row_state(r)[c], ++expected);
    for (int c = 0; c < 5; ++c) {
      EXPECT_EQ(table.row_state(r)[gap + static_cast<std::size_t>(c)], ++expected);
    }
    EXPECT_EQ(table.bias(r), ++expected);
    EXPECT_EQ(table.bias_state(r)[0], ++expected);
    EXPECT_EQ(table.bias_state(r)[gap], ++expected);
  }
}

TEST(Embeddings, TheStartDoesNotDependOnHowRowsAreDivided) {
  const OwnedTable whole(4, 3, 1);
  const OwnedTable part(2, 3, 1);
  whole.table().initialize(5, 1, 0, 1);
  part.table().initialize(5, 1, 2, 1);
  for (int r = 0; r < 2; ++r) {
    for (int c = 0; c < 3; ++c) {
      EXPECT_EQ(part.table().row(r)[c], whole.table().row(2 + r)[c]);
      EXPECT_LE(std::abs(part.table().row(r)[c]), 0.5F / 3);
    }
  }
  EXPECT_EQ(part.table().row_state(0)[0], 1);
  EXPECT_EQ(part.table().bias(0), 0);
}

}  // namespace
}  // namespace mrec
