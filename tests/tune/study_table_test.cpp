#include "tune/study_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tune/study_fixture.h"

namespace mrec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(StudyTable, TheBestComesFirstInEitherDirection) {
  Study study = small_study();
  EXPECT_THAT(best_first(study), ElementsAre(3, 0));
  EXPECT_THAT(all_best_first(study), ElementsAre(3, 0, 1, 2, 4, 5));
  study.settings.maximize = false;
  EXPECT_THAT(best_first(study), ElementsAre(0, 3));
}

TEST(StudyTable, OfEqualTrialsTheEarlierIsFirst) {
  Study study = small_study();
  study.trials[3].value = study.trials[0].value;
  EXPECT_THAT(best_first(study), ElementsAre(0, 3));
}

TEST(StudyTable, WhatATrialSaysOfItselfGoesBeforeItsTimes) {
  const Study study = small_study();
  EXPECT_EQ(seconds_of(study.trials[3]), 7.5);
  EXPECT_EQ(seconds_of(study.trials[0]), 10);
  EXPECT_TRUE(std::isnan(seconds_of(study.trials[4])));
  EXPECT_EQ(epochs_of(study.trials[3]), 12);
  EXPECT_EQ(epochs_of(study.trials[0]), 10);
  EXPECT_EQ(epochs_of(study.trials[4]), 0);
}

TEST(StudyTable, ATrialIsALineUnderTheHeadings) {
  const Study study = small_study();
  EXPECT_EQ(trials_text(study, {3, 5}),
            "number  state        value  epochs  seconds  dim  loss      learning_rate  kos_k\n"
            "     3  complete  0.250000      12      7.5   32  warp-kos           0.07      5\n"
            "     5  waiting          -       -        -   96  -                     -      -\n");
}

TEST(StudyTable, InJsonWhatIsNotKnownIsNull) {
  const std::string json = trials_json(small_study(), {4});
  EXPECT_THAT(json, HasSubstr("\"state\": \"running\""));
  EXPECT_THAT(json, HasSubstr("\"value\": null"));
  EXPECT_THAT(json, HasSubstr("\"start\": \"2025-11-25T03:00:40.000000Z\""));
  EXPECT_THAT(json, HasSubstr("\"end\": null"));
  EXPECT_THAT(json, HasSubstr("\"dim\": 48,"));
}

TEST(StudyTable, StudiesAreCountedByState) {
  EXPECT_EQ(
      studies_text({small_study()}),
      "study  direction  metric   trials  complete  pruned  fail  running  waiting      best\n"
      "small  maximize   ndcg@10       6         2       1     1        1        1  0.250000\n");
  EXPECT_THAT(studies_json({small_study()}), HasSubstr("\"number\": 3"));
}

TEST(StudyTable, TheParameterThatDecidesIsNamedFirst) {
  Study study{.settings = {.space = Space({parse_param("a=cat:x,y"), parse_param("b=float:0:1")})},
              .trials = {},
              .attributes = {}};
  for (int i = 0; i < 40; ++i) {
    study.trials.push_back({.state = TrialState::kComplete,
                            .configuration = {static_cast<double>(i % 2), i / 40.0},
                            .value = static_cast<double>(i)});
  }
  EXPECT_EQ(importance_of(study).front().param, "b");
  EXPECT_THAT(importance_text(importance_of(study)),
              testing::StartsWith("parameter  importance  fanova\nb"));
  study.trials.resize(1);
  EXPECT_TRUE(importance_of(study).empty());
}

TEST(StudyTable, ACommandCanBePastedIntoAShell) {
  EXPECT_EQ(command_of("mrec-train", {{"loss", "warp-kos"}, {"sync", "false"}, {"model", "it's"}}),
            R"(mrec-train --loss warp-kos --sync=false --model 'it'\''s')");
}

}  // namespace
}  // namespace mrec
