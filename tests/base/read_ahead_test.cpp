#include "base/read_ahead.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace mrec {
namespace {

using Batch = std::vector<int>;

// Batches of 3 of the numbers 0 .. 99.
std::function<bool(Batch&)> counting(int& next) {
  return [&next](Batch& batch) {
    batch.clear();
    while (batch.size() < 3 && next < 100) batch.push_back(next++);
    return !batch.empty();
  };
}

TEST(ReadAhead, BatchesComeInOrderWithAndWithoutAThread) {
  for (const bool own_thread : {false, true}) {
    int next = 0;
    ReadAhead<Batch> ahead(counting(next), own_thread);
    std::vector<int> all;
    while (const Batch* batch = ahead.next()) all.insert(all.end(), batch->begin(), batch->end());
    ASSERT_EQ(all.size(), 100U);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)], i);
    EXPECT_EQ(ahead.next(), nullptr) << "the end stays the end";
  }
}

TEST(ReadAhead, WhoStopsEarlyLeavesNoThreadBehind) {
  int next = 0;
  ReadAhead<Batch> ahead(counting(next), true);
  EXPECT_THAT(*ahead.next(), testing::ElementsAre(0, 1, 2));
}

TEST(ReadAhead, AnErrorComesAfterTheBatchesBeforeIt) {
  for (const bool own_thread : {false, true}) {
    int calls = 0;
    ReadAhead<int> ahead(
        [&calls](int& batch) {
          if (++calls == 3) throw std::runtime_error("torn");
          batch = calls;
          return true;
        },
        own_thread);
    EXPECT_EQ(*ahead.next(), 1);
    EXPECT_EQ(*ahead.next(), 2);
    EXPECT_THROW(ahead.next(), std::runtime_error);
  }
}

}  // namespace
}  // namespace mrec
