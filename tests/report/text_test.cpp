#include "report/text.h"

#include <gtest/gtest.h>

#include <cmath>

namespace mrec::report {
namespace {

TEST(ReportText, MarkupInNamesIsHarmless) {
  EXPECT_EQ(escaped("<b>\"AC/DC\" & Guns N' Roses</b>"),
            "&lt;b&gt;&quot;AC/DC&quot; &amp; Guns N&#39; Roses&lt;/b&gt;");
}

TEST(ReportText, OtherScriptsStayAsTheyAre) {
  EXPECT_EQ(escaped("宇多田ヒカル فيروز Björk 🎸"), "宇多田ヒカル فيروز Björk 🎸");
}

TEST(ReportText, WhatNoPageMayHoldIsReplaced) {
  EXPECT_EQ(escaped("a\xFF"
                    "b"),
            "a\uFFFDb")
      << "no UTF-8";
  EXPECT_EQ(escaped("a\xC0\x80"
                    "b"),
            "a\uFFFD\uFFFDb")
      << "an overlong zero";
  EXPECT_EQ(escaped("a\xED\xA0\x80"
                    "b"),
            "a\uFFFD\uFFFD\uFFFDb")
      << "half of a surrogate pair";
  EXPECT_EQ(escaped("a\xE5\xAE"), "a\uFFFD\uFFFD") << "cut short";
  EXPECT_EQ(escaped(std::string("a\0b\x1B", 4)), "a\uFFFDb\uFFFD") << "control characters";
  EXPECT_EQ(escaped("a\tb"), "a b");
}

TEST(ReportText, LongNamesAreCutBetweenCharacters) {
  EXPECT_EQ(shortened("Björk", 5), "Björk");
  EXPECT_EQ(shortened("Björks", 5), "Björ…");
  EXPECT_EQ(shortened("宇多田ヒカル", 4), "宇多田…");
  EXPECT_EQ(shortened("", 4), "");
}

TEST(ReportText, NumbersAreGroupedByThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(92'834), "92,834");
  EXPECT_EQ(grouped(-1'234'567), "-1,234,567");
}

TEST(ReportText, TicksAreShort) {
  EXPECT_EQ(compact(0), "0");
  EXPECT_EQ(compact(0.05), "0.05");
  EXPECT_EQ(compact(-12.5), "−12.5");
  EXPECT_EQ(compact(1500), "1.5k");
  EXPECT_EQ(compact(340'000), "340k");
  EXPECT_EQ(compact(1'200'000), "1.2M");
}

TEST(ReportText, SharesKeepTheDigitsThatCount) {
  EXPECT_EQ(percent(0.0523), "5.2\u00A0%");
  EXPECT_EQ(percent(0.0028), "0.28\u00A0%");
  EXPECT_EQ(percent(0.00049), "0.049\u00A0%");
  EXPECT_EQ(percent(1e-9), "< 0.001\u00A0%") << "not zero";
  EXPECT_EQ(percent(0.99999), "> 99.9\u00A0%") << "not all";
  EXPECT_EQ(percent(1), "100\u00A0%");
  EXPECT_EQ(percent(0), "0\u00A0%");
  EXPECT_EQ(percent(-0.031), "−3.1\u00A0%");
  EXPECT_EQ(percent(NAN), "–");
}

TEST(ReportText, FiguresHaveThreeDigits) {
  EXPECT_EQ(figure(0.052345), "0.0523");
  EXPECT_EQ(figure(12.345), "12.3");
  EXPECT_EQ(figure(352'698), "352,698");
  EXPECT_EQ(figure(611), "611");
  EXPECT_EQ(figure(NAN), "–");
}

TEST(ReportText, OneIsSingular) {
  EXPECT_EQ(counted(1, "artist"), "1 artist");
  EXPECT_EQ(counted(0, "artist"), "0 artists");
  EXPECT_EQ(counted(2'000, "artist"), "2,000 artists");
}

}  // namespace
}  // namespace mrec::report
