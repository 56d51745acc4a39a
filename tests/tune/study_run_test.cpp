#include "tune/study_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <utility>
#include <vector>

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
    rule.num_trials = num_trials;
    return {path, resume, {.space = space}, {.rule = rule, .pruner = pruner, .max_step = 15}};
  }
  const TempDir directory;
  const std::string path = directory.path("study.journal");
  Space space = parse_space("x = \"float:0:1\"\n", "a test");
  PrunerParams pruner;
  SuggestionRule rule;
};

TEST_F(StudyAtWork, BeginsAsManyTrialsAsAreToBeFinished) {
  StudyRun study = open(3);
  for (int number = 0; number < 3; ++number) {
    EXPECT_FALSE(study.is_over());
    const auto trial = study.next();
    ASSERT_TRUE(trial.has_value());
    EXPECT_EQ(trial->trial.number, number);
    EXPECT_EQ(trial->trial.state, TrialState::kRunning);
    EXPECT_EQ(trial->to_step, 15);
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
    configuration = study.next()->trial.configuration;
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
  EXPECT_EQ(trial->trial.number, 1);
  EXPECT_EQ(trial->trial.configuration, configuration);
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

TEST_F(StudyAtWork, AshaPausesPromotesAndEndsWithOneComplete) {
  pruner.pruner = "asha";  // rungs 5 and 15
  StudyRun study = open(4);
  for (int number = 0; number < 3; ++number) {
    const auto run = study.next();
    ASSERT_TRUE(run.has_value());
    EXPECT_EQ(run->from_step, 0);
    EXPECT_EQ(run->to_step, 5);
    EXPECT_TRUE(study.may_go_on(study.trial(number))) << "it may be put aside at any moment";
    study.report(number, 5, 0.1 * number);
    study.pause(number, 5, {{"seconds", "1"}});
  }
  EXPECT_TRUE(study.may_go_on(study.trial(2)));
  EXPECT_FALSE(study.may_go_on(study.trial(1))) << "of four only one can go on";
  const auto promoted = study.next();
  ASSERT_TRUE(promoted.has_value());
  EXPECT_EQ(promoted->trial.number, 2) << "one in three goes on";
  EXPECT_EQ(promoted->from_step, 5);
  EXPECT_EQ(promoted->to_step, 15);
  const auto last = study.next();
  ASSERT_TRUE(last.has_value());
  EXPECT_EQ(last->trial.number, 3);
  study.report(3, 5, 0.05);
  study.pause(3, 5, {});
  EXPECT_FALSE(study.next().has_value());
  study.complete(2, 0.5, {});
  EXPECT_TRUE(study.is_over());
  study.prune_paused();
  EXPECT_EQ(study.num_finished(), 4);
  EXPECT_EQ(study.trial(3).value, 0.05);
}

TEST_F(StudyAtWork, AshaWithFewTrialsBringsTheBestToItsEnd) {
  pruner.pruner = "asha";
  StudyRun study = open(2);
  for (int number = 0; number < 2; ++number) {
    study.next();
    study.report(number, 5, 0.5 - 0.1 * number);
    study.pause(number, 5, {});
  }
  EXPECT_FALSE(study.is_over());
  EXPECT_TRUE(study.may_go_on(study.trial(0)));
  const auto run = study.next();
  ASSERT_TRUE(run.has_value());
  EXPECT_EQ(run->trial.number, 0);
  study.complete(0, 0.6, {});
  EXPECT_TRUE(study.is_over());
}

TEST_F(StudyAtWork, WhatASignalHasPutAsideGoesOnFirst) {
  {
    StudyRun study = open(3);
    study.next();
    study.next();
    study.report(1, 5, 0.5);
    study.pause(1, 7, {});
  }
  StudyRun study = open(3, true);
  EXPECT_FALSE(study.is_over());
  const auto run = study.next();
  ASSERT_TRUE(run.has_value());
  EXPECT_EQ(run->trial.number, 1);
  EXPECT_EQ(run->from_step, 7);
  EXPECT_EQ(run->to_step, 15);
  EXPECT_EQ(study.next()->trial.number, 0) << "of the dead run, from the beginning";
  EXPECT_EQ(study.next()->from_step, 0);
  EXPECT_TRUE(study.is_over());
}

TEST_F(StudyAtWork, NothingBeginsThatWouldNotEndInTime) {
  StudyRun study = open(3);
  study.next();
  EXPECT_FALSE(study
                   .next([](const Configuration&, int from_step, int to_step) {
                     EXPECT_EQ(to_step - from_step, 15);
                     return false;
                   })
                   .has_value());
  EXPECT_TRUE(study.is_over());
  EXPECT_TRUE(study.is_out_of_time());
  EXPECT_EQ(study.trials().size(), 1U) << "it was not begun";
}

// The configurations and values of a study whose trials end in some order, `width` at a time.
std::vector<std::pair<Configuration, double>> carried_out(StudyRun study, std::size_t width,
                                                          std::uint64_t luck) {
  std::vector<std::int64_t> running;
  while (true) {
    while (running.size() < width) {
      const auto run = study.next();
      if (!run) break;
      running.push_back(run->trial.number);
    }
    if (running.empty()) break;
    luck = luck * 6364136223846793005ULL + 1442695040888963407ULL;
    const auto chosen =
        running.begin() + static_cast<std::ptrdiff_t>((luck >> 33U) % running.size());
    const double x = study.trial(*chosen).configuration[0];
    const double value = -(x - 0.3) * (x - 0.3);
    if (study.report(*chosen, 5, value)) {
      study.complete(*chosen, value, {});
    } else {
      study.prune(*chosen, {});
    }
    running.erase(chosen);
  }
  EXPECT_TRUE(study.is_over());
  std::vector<std::pair<Configuration, double>> found;
  for (const Trial& trial : study.trials()) found.emplace_back(trial.configuration, trial.value);
  return found;
}

TEST_F(StudyAtWork, StrictOrderGivesTheSameStudyWhateverEndsFirst) {
  rule.lag = 6;
  pruner.pruner = "median";
  const auto alone = carried_out(open(40), 1, 1);
  EXPECT_EQ(recompute_suggestions(path, "mrec").num_same, 40);
  for (const std::size_t width : {2U, 4U, 9U}) {
    std::filesystem::remove(path);
    EXPECT_EQ(carried_out(open(40), width, width), alone) << width;
  }
  rule.lag = 5;
  EXPECT_THAT([&] { open(40, true); }, ThrowsMessage<InputError>(HasSubstr("--order strict:6")));
  rule.lag = -9;  // whatever it is
  open(40, true);
}

TEST_F(StudyAtWork, NothingIsTriedTwiceByAnyNumberOfWorkers) {
  space =
      parse_space("x = \"float:0:1:0.2\"\ny = \"int:1:6\"\nz = \"cat:a,b,c,d,e,f\"\n", "a test");
  for (const std::size_t width : {1U, 2U, 4U, 8U}) {
    std::filesystem::remove(path);
    const auto found = carried_out(open(100), width, width);
    EXPECT_EQ(found.size(), 100U) << width;
    std::set<Configuration> different;
    for (const auto& [configuration, value] : found) different.insert(configuration);
    EXPECT_EQ(different.size(), 100U) << width;
  }
}

TEST_F(StudyAtWork, EverySuggestionCanBeComputedAgain) {
  rule.sampler.num_startup = 3;
  carried_out(open(20), 3, 1);
  const auto found = recompute_suggestions(path, "mrec");
  EXPECT_EQ(found.num_same, 20);
  EXPECT_EQ(found.difference, "");
  EXPECT_EQ(found.num_unknown, 0);

  // A value that is another one.
  std::string text = read_file(path);
  const std::size_t last = text.rfind("\"params\":{\"x\":0.");
  ASSERT_NE(last, std::string::npos);
  char& digit = text[last + std::string("\"params\":{\"x\":0.").size()];
  digit = digit == '9' ? '1' : '9';
  directory.file("changed.journal", text);
  EXPECT_THAT(recompute_suggestions(directory.path("changed.journal"), "mrec").difference,
              testing::AllOf(HasSubstr("trial 19 has x=0."), HasSubstr("computed again it is x=")));
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
