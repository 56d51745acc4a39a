#include "model/metadata.h"

#include <gtest/gtest.h>

#include <cmath>

#include "toy.h"

namespace mrec {
namespace {

TEST(Metadata, ColumnsAreCentredAndRowsHaveTheAskedLengthInTheMean) {
  const FeatureMatrix features{.values = sparse(Matrix{{1, 5, 0}, {0, 5, 2}, {1, 5, 4}, {0, 5, 2}}),
                               .names = {"a", "b", "c"}};
  const Metadata metadata = centred(features, 0.5, true);
  for (int f = 0; f < 3; ++f) EXPECT_NEAR(metadata.values.col(f).sum(), 0, 1e-6);
  EXPECT_TRUE(metadata.values.col(1).isZero()) << "a constant column says nothing";
  EXPECT_NEAR(metadata.values.squaredNorm() / 4, 0.25, 1e-6);
}

TEST(Metadata, ColumnsKeepTheirProportionsOnRequest) {
  const FeatureMatrix features{
      .values = sparse(Matrix{{1, 5, 0}, {0, 5, 6}, {1, 5, 12}, {0, 5, 6}}),
      .names = {"a", "b", "c"}};
  const auto ratio = [&](bool standardize) {
    const Metadata metadata = centred(features, 0.5, standardize);
    EXPECT_NEAR(metadata.values.squaredNorm() / 4, 0.25, 1e-6);
    EXPECT_TRUE(metadata.values.col(1).isZero());
    return metadata.values.col(2).norm() / metadata.values.col(0).norm();
  };
  EXPECT_NEAR(ratio(true), 1, 1e-5);
  // Deviations of c, sqrt(18), and of a, 1/2.
  EXPECT_NEAR(ratio(false), std::sqrt(18.0F) / 0.5F, 1e-4);
}

}  // namespace
}  // namespace mrec
