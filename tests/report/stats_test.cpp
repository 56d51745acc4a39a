#include "report/stats.h"

#include <gtest/gtest.h>

#include <cmath>

namespace mrec::report {
namespace {

TEST(ReportStats, QuantilesLieBetweenValues) {
  const std::vector<float> values{4, 1, 3, 2};
  EXPECT_DOUBLE_EQ(quantile(values, 0), 1);
  EXPECT_DOUBLE_EQ(quantile(values, 0.5), 2.5);
  EXPECT_DOUBLE_EQ(quantile(values, 1), 4);
}

TEST(ReportStats, MissingValuesAreNotCounted) {
  EXPECT_DOUBLE_EQ(quantile(std::vector<float>{NAN, 7, NAN}, 0.5), 7);
  EXPECT_TRUE(std::isnan(quantile(std::vector<float>{NAN}, 0.5)));
}

TEST(ReportStats, TheModeIsTheMostFrequentValue) {
  const Mode mode = mode_of(std::vector<float>{50, 3, 50, 7});
  EXPECT_EQ(mode.value, 50);
  EXPECT_EQ(mode.count, 2);
}

TEST(ReportStats, EqualAmountsAreNotConcentrated) {
  const Concentration shares = concentration_of(std::vector<float>{2, 2, 2, 2});
  EXPECT_DOUBLE_EQ(shares.gini(), 0);
  EXPECT_DOUBLE_EQ(shares.of_top(0.25), 0.25);
  EXPECT_EQ(shares.holders_of(0.5), 2);
}

TEST(ReportStats, ConcentrationByHand) {
  // 6 of 10 with one of four. Gini: (2 (1*1 + 2*1 + 3*2 + 4*6) / (4 * 10)) - 5 / 4 = 0.4.
  const Concentration shares = concentration_of(std::vector<float>{1, 6, 1, 2});
  EXPECT_DOUBLE_EQ(shares.of_top(0.25), 0.6);
  EXPECT_DOUBLE_EQ(shares.of_top(0.5), 0.8);
  EXPECT_EQ(shares.holders_of(0.7), 2);
  EXPECT_NEAR(shares.gini(), 0.4, 1e-12);
}

TEST(ReportStats, TheCurveGoesFromNothingToAll) {
  const Series curve = concentration_of(std::vector<float>{1, 6, 1, 2}).curve("plays");
  EXPECT_EQ(curve.x, (std::vector<double>{0, 0.25, 0.5, 0.75, 1}));
  ASSERT_EQ(curve.y.size(), 5U);
  EXPECT_EQ(curve.y.front(), 0);
  EXPECT_DOUBLE_EQ(curve.y[2], 0.8);
  EXPECT_EQ(curve.y.back(), 1);
}

TEST(ReportStats, NothingAtAllHasNoConcentration) {
  const Concentration shares = concentration_of(std::vector<float>{0, 0});
  EXPECT_EQ(shares.gini(), 0);
  EXPECT_EQ(shares.of_top(0.5), 0);
}

}  // namespace
}  // namespace mrec::report
