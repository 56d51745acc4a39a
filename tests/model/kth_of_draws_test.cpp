#include "model/kth_of_draws.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace mrec {
namespace {

// The share of all times in which the k-th smallest of n draws from {0, ..., size - 1} is at most
// `place`: at least k of them are.
double share_up_to(int place, int k, int n, int size) {
  const double p = (place + 1.0) / size;
  double share = 0;
  for (int j = k; j <= n; ++j) {
    share += std::exp(std::lgamma(n + 1.0) - std::lgamma(j + 1.0) - std::lgamma(n - j + 1.0)) *
             std::pow(p, j) * std::pow(1 - p, n - j);
  }
  return share;
}

TEST(KthOfDraws, HasTheDistributionOfTheOrderStatistic) {
  constexpr std::uint32_t kTimes = 1 << 16;
  struct Case {
    int k, n;
  };
  for (const Case& c : std::vector<Case>{
           {1, 1}, {1, 2}, {2, 2}, {5, 10}, {1, 10}, {10, 10}, {3, 40}, {1, 100}, {500, 1000}}) {
    const KthOfDraws kth(c.k, c.n);
    for (const int size : {1, 2, 7, 16, 100}) {
      std::vector<int> times(static_cast<std::size_t>(size));
      for (std::uint32_t i = 0; i < kTimes; ++i) {
        const int place = kth(size, i * (std::numeric_limits<std::uint32_t>::max() / kTimes + 1));
        ASSERT_GE(place, 0);
        ASSERT_LT(place, size);
        ++times[static_cast<std::size_t>(place)];
      }
      double seen = 0;
      for (int place = 0; place < size; ++place) {
        seen += static_cast<double>(times[static_cast<std::size_t>(place)]) / kTimes;
        EXPECT_NEAR(seen, share_up_to(place, c.k, c.n, size), 0.001)
            << c.k << " of " << c.n << " among " << size << ", up to " << place;
      }
    }
    EXPECT_EQ(kth(50, std::numeric_limits<std::uint32_t>::max()), 49);
  }
}

TEST(KthOfDraws, IsMadeOnce) {
  EXPECT_EQ(&kth_of_draws(5, 10), &kth_of_draws(5, 10));
  EXPECT_NE(&kth_of_draws(5, 10), &kth_of_draws(6, 10));
}

}  // namespace
}  // namespace mrec
