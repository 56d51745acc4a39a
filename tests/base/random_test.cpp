#include "base/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

namespace mrec {
namespace {

TEST(Random, Mix64IsSplitMix64) {
  // First output of the published reference implementation for state 0.
  EXPECT_EQ(mix64(0), 0xE220A8397B1DCDAFULL);
}

TEST(Random, TheSameKeysGiveTheSameDraws) {
  Rng a(1, 2, 3);
  Rng b(1, 2, 3);
  Rng other(1, 2, 4);
  const std::uint64_t first = a.next();
  EXPECT_EQ(first, b.next());
  EXPECT_NE(first, other.next());
}

TEST(Random, BelowIsUniform) {
  std::array<int, 10> counts{};
  Rng rng(7);
  constexpr int kDraws = 100'000;
  for (int i = 0; i < kDraws; ++i) ++counts[rng.below(10)];
  double chi_squared = 0;
  for (const int count : counts) {
    const double expected = kDraws / 10.0;
    chi_squared += (count - expected) * (count - expected) / expected;
  }
  EXPECT_LT(chi_squared, 27.9);  // 99.9 % point for 9 degrees of freedom
}

TEST(Random, NeighbouringKeysAreIndependent) {
  double sum = 0;
  constexpr int kKeys = 10'000;
  for (std::uint64_t key = 0; key < kKeys; ++key) {
    sum += (Rng(1, 0, key).uniform() - 0.5) * (Rng(1, 0, key + 1).uniform() - 0.5);
  }
  EXPECT_NEAR(sum / kKeys, 0, 4 * (1.0 / 12) / 100);  // 4 standard errors
}

TEST(Random, ShuffleKeepsAllElements) {
  std::vector<int> order(100);
  std::iota(order.begin(), order.end(), 0);
  std::vector<int> shuffled = order;
  Rng rng(3);
  shuffle(shuffled, rng);
  EXPECT_NE(shuffled, order);
  EXPECT_TRUE(std::is_permutation(order.begin(), order.end(), shuffled.begin()));
}

}  // namespace
}  // namespace mrec
