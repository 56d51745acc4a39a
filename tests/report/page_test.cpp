#include "report/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/well_formed.h"

namespace mrec::report {
namespace {

using testing::HasSubstr;
using testing::Not;

Page sample_page() {
  Page page("Tom & Jerry", "a \"subtitle\"");
  page.section("First <section>", "lead");
  page.tiles(std::vector<Tile>{{"Artists", "17,632", "in <Last.fm>"}});
  page.table("Top", {.columns = {{"Artist", false}, {"Plays"}},
                     .rows = {{"<b>فيروز & 宇多田</b>", "1,234"}}});
  page.section("Second", "");
  page.warning("beware of <this>");
  page.figures(Width::kHalf,
               std::vector<Figure>{{"A", "<svg></svg>", "one"},
                                   {"B", "<svg></svg>", "two"},
                                   {"C", "<svg></svg>", "three", {{{"n"}}, {{"1"}}}}});
  page.footer("made by <nobody>");
  return page;
}

TEST(Page, NoTextIsTakenForMarkup) {
  const std::string html = sample_page().html();
  EXPECT_THAT(html, HasSubstr("<title>Tom &amp; Jerry</title>"));
  EXPECT_THAT(html, HasSubstr("<bdi>&lt;b&gt;فيروز &amp; 宇多田&lt;/b&gt;</bdi>"));
  EXPECT_THAT(html, HasSubstr("beware of &lt;this&gt;"));
  EXPECT_THAT(html, HasSubstr("made by &lt;nobody&gt;"));
  const std::size_t body = html.find("<body>");
  EXPECT_EQ(fault_of(html.substr(body, html.find("</html>") - body)), "");
}

TEST(Page, TheContentsLeadToEverySection) {
  const std::string html = sample_page().html();
  EXPECT_THAT(html, HasSubstr("<a href=\"#section-1\">First &lt;section&gt;</a>"));
  EXPECT_THAT(html, HasSubstr("<a href=\"#section-2\">Second</a>"));
  EXPECT_THAT(html, HasSubstr("<section id=\"section-2\"><h2>Second</h2>"));
}

TEST(Page, NothingIsFetchedAndNothingIsRun) {
  const std::string html = sample_page().html();
  EXPECT_THAT(html, Not(HasSubstr("http")));
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("@import")));
  EXPECT_THAT(html, Not(HasSubstr("url(")));
}

TEST(Page, NumbersAreSetRight) {
  EXPECT_THAT(sample_page().html(), HasSubstr("<td class=\"number\">1,234</td>"));
}

TEST(Page, AnOddFigureHasARowOfItsOwn) {
  EXPECT_EQ(occurrences(sample_page().html(), "<figure class=\"odd\">"), 1);
}

TEST(Page, CellsAreOfLimitedLength) {
  Page page("t", "");
  page.section("s", "");
  page.table("Top", {.columns = {{"Artist", false}}, .rows = {{std::string(1'000'000, 'x')}}});
  EXPECT_LT(page.html().size(), 20'000U);
}

}  // namespace
}  // namespace mrec::report
