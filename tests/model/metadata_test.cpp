#include "model/metadata.h"

#include <gtest/gtest.h>

#include "toy.h"

namespace mrec {
namespace {

TEST(Metadata, ColumnsAreCentredAndRowsHaveTheAskedLengthInTheMean) {
  const FeatureMatrix features{.values = sparse(Matrix{{1, 5, 0}, {0, 5, 2}, {1, 5, 4}, {0, 5, 2}}),
                               .names = {"a", "b", "c"}};
  const Metadata metadata = standardized(features, 0.5);
  for (int f = 0; f < 3; ++f) EXPECT_NEAR(metadata.values.col(f).sum(), 0, 1e-6);
  EXPECT_TRUE(metadata.values.col(1).isZero()) << "a constant column says nothing";
  EXPECT_NEAR(metadata.values.squaredNorm() / 4, 0.25, 1e-6);
}

}  // namespace
}  // namespace mrec
