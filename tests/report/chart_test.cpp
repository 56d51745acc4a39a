#include "report/chart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "report/well_formed.h"

namespace mrec::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const Frame kFrame{.title = "Plays & <listeners>",
                   .description = "\"many\"",
                   .x = {.label = "x < y"},
                   .y = {.label = "count"}};
const std::string kHostile = "<script>alert('1')</script> & \"فيروز\" 宇多田";

// Every kind of chart, once.
std::vector<std::string> all_charts() {
  const std::vector<float> values{1, 2, 2, 3, 9};
  const std::vector<Series> series{{.name = kHostile, .x = {0, 1, 2}, .y = {3, 1, 2}},
                                   {.name = "b", .x = {0, 2}, .y = {0, 1}},
                                   {.x = {0, 2}, .y = {0, 2}, .is_reference = true}};
  const std::vector<std::string> names{kHostile, "b"};
  const std::vector<BarSeries> bars{{kHostile, {{1, 0.5, 1.5}, {-2}}}, {"b", {{3}, {0}}}};
  Matrix correlations(2, 2);
  correlations << 1, -0.5F, -0.5F, 1;
  return {histogram_chart(kFrame, even_bins(values, 4)),
          histogram_chart(kFrame, {}),
          line_chart(kFrame, series),
          scatter_chart(kFrame, series),
          bar_chart(kFrame, names, bars),
          column_chart(kFrame, names, bars),
          column_chart(kFrame, names, std::vector<BarSeries>{{"a", {{1}, {2}}}, bars[1]}, true),
          heatmap_chart(kFrame, names, correlations)};
}

TEST(Chart, EveryChartIsWellFormedWhateverTheNames) {
  for (const std::string& svg : all_charts()) EXPECT_EQ(fault_of(svg), "") << svg.substr(0, 300);
}

TEST(Chart, EveryChartIsReadOut) {
  for (const std::string& svg : all_charts()) {
    EXPECT_THAT(svg, HasSubstr("<svg role=\"img\" "));
    EXPECT_THAT(svg, HasSubstr("aria-label=\"Plays &amp; &lt;listeners&gt;\""));
    EXPECT_THAT(svg, HasSubstr("<desc>&quot;many&quot;</desc>"));
  }
}

TEST(Chart, NoNumberIsOutOfReach) {
  for (const std::string& svg : all_charts()) {
    EXPECT_THAT(svg, Not(HasSubstr("nan")));
    EXPECT_THAT(svg, Not(HasSubstr("inf")));
  }
}

TEST(Chart, BinsAreRoundAndHoldEveryValue) {
  const Histogram bins = even_bins(std::vector<float>{0.1F, 0.2F, 0.2F, 0.3F, NAN, 1}, 5);
  ASSERT_EQ(bins.edges.size(), 6U);
  EXPECT_NEAR(bins.edges[1], 0.2, 1e-12);
  EXPECT_THAT(bins.counts, ElementsAre(1, 3, 0, 0, 1)) << "the last bin holds its upper edge";
  EXPECT_EQ(bins.outside, 0);
}

TEST(Chart, BinsOfWholeNumbersLieAroundThem) {
  const Histogram bins = even_bins(std::vector<float>{1, 2, 2, 4}, 10, true);
  EXPECT_THAT(bins.edges, ElementsAre(0.5, 1.5, 2.5, 3.5, 4.5));
  EXPECT_THAT(bins.counts, ElementsAre(1, 2, 0, 1));
}

TEST(Chart, OutliersAreLeftOutsideAndCounted) {
  std::vector<float> values;
  for (int i = 0; i < 100; ++i) values.push_back(static_cast<float>(i));
  values.push_back(1e6F);
  const Histogram bins = even_bins(values, 10, false, 0.01);
  EXPECT_LE(bins.edges.back(), 100);
  EXPECT_EQ(bins.outside, 1);
  EXPECT_EQ(std::accumulate(bins.counts.begin(), bins.counts.end(), bins.outside), 101);
}

TEST(Chart, DoublingBinsAreForCounts) {
  const Histogram bins = doubling_bins(std::vector<float>{1, 1, 2, 3, 4, 8, 0.5F});
  EXPECT_THAT(bins.edges, ElementsAre(1, 2, 4, 8, 16));
  EXPECT_THAT(bins.counts, ElementsAre(2, 2, 1, 1));
  EXPECT_EQ(bins.outside, 1);
}

TEST(Chart, ValuesThatAreAllEqualAreOneBin) {
  EXPECT_THAT(even_bins(std::vector<float>{3, 3}, 10).counts, ElementsAre(2));
  EXPECT_THAT(even_bins(std::vector<float>{0, 0}, 10).counts, ElementsAre(2));
  EXPECT_TRUE(even_bins(std::vector<float>{NAN}, 10).counts.empty());
}

TEST(Chart, BarsStandWhereTheyShould) {
  // Plot area by hand: labels "4" and "0" are 7.1 wide, so left = 7.1 + 12 = 19.1 and right =
  // 480 - 16 = 464; without labels of axes top = 8 and bottom = 290 - 22 = 268. Two bins of
  // (464 - 19.1) / 2 = 222.45; counts 4 and 2 of 4 are 260 and 130 high.
  const std::string svg = histogram_chart({.title = "t"}, {.edges = {0, 1, 2}, .counts = {4, 2}});
  EXPECT_THAT(svg, HasSubstr("x=\"19.6\" y=\"8\" width=\"221.45\" height=\"260\""));
  EXPECT_THAT(svg, HasSubstr("x=\"242.05\" y=\"138\" width=\"221.45\" height=\"130\""));
  EXPECT_THAT(svg, HasSubstr("<title>0 to 1: 4</title>"));
}

TEST(Chart, LinesGoThroughTheirPoints) {
  // As above: left 19.1, right 464, top 8, bottom 268; y from 0 to 4.
  const std::string svg =
      line_chart({.title = "t"}, std::vector<Series>{{.x = {0, 1, 2}, .y = {0, 4, 1}}});
  EXPECT_THAT(svg, HasSubstr("d=\"M19.1 268L241.55 8L464 203\""));
}

TEST(Chart, WhatHasNoLogarithmIsLeftOut) {
  const std::string svg = line_chart({.title = "t", .y = {.log = true}},
                                     std::vector<Series>{{.x = {0, 1, 2}, .y = {0, 1, 10}}});
  EXPECT_EQ(occurrences(svg, "<circle"), 2);
}

TEST(Chart, ALongLineIsThinnedOutAndKeepsItsEnds) {
  Series series;
  for (int i = 0; i < 100'000; ++i) {
    series.x.push_back(i);
    series.y.push_back(i == 99'999 ? 7 : 0);
  }
  const std::string svg = line_chart({.title = "t"}, std::vector{series});
  EXPECT_LT(svg.size(), 20'000U);
  EXPECT_THAT(svg, HasSubstr("<title>99,999, 7</title>"));
}

TEST(Chart, IntervalsReachFromLowToHigh) {
  // One column: x from 24.42 (label "1.5": 21.3 + 12 = 33.3), centre of 0.8 of the group.
  const std::vector<std::string> names{"a"};
  const std::string svg = column_chart({.title = "t", .y = {.from = 0, .to = 2}}, names,
                                       std::vector<BarSeries>{{"", {{1, 0.5, 1.5}}}});
  // Plot area top 8, bottom 268: 130 pixels per unit.
  EXPECT_THAT(svg, HasSubstr(" 203V73\"/>"));
  EXPECT_THAT(svg, HasSubstr("<title>a: 1 (0.5 to 1.5)</title>"));
}

TEST(Chart, NegativeBarsGoToTheLeftOfZero) {
  // Labels: "−2" is 14.2 wide. x begins at 1 * 7.1 + 10 = 17.1, ends at 480 - 14.2 - 10 = 455.8.
  // From -2 to 2 zero lies at 236.45.
  const std::vector<std::string> names{"a"};
  const std::string svg = bar_chart({.title = "t", .x = {.from = -2, .to = 2}}, names,
                                    std::vector<BarSeries>{{"", {{-2}}}});
  EXPECT_THAT(svg, HasSubstr("x=\"17.1\" y=\"9.5\" width=\"219.35\""));
}

TEST(Chart, StrongCorrelationsAreDeepAndTheirSignIsTheStyle) {
  Matrix correlations(2, 2);
  correlations << 1, -0.5F, -0.5F, 1;
  const std::string svg = heatmap_chart(kFrame, std::vector<std::string>{"a", "b"}, correlations);
  EXPECT_THAT(svg, HasSubstr("fill-opacity=\"0.50\"><title>a, b: -0.50</title>"));
  EXPECT_THAT(svg, HasSubstr("fill-opacity=\"1.00\"><title>b, b: 1.00</title>"));
}

}  // namespace
}  // namespace mrec::report
