#include "report/scale.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace mrec::report {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::Pointwise;

TEST(Scale, ValuesComeToLieEvenly) {
  const Scale scale{.from = 10, .to = 20, .begin = 100, .end = 300};
  EXPECT_DOUBLE_EQ(scale(10), 100);
  EXPECT_DOUBLE_EQ(scale(12.5), 150);
  EXPECT_DOUBLE_EQ(scale(20), 300);
}

TEST(Scale, UpwardAxesEndAboveTheirBegin) {
  const Scale scale{.from = 0, .to = 4, .begin = 250, .end = 10};
  EXPECT_DOUBLE_EQ(scale(1), 190);
}

TEST(Scale, ADecadeHasTheSameLengthEverywhere) {
  const Scale scale{.from = 1, .to = 1000, .begin = 0, .end = 300, .log = true};
  EXPECT_NEAR(scale(10), 100, 1e-9);
  EXPECT_NEAR(scale(100), 200, 1e-9);
}

TEST(Scale, WhatIsOutsideLiesOnTheEnd) {
  const Scale scale{.from = 0, .to = 1, .begin = 0, .end = 50};
  EXPECT_DOUBLE_EQ(scale(-3), 0);
  EXPECT_DOUBLE_EQ(scale(7), 50);
}

TEST(Scale, StepsAreOneTwoOrFive) {
  EXPECT_DOUBLE_EQ(nice_step(0.2), 0.2);
  EXPECT_DOUBLE_EQ(nice_step(0.21), 0.5);
  EXPECT_DOUBLE_EQ(nice_step(1), 1);
  EXPECT_DOUBLE_EQ(nice_step(6), 10);
  EXPECT_DOUBLE_EQ(nice_step(3'400), 5'000);
}

TEST(Scale, TicksAreRoundAndInside) {
  EXPECT_THAT(ticks({.from = 0, .to = 1}, 5),
              Pointwise(DoubleEq(), std::vector<double>{0, 0.2, 0.4, 0.6, 0.8, 1}));
  EXPECT_THAT(ticks({.from = -0.07, .to = 0.13}, 4),
              Pointwise(DoubleEq(), std::vector<double>{-0.05, 0, 0.05, 0.1}));
  EXPECT_THAT(ticks({.from = 1955, .to = 2024}, 4), ElementsAre(1960, 1980, 2000, 2020));
}

TEST(Scale, LogTicksArePowersOfTenWithStepsBetweenWhenTheseAreFew) {
  EXPECT_THAT(ticks({.from = 1, .to = 352'698, .log = true}, 6),
              ElementsAre(1, 10, 100, 1'000, 10'000, 100'000));
  EXPECT_THAT(ticks({.from = 3, .to = 60, .log = true}, 6), ElementsAre(5, 10, 20, 50));
  EXPECT_THAT(ticks({.from = 1, .to = 1e12, .log = true}, 4), ElementsAre(1, 1e3, 1e6, 1e9, 1e12));
}

}  // namespace
}  // namespace mrec::report
