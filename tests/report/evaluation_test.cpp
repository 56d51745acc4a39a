#include "report/evaluation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/well_formed.h"

namespace mrec::report {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// A model and a baseline with a hostile name.
EvaluationData small_data() {
  EvaluationData data;
  data.facts = {{"split", "test"}};
  data.contenders = {"model", "<kNN>"};
  data.num_users = 1'843;
  data.metrics = {{"ndcg@10", {{0.2, 0.19, 0.21}, {0.25, 0.24, 0.26}}},
                  {"coverage@10", {{0.05}, {0.1}}},
                  {"made up", {{3}, {4}}}};
  return data;
}

EvaluationData whole_data() {
  EvaluationData data = small_data();
  data.warnings = {"sampled candidates & <biased> figures"};
  data.breakdowns = {{"By activity",
                      "tenths of the users",
                      "ndcg@10",
                      {"1", "2"},
                      {{{0.1, 0.05, 0.15}, {0.3, 0.2, 0.4}}, {{0.2}, {0.2}}}}};
  data.genres = GenreShares{{"rock", "<pop>"}, {0.75, 0.25}, {{0.9, 0.1}, {0.75, 0.25}}};
  data.exposure = {{8, 2, 0, 0}, {4, 2, 2, 2}};
  data.listeners = {4, 3, 2, 1};
  data.comparisons = {{"ndcg@10", "model", "<kNN>", {-0.05, -0.06, -0.04}, 0.0001},
                      {"ndcg@10", "model", "random", {0.01, -0.01, 0.03}, 0.3}};
  return data;
}

std::string body_of(const std::string& html) {
  const std::size_t begin = html.find("<body>");
  return html.substr(begin, html.find("</html>") - begin);
}

TEST(EvaluationPage, StandardErrorsBecomeIntervals) {
  const Evaluation evaluation{
      .facts = {{"split", "test"}},
      .reports = {
          {.name = "model",
           .num_users = 3,
           .summaries = {{"ndcg", 10, 0.25, 0.01, 0.2304, 0.2696, 3},
                         {"auc", 0, 0.9, 0, 0.9, 0.9, 3}}},
          {.name = "random",
           .num_users = 3,
           .summaries = {{"ndcg", 10, 0.1, 0.1, 0, 0.3, 3}, {"auc", 0, 0.5, 0, 0.5, 0.5, 3}}}}};
  const EvaluationData data = evaluation_data(evaluation);
  EXPECT_EQ(data.contenders, (std::vector<std::string>{"model", "random"}));
  EXPECT_EQ(data.num_users, 3);
  ASSERT_EQ(data.metrics.size(), 2U);
  EXPECT_EQ(data.metrics[0].name, "ndcg@10");
  EXPECT_EQ(data.metrics[1].name, "auc");
  EXPECT_DOUBLE_EQ(data.metrics[0].values[0].low.value(), 0.2304);
  EXPECT_DOUBLE_EQ(data.metrics[0].values[1].high.value(), 0.3);
  EXPECT_FALSE(data.metrics[1].values[0].low) << "no error, no interval";
}

TEST(EvaluationPage, IsWellFormedWhateverTheNames) {
  EXPECT_EQ(fault_of(body_of(evaluation_page(small_data()).html())), "");
  EXPECT_EQ(fault_of(body_of(evaluation_page(whole_data()).html())), "");
}

TEST(EvaluationPage, SectionsStandWhereTheirDataAre) {
  const std::string small = evaluation_page(small_data()).html();
  EXPECT_THAT(
      small, AllOf(HasSubstr("<h2>Accuracy</h2>"), Not(HasSubstr("<h2>For whom</h2>")),
                   Not(HasSubstr("<h2>Calibration</h2>")), Not(HasSubstr("<h2>The long tail</h2>")),
                   Not(HasSubstr("<h2>Significance</h2>"))));
  const std::string whole = evaluation_page(whole_data()).html();
  EXPECT_THAT(whole, AllOf(HasSubstr("<h2>For whom</h2>"), HasSubstr("<h2>Calibration</h2>"),
                           HasSubstr("<h2>The long tail</h2>"), HasSubstr("<h2>Significance</h2>"),
                           HasSubstr("sampled candidates &amp; &lt;biased&gt; figures")));
}

TEST(EvaluationPage, TheModelIsComparedWithTheBestOfTheOthers) {
  EXPECT_THAT(
      evaluation_page(small_data()).html(),
      HasSubstr("model has 0.2000 (0.1900 to 0.2100), 20.0\u00A0% less than &lt;kNN&gt;; the "
                "intervals are apart."));
}

TEST(EvaluationPage, IntervalsThatOverlapAreTold) {
  EvaluationData data = small_data();
  data.metrics[0].values[1] = {0.205, 0.195, 0.215};
  EXPECT_THAT(evaluation_page(data).html(), HasSubstr("the intervals overlap."));
}

TEST(EvaluationPage, WhatIsNoAccuracyIsNotRanked) {
  const std::string html = evaluation_page(small_data()).html();
  EXPECT_THAT(html, HasSubstr("Share of the catalogue that is in any list. model has 0.0500."));
  EXPECT_THAT(html, HasSubstr("<h3>made up</h3>")) << "a metric that the page does not know";
}

TEST(EvaluationPage, DifferencesAreToldWithTheirSign) {
  const std::string html = evaluation_page(whole_data()).html();
  EXPECT_THAT(html, HasSubstr("1 of 2 differences would be rare by chance"));
  EXPECT_THAT(html, HasSubstr("−0.0500 (−0.0600 to −0.0400)"));
  EXPECT_THAT(html, HasSubstr("&lt; 0.001"));
}

TEST(EvaluationPage, GenresOutOfProportionAreNamed) {
  EXPECT_THAT(evaluation_page(whole_data()).html(),
              HasSubstr("model shows rock the most beyond its share (90.0\u00A0% for 75.0\u00A0%) "
                        "and &lt;pop&gt; the most below it"));
}

TEST(EvaluationPage, ConcentrationIsOfPlacesInLists) {
  // Gini of (8, 2, 0, 0): 2 (4*8 + 3*2) / (4*10) - 5/4 = 0.65; two artists are ever shown.
  const std::string html = evaluation_page(whole_data()).html();
  EXPECT_THAT(html, HasSubstr("which are more concentrated than listening is"));
  EXPECT_THAT(html, HasSubstr("<td class=\"number\">2</td><td class=\"number\">0.65</td>"));
}

}  // namespace
}  // namespace mrec::report
