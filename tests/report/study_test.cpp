#include "report/study.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "report/well_formed.h"
#include "tune/study_fixture.h"

namespace mrec::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// Trials of two values of a parameter each, with reports, one every ten seconds.
Study large_study(int num_trials) {
  std::vector<Param> params;
  for (int p = 0; p < 12; ++p) {
    params.push_back(
        parse_param("p" + std::to_string(p) + (p % 2 ? "=float:0.001:1:log" : "=cat:a,b,c")));
  }
  Study study{.settings = {.space = Space(params)}, .trials = {}, .attributes = {}};
  for (int i = 0; i < num_trials; ++i) {
    Trial trial{.number = i, .state = i % 3 == 0 ? TrialState::kPruned : TrialState::kComplete};
    for (int p = 0; p < 12; ++p) {
      const double u = std::fmod((i + 1) * 0.618034 * (p + 1), 1.0);
      trial.configuration.push_back(params[static_cast<std::size_t>(p)].distribution.at(u));
    }
    for (int step = 1; step <= 50; ++step) trial.intermediate[step] = step * 0.001 * (i % 7);
    if (trial.state == TrialState::kComplete) trial.value = std::sin(i) / 2;
    trial.start = 1764039600000000 + i * 10000000LL;
    trial.end = trial.start + 15000000;
    study.trials.push_back(trial);
  }
  return study;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(StudyPage, IsWellFormedAndHasItsSections) {
  const std::string html = study_page(small_study()).html();
  for (const char* heading : {"Overview", "History", "Parameters", "On the way", "Time"}) {
    EXPECT_THAT(html, HasSubstr("<h2>" + std::string(heading) + "</h2>"));
  }
  EXPECT_THAT(html, HasSubstr("it diverged"));
}

TEST(StudyPage, IsThereBeforeAnyTrialIsComplete) {
  Study study = small_study();
  study.trials.resize(3);
  study.trials.erase(study.trials.begin());
  EXPECT_THAT(study_page(study).html(), HasSubstr("No trial is complete yet."));
  study.trials.clear();
  EXPECT_THAT(study_page(study).html(), HasSubstr("No trial is complete yet."));
}

TEST(StudyPage, OfThousandsOfTrialsStaysSmall) {
  const std::string html = study_page(large_study(5000)).html();
  EXPECT_LT(html.size(), 2000000);
  EXPECT_THAT(html, HasSubstr("complete trials are drawn."));
}

TEST(StudyPage, ShowsTrialsOfAStudyWhoseValuesAreAllEqual) {
  Study study = large_study(9);
  for (Trial& trial : study.trials) trial.value = trial.state == TrialState::kComplete ? 0 : NAN;
  const std::string html = study_page(study).html();
  EXPECT_THAT(html, Not(HasSubstr("nan")));
  EXPECT_THAT(html, Not(HasSubstr("inf\"")));
}

TEST(StudyCharts, AreWellFormed) {
  Study study = small_study();
  study.settings.metric = "a < b & \"c\"";
  for (const std::string& svg :
       {history_chart(study, {0, 3}), slice_chart(study, 1, {0, 3}), slice_chart(study, 2, {0, 3}),
        parallel_chart(study, {0, 1, 2, 3}, {0, 3}, {3}), intermediate_chart(study, {0, 1, 3}),
        timeline_chart(study, timeline_of(study))}) {
    EXPECT_EQ(fault_of(svg), "");
  }
}

TEST(StudyCharts, ASliceHasADotForEachTrialThatHasTheParameter) {
  const Study study = small_study();
  EXPECT_EQ(count(slice_chart(study, 0, {0, 3}), "<circle"), 2);
  EXPECT_EQ(count(slice_chart(study, 3, {0, 3}), "<circle"), 1);
  EXPECT_THAT(slice_chart(study, 2, {0, 3}), HasSubstr("learning_rate (log)"));
}

TEST(StudyCharts, LaterTrialsAreDeeperInColour) {
  const Study study = large_study(100);
  EXPECT_THAT(slice_chart(study, 1, {1}), HasSubstr("class=\"t1\""));
  EXPECT_THAT(slice_chart(study, 1, {98}), HasSubstr("class=\"t5\""));
}

TEST(StudyCharts, TheContourIsDeepestWhereTheValueIsBest) {
  Study study{.settings = {.space = Space({parse_param("loss=cat:warp,bpr"),
                                           parse_param("rate=float:0.01:1:log"),
                                           parse_param("idle=float:0:1")})},
              .trials = {},
              .attributes = {}};
  for (int i = 0; i < 200; ++i) {
    const double u = std::fmod(i * 0.618034, 1.0);
    study.trials.push_back(
        {.number = i,
         .state = TrialState::kComplete,
         .configuration = {i % 2 * 1.0, 0.01 * std::pow(100, u), std::fmod(i * 0.414214, 1.0)},
         .value = i % 2 + 2 * u});
  }
  const auto pair = contour_pair(study);
  ASSERT_TRUE(pair.has_value());
  EXPECT_EQ(pair->x, 0U) << "choices lie on the lower axis";
  EXPECT_EQ(pair->y, 1U);
  const std::string svg =
      contour_chart(study, *pair, Forest(study.settings.space, study.trials), {0, 1});
  EXPECT_EQ(fault_of(svg), "");
  EXPECT_EQ(count(svg, "<rect class=\"t"), 48U);
  EXPECT_EQ(count(svg, "class=\"ring\""), 2U);
  const std::size_t deepest = svg.find("class=\"t5\"");
  ASSERT_NE(deepest, std::string::npos);
  EXPECT_THAT(svg.substr(deepest, 200), HasSubstr("loss bpr"));
}

TEST(StudyCharts, RungsAreUprightLines) {
  Study study = large_study(9);
  EXPECT_EQ(count(intermediate_chart(study, {0, 1}), "rung"), 0U);
  study.settings.identity["rungs"] = "3 9 27 81";
  EXPECT_EQ(count(intermediate_chart(study, {0, 1}), "axis rung"), 3U) << "those of the axis";
}

TEST(StudyCharts, PrunedTrialsEndInARing) {
  EXPECT_EQ(count(intermediate_chart(small_study(), {0, 1, 3}), "class=\"ring\""), 1);
}

TEST(StudyCharts, AllLinesOfParallelCoordinatesAreDrawnAndTheBestOnesAgain) {
  const std::string svg = parallel_chart(small_study(), {0, 1, 2, 3}, {0, 3}, {3});
  EXPECT_EQ(count(svg, "class=\"thread\""), 2);
  EXPECT_EQ(count(svg, "class=\"thread strong\""), 1);
  EXPECT_EQ(count(svg, "class=\"axis\""), 5);
}

TEST(Timeline, TrialsThatOverlapLieInLanesOfTheirOwn) {
  // Each takes 15 s, one begins every 10 s: two lanes, each idle for 5 s of 20.
  const Timeline timeline = timeline_of(large_study(4));
  EXPECT_EQ(timeline.lanes.size(), 2);
  EXPECT_EQ(timeline.length, 45);
  EXPECT_NEAR(timeline.busy, 60.0 / 90, 1e-12);
  EXPECT_EQ(timeline.longest_gap, 10);
}

TEST(Timeline, AGroupOfRanksIsALane) {
  Study study = large_study(4);
  for (Trial& trial : study.trials) trial.attributes["group"] = trial.number == 2 ? "10" : "9";
  const Timeline timeline = timeline_of(study);
  EXPECT_THAT(timeline.lanes, ElementsAre("group 9", "group 10"));
  EXPECT_EQ(timeline.bars[2].lane, 1);
  EXPECT_EQ(timeline.bars[3].lane, 0);
}

TEST(Timeline, ATrialThatWasPutAsideHasABarForEachRun) {
  Study study = large_study(2);
  const std::int64_t begin = study.trials[0].start;
  const auto at = [&](int second) { return std::to_string(begin + second * 1'000'000LL); };
  study.trials[0].attributes["group"] = "1";
  study.trials[0].attributes["runs"] = "0:" + at(0) + ":" + at(4) + " 1:" + at(9) + ":" + at(10);
  study.trials[1].attributes["group"] = "0";
  const Timeline timeline = timeline_of(study);
  ASSERT_EQ(timeline.bars.size(), 3U);
  EXPECT_EQ(timeline.bars[0].end, 4);
  EXPECT_EQ(timeline.bars[1].start, 9);
  EXPECT_EQ(timeline.bars[1].lane, 1);
  EXPECT_EQ(timeline.bars[2].lane, 0);
}

TEST(Timeline, ATrialThatRunsReachesToTheEnd) {
  const Timeline timeline = timeline_of(small_study());
  EXPECT_EQ(timeline.bars.back().end, timeline.length);
}

TEST(Thinned, KeepsTheEnds) {
  EXPECT_THAT(thinned({1, 2, 3, 4, 5, 6, 7}, 3), ElementsAre(1, 4, 7));
  EXPECT_THAT(thinned({1, 2}, 3), ElementsAre(1, 2));
}

}  // namespace
}  // namespace mrec::report
