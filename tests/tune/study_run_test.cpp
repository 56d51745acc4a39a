#include "tune/study_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "temp_dir.h"
#include "tune/default_space.h"

namespace mrec {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

class StudyAtWork : public testing::Test {
 protected:
  StudyRun open(std::int64_t num_trials, bool resume = false) {
    return {path, resume, {.space = space}, {}, pruner, num_trials};
  }
  const TempDir directory;
  const std::string path = directory.path("study.journal");
  Space space = parse_space("x = \"float:0:1\"\n", "a test");
  PrunerParams pruner;
};

TEST_F(StudyAtWork, BeginsAsManyTrialsAsAreToBeFinished) {
  StudyRun study = open(3);
  for (int number = 0; number < 3; ++number) {
    EXPECT_FALSE(study.is_over());
    const auto trial = study.next();
    ASSERT_TRUE(trial.has_value());
    EXPECT_EQ(trial->number, number);
    EXPECT_EQ(trial->state, TrialState::kRunning);
  }
  EXPECT_FALSE(study.next().has_value()) << "three run";
  EXPECT_TRUE(study.is_over());
  EXPECT_EQ(study.num_finished(), 0);
  study.complete(1, 0.5, {{"epochs", "7"}});
  study.fail(0, "diverged");
  study.prune(2, {});
  EXPECT_EQ(study.num_finished(), 3) << "one that cannot be counts";
  EXPECT_EQ(study.trial(1).attributes.at("epochs"), "7");
  ASSERT_EQ(study.best(5).size(), 1U);
  EXPECT_EQ(study.best(5)[0].number, 1);
}

TEST_F(StudyAtWork, TrialsOfADeadRunAreRunAgain) {
  Configuration configuration;
  {
    StudyRun study = open(2);
    study.next();
    configuration = study.next()->configuration;
    study.complete(0, 0.25, {});
    study.set_attribute("note", "kept");
  }
  EXPECT_THAT([&] { open(2); }, ThrowsMessage<InputError>(HasSubstr("go on with it by --resume")));
  StudyRun study = open(2, true);
  EXPECT_EQ(study.num_finished(), 1);
  EXPECT_EQ(study.attribute("note"), "kept");
  EXPECT_EQ(study.attribute("other"), "");
  const auto trial = study.next();
  ASSERT_TRUE(trial.has_value());
  EXPECT_EQ(trial->number, 1);
  EXPECT_EQ(trial->configuration, configuration);
  EXPECT_TRUE(study.is_over());
}

TEST_F(StudyAtWork, ASpaceThatIsUsedUpEndsIt) {
  space = parse_space("x = [\"a\", \"b\"]\n", "a test");
  StudyRun study = open(10);
  EXPECT_TRUE(study.next() && study.next());
  EXPECT_FALSE(study.next().has_value());
  EXPECT_TRUE(study.is_over());
}

TEST_F(StudyAtWork, BadTrialsAreGivenUp) {
  pruner.pruner = "median";
  pruner.num_startup = 2;
  StudyRun study = open(4);
  for (int number = 0; number < 3; ++number) {
    study.next();
    EXPECT_TRUE(study.report(number, 5, 0.5));
    study.complete(number, 0.5, {});
  }
  study.next();
  EXPECT_FALSE(study.report(3, 5, 0.1));
  study.prune(3, {});
  EXPECT_EQ(study.trial(3).state, TrialState::kPruned);
}

TEST_F(StudyAtWork, OtherSettingsAreRefusedInOneLine) {
  open(1);
  space = parse_space("x = \"float:0:2\"\ny = \"int:1:3\"\n", "a test");
  EXPECT_THAT([&] { open(1, true); }, ThrowsMessage<InputError>(testing::AllOf(
                                          HasSubstr("space"), testing::Not(HasSubstr("\n")))));
}

TEST(DefaultSpace, HoldsWhatTheLossKnows) {
  const auto names = [](const Space& space) {
    std::string joined;
    for (const Param& param : space.params()) joined += param.name + " ";
    return joined;
  };
  EXPECT_EQ(names(default_space("bpr", "sgd")), "dim learning_rate user_alpha artist_alpha ");
  EXPECT_EQ(names(default_space("warp", "sgd")),
            "dim learning_rate user_alpha artist_alpha max_sampled ");
  EXPECT_THAT(names(default_space("warp-kos", "sgd")), HasSubstr("max_sampled kos_n kos_k "));
  EXPECT_THAT(names(default_space("logistic", "sgd")), HasSubstr("negatives "));
  EXPECT_THAT(names(default_space("ials", "sgd")), HasSubstr("tag_weight learning_rate "));
  EXPECT_THAT(names(default_space("ials", "als")), testing::Not(HasSubstr("learning_rate")));
}

}  // namespace
}  // namespace mrec
