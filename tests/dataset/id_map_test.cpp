#include "dataset/id_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "base/error.h"

namespace mrec {
namespace {

TEST(IdMap, IdsAndIndicesBelongTogether) {
  const IdMap map({30, 10, 20});
  EXPECT_EQ(map.size(), 3);
  EXPECT_EQ(map.id(0), 30);
  EXPECT_EQ(map.find(20), 2);
  EXPECT_EQ(map.find(99), std::nullopt);
  EXPECT_THAT([] { IdMap({1, 2, 1}); }, testing::ThrowsMessage<InputError>("id 1 comes twice"));
}

TEST(IdMap, HashedOrderDependsOnTheIdsAlone) {
  EXPECT_EQ(IdMap::hashed({1, 2, 3, 4}, 7).ids(), IdMap::hashed({4, 2, 1, 3}, 7).ids());
  EXPECT_NE(IdMap::hashed({1, 2, 3, 4, 5, 6}, 7).ids(), IdMap::hashed({1, 2, 3, 4, 5, 6}, 8).ids());
}

TEST(IdMap, HashedOrderForgetsTheOrderOfTheIds) {
  std::vector<std::int64_t> ids(10'000);
  std::iota(ids.begin(), ids.end(), 1);
  const IdMap map = IdMap::hashed(ids, 7);
  // Correlation of id and index: 0 within 4 standard errors.
  double sum = 0;
  for (int i = 0; i < map.size(); ++i) {
    sum += (static_cast<double>(map.id(i)) - 5000.5) * (i - 4999.5);
  }
  const double variance = (1e8 - 1) / 12;
  EXPECT_LT(std::abs(sum / 10'000 / variance), 0.04);
}

}  // namespace
}  // namespace mrec
