#include "tune/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/error.h"
#include "temp_dir.h"
#include "tune/file_lock.h"

namespace mrec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

StudySettings settings() {
  return {.name = "tastes",
          .maximize = true,
          .metric = "ndcg@10",
          .space = parse_space(R"(
dim = "int:16:128:16"
loss = ["warp", "bpr"]
rate = "float:0.01:1:log"
sampled = { type = "int", low = 5, high = 100, log = true, when = { loss = "warp" } }
)",
                               "test"),
          .identity = {{"seed", "42"}, {"dataset", "1e5"}}};
}

void write(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

void append(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary | std::ios::app) << text;
}

class JournalTest : public testing::Test {
 protected:
  TempDir dir_;
  std::string path_ = dir_.path("study.journal");
};

// Every kind of line.
void fill(Journal& journal) {
  const auto first = journal.start({64, 0, 0.05, 10});
  journal.report(first, 5, 0.1);
  journal.report(first, 10, 0.125);
  journal.complete(first, 0.125, {{"precision@10", "0.5"}, {"note", "a \"quoted\" \n é"}});
  const auto second = journal.start({16, 1, 0.3, kNone});
  journal.report(second, 5, kNone);
  journal.prune(second, kNone);
  const auto third = journal.start({32, 1, 0.3, kNone});
  journal.set_attribute(third, "host", "node7");
  journal.fail(third, Failure::kObjective, "the loss is not finite");
  journal.enqueue({128, kNone, kNone, kNone});
  journal.start(3, {128, 0, 0.02, 50});
  journal.start({48, 1, 0.1, kNone});
  journal.complete(3, 0.25);
  journal.set_attribute("note", "halfway");
}

void expect_filled(const std::vector<Trial>& trials) {
  ASSERT_EQ(trials.size(), 5);
  EXPECT_EQ(trials[0].state, TrialState::kComplete);
  EXPECT_EQ(trials[0].value, 0.125);
  EXPECT_THAT(trials[0].configuration, ElementsAre(64, 0, 0.05, 10));
  EXPECT_EQ(trials[0].intermediate, (std::map<int, double>{{5, 0.1}, {10, 0.125}}));
  EXPECT_EQ(trials[0].attributes.at("precision@10"), "0.5");
  EXPECT_EQ(trials[0].attributes.at("note"), "a \"quoted\" \n é");
  EXPECT_LE(trials[0].start, trials[0].end);
  EXPECT_GT(trials[0].start, 1600000000LL * 1000000);
  EXPECT_EQ(trials[1].state, TrialState::kPruned);
  EXPECT_TRUE(std::isnan(trials[1].intermediate.at(5)));
  EXPECT_TRUE(std::isnan(trials[1].configuration[3]));
  EXPECT_EQ(trials[2].state, TrialState::kFail);
  EXPECT_EQ(trials[2].failure, Failure::kObjective);
  EXPECT_EQ(trials[2].attributes.at("failure"), "the loss is not finite");
  EXPECT_EQ(trials[3].state, TrialState::kComplete);
  EXPECT_THAT(trials[3].configuration, ElementsAre(128, 0, 0.02, 50));
  EXPECT_EQ(trials[4].state, TrialState::kRunning);
}

TEST_F(JournalTest, TellsWhatWasPutIntoIt) {
  {
    Journal journal(path_, settings());
    fill(journal);
    expect_filled(journal.trials());
  }
  const Journal again(path_, settings());
  expect_filled(again.trials());
  const Study study = read_study(path_, "tastes");
  expect_filled(study.trials);
  EXPECT_EQ(study.settings.space, settings().space);
  EXPECT_EQ(study.settings.metric, "ndcg@10");
  EXPECT_EQ(study.settings.identity, settings().identity);
  EXPECT_EQ(study.attributes.at("note"), "halfway");
  EXPECT_THAT(study_names(path_), ElementsAre("tastes"));
  EXPECT_FALSE(std::filesystem::exists(path_ + ".lock"));
}

TEST_F(JournalTest, SurvivesACrashAtEachByte) {
  {
    Journal journal(path_, settings());
    fill(journal);
  }
  constexpr std::size_t kAppendEvery = 97;
  const std::string whole = read_file(path_);
  const std::string crashed = dir_.path("crashed.journal");
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const std::string prefix = whole.substr(0, size);
    std::filesystem::remove(crashed);  // some file systems wait for the disk when one is cut
    write(crashed, prefix);
    // A line is lost only when it is not whole, its end apart.
    const bool only_end_is_missing = size < whole.size() && whole[size] == '\n';
    const std::size_t lines = prefix.rfind('\n') == std::string::npos ? 0 : prefix.rfind('\n') + 1;
    const std::string kept = only_end_is_missing ? prefix + '\n' : prefix.substr(0, lines);

    std::size_t num_finished = 0;
    for (const char* state : {"\"state\":1,", "\"state\":2,", "\"state\":3,"}) {
      for (std::size_t at = kept.find(state); at != std::string::npos;
           at = kept.find(state, at + 1)) {
        ++num_finished;
      }
    }
    Journal journal(crashed, settings());
    std::size_t found = 0;
    for (const Trial& trial : journal.trials()) found += is_finished(trial.state) ? 1 : 0;
    ASSERT_EQ(found, num_finished) << size;
    ASSERT_TRUE(read_file(crashed).starts_with(kept)) << size;
    if (size % kAppendEvery != 0) continue;  // they wait for the disk
    journal.requeue();
    journal.complete(journal.start({64, 0, 0.05, 10}), 0.5);
    ASSERT_NO_THROW(read_study(crashed, "tastes")) << size;
  }
}

TEST_F(JournalTest, NamesTheLineThatIsDamaged) {
  {
    Journal journal(path_, settings());
    fill(journal);
  }
  const std::string whole = read_file(path_);
  std::string damaged = whole;
  const std::size_t second = whole.find('\n') + 1;
  damaged[second] = 'x';
  write(path_, damaged);
  EXPECT_THAT([&] { Journal journal(path_, settings()); },
              ThrowsMessage<InputError>(HasSubstr(path_ + ":2: not a line of a journal")));
  EXPECT_THROW(read_study(path_, "tastes"), InputError);
  // Any byte of it: an error of ours or a study, never anything else.
  for (std::size_t i = 0; i < whole.size(); i += 3) {
    damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x15);
    write(path_, damaged);
    try {
      read_study(path_, "tastes");
    } catch (const Error&) {
      continue;
    }
  }
}

TEST_F(JournalTest, RefusesAStudyWithOtherSettings) {
  { const Journal journal(path_, settings()); }
  const auto message = [&](const StudySettings& other, const char* part) {
    EXPECT_THAT([&] { Journal journal(path_, other); }, ThrowsMessage<InputError>(HasSubstr(part)));
  };
  StudySettings other = settings();
  other.identity["seed"] = "43";
  message(other, "the study tastes has the seed '42', this run has '43'");
  other = settings();
  other.space = parse_space("dim = \"int:16:128:16\"", "test");
  message(other, "the study tastes has the space");
  other = settings();
  other.maximize = false;
  message(other, "has the direction 'maximize'");
  other = settings();
  other.metric = "auc";
  message(other, "has the metric 'ndcg@10', this run has 'auc'");
  other = settings();
  other.name = "another";
  EXPECT_NO_THROW(Journal(path_, other));
  EXPECT_THAT(study_names(path_), ElementsAre("tastes", "another"));
  EXPECT_THAT([&] { read_study(path_, "none"); },
              ThrowsMessage<InputError>(HasSubstr("no study 'none'; there are tastes, another")));
}

TEST_F(JournalTest, IsForOneProcessOfOurs) {
  const Journal journal(path_, settings());
  EXPECT_THAT([&] { Journal second(path_, settings()); },
              ThrowsMessage<InputError>(HasSubstr("another process is working")));
}

TEST_F(JournalTest, CountsTrialsOfOtherStudiesAsOptunaDoes) {
  StudySettings other = settings();
  other.name = "another";
  {
    Journal journal(path_, other);
    journal.complete(journal.start({64, 0, 0.05, 10}), 0.5);
  }
  {
    Journal journal(path_, settings());
    EXPECT_EQ(journal.start({64, 1, 0.05, kNone}), 0);
    journal.complete(0, 0.75);
  }
  EXPECT_EQ(read_study(path_, "another").trials[0].value, 0.5);
  EXPECT_EQ(read_study(path_, "tastes").trials[0].value, 0.75);
}

TEST_F(JournalTest, SeesWhatOthersEnqueue) {
  Journal journal(path_, settings());
  journal.start({64, 0, 0.05, 10});
  append(
      path_,
      R"({"op_code": 4, "worker_id": "py", "study_id": 0, "datetime_start": null, "state": 4, "user_attrs": {"why": [1]}, "system_attrs": {"fixed_params": {"dim": 128, "loss": "bpr", "sampled": 7}}})"
      "\n"
      R"({"op_code": 4, "worker_id": "py", "study_id": 0, "datetime_start": null, "state": 4, "system_attrs": {"fixed_params": {"dim": 129, "loss": "hinge", "k": 1}}})"
      "\n");
  EXPECT_EQ(journal.trials().size(), 1);
  journal.refresh();
  ASSERT_EQ(journal.trials().size(), 3);
  const Trial good = journal.trials()[1];
  EXPECT_EQ(good.state, TrialState::kWaiting);
  EXPECT_EQ(good.configuration[0], 128);
  EXPECT_EQ(good.configuration[1], 1);
  EXPECT_TRUE(std::isnan(good.configuration[2]));
  EXPECT_EQ(good.attributes.at("why"), "[1]");
  EXPECT_EQ(good.problem, "");
  EXPECT_THAT(journal.trials()[2].problem, HasSubstr("dim = 129 is not of"));
  EXPECT_THAT(journal.trials()[2].problem, HasSubstr("loss = hinge is not of"));
  EXPECT_THAT(journal.trials()[2].problem, HasSubstr("k is not searched"));

  EXPECT_TRUE(journal.start(1, {128, 1, 0.5, kNone}));
  EXPECT_FALSE(journal.start(1, {128, 1, 0.5, kNone}));
  EXPECT_TRUE(std::isnan(journal.trials()[1].configuration[3]));
  // Behind theirs, though we have not looked.
  append(
      path_,
      R"({"op_code": 4, "worker_id": "py", "study_id": 0, "datetime_start": null, "state": 4, "system_attrs": {"fixed_params": {}}})"
      "\n");
  EXPECT_EQ(journal.start({64, 0, 0.05, 11}), 4);
}

TEST_F(JournalTest, LetsTrialsOfADeadRunWaitAgain) {
  for (int run = 0; run < 3; ++run) {
    Journal journal(path_, settings());
    const auto again = journal.requeue();
    if (run == 0) {
      EXPECT_THAT(again, IsEmpty());
      journal.start({64, 0, 0.05, 10});
      continue;
    }
    ASSERT_THAT(again, ElementsAre(0));
    EXPECT_EQ(journal.trials()[0].attempt, run);
    EXPECT_EQ(journal.trials()[0].state, TrialState::kWaiting);
    EXPECT_THAT(journal.trials()[0].configuration, ElementsAre(64, 0, 0.05, 10));
    journal.start(0, journal.trials()[0].configuration);
  }
  Journal journal(path_, settings());
  EXPECT_THAT(journal.requeue(), IsEmpty());
  EXPECT_EQ(journal.trials()[0].state, TrialState::kFail);
  EXPECT_EQ(journal.trials()[0].failure, Failure::kInfrastructure);
}

TEST_F(JournalTest, KeepsPausedTrials) {
  {
    Journal journal(path_, settings());
    journal.start({64, 0, 0.05, 10});
    journal.start({16, 0, 0.05, 10});
    journal.start({32, 0, 0.05, 10});
    journal.pause(0, 5);
    journal.pause(1, 7, {{"seconds", "2.5"}});
    journal.resume(1);
    EXPECT_EQ(journal.trials()[1].paused_at, 0);
    EXPECT_EQ(journal.trials()[1].resumed_at, 7);
  }
  Journal journal(path_, settings());
  EXPECT_THAT(journal.requeue(), ElementsAre(2)) << "it has no checkpoint";
  EXPECT_EQ(journal.trials()[0].state, TrialState::kRunning);
  EXPECT_EQ(journal.trials()[0].paused_at, 5);
  EXPECT_EQ(journal.trials()[0].attempt, 0);
  EXPECT_EQ(journal.trials()[1].paused_at, 7) << "from where it can go on again";
  EXPECT_EQ(journal.trials()[1].attempt, 1);
  EXPECT_EQ(journal.trials()[1].attributes.at("seconds"), "2.5");
  journal.prune(0, 0.1);
  EXPECT_EQ(journal.trials()[0].value, 0.1);
}

TEST_F(JournalTest, LeavesRunningTrialsOfOthersAlone) {
  Journal journal(path_, settings());
  append(
      path_,
      R"({"op_code": 4, "worker_id": "py", "study_id": 0, "datetime_start": "2026-11-23T03:00:00.000000"})"
      "\n");
  EXPECT_THAT(journal.requeue(), IsEmpty());
  EXPECT_EQ(journal.trials()[0].state, TrialState::kRunning);
}

TEST_F(JournalTest, ReadsStudiesThatOptunaHasMade) {
  write(path_,
        R"({"op_code": 0, "worker_id": "w", "study_name": "s", "directions": [1]}
{"op_code": 4, "worker_id": "w", "study_id": 0, "datetime_start": "2026-11-23T03:00:00.500000+01:00"}
{"op_code": 5, "worker_id": "w", "trial_id": 0, "param_name": "x", "param_value_internal": 0.5, "distribution": "{\"name\": \"FloatDistribution\", \"attributes\": {\"step\": null, \"low\": 0.0, \"high\": 1.0, \"log\": false}}"}
{"op_code": 7, "worker_id": "w", "trial_id": 0, "step": 1, "intermediate_value": NaN}
{"op_code": 7, "worker_id": "w", "trial_id": 0, "step": 2, "intermediate_value": -Infinity}
{"op_code": 8, "worker_id": "w", "trial_id": 0, "user_attr": {"a \"NaN\"": "NaN \\"}}
{"op_code": 6, "worker_id": "w", "trial_id": 0, "state": 1, "values": [2.5], "datetime_complete": "2026-11-23T03:00:01.000000+01:00"}
{"op_code": 10, "worker_id": "w", "anything": 1}
{"op_code": 4, "worker_id": "w", "study_id": 0, "datetime_start": "2026-11-23T03:00:00.000000+00:00", "datetime_complete": "2026-11-23T03:00:01+00:00", "state": 1, "value": 0.125, "values": null, "distributions": {"c": "{\"name\": \"CategoricalDistribution\", \"attributes\": {\"choices\": [\"p\", null]}}"}, "params": {"c": 1}, "user_attrs": {}, "system_attrs": {}, "intermediate_values": {"5": 0.05}}
)");
  const Study study = read_study(path_, "s");
  EXPECT_FALSE(study.settings.maximize);
  ASSERT_EQ(study.trials.size(), 2);
  ASSERT_EQ(study.settings.space.size(), 2);
  EXPECT_EQ(study.settings.space.params()[0].name, "x");
  EXPECT_EQ(study.trials[0].configuration[0], 0.5);
  EXPECT_TRUE(std::isnan(study.trials[0].configuration[1]));
  EXPECT_EQ(study.trials[0].value, 2.5);
  EXPECT_EQ(study.trials[0].start, 1795399200500000);
  EXPECT_EQ(study.trials[0].end - study.trials[0].start, 500000);
  EXPECT_TRUE(std::isnan(study.trials[0].intermediate.at(1)));
  EXPECT_EQ(study.trials[0].intermediate.at(2), -INFINITY);
  EXPECT_EQ(study.trials[0].attributes.at("a \"NaN\""), "NaN \\");
  EXPECT_EQ(study.trials[1].value, 0.125);
  EXPECT_EQ(study.trials[1].configuration[1], 1);
  EXPECT_EQ(study.trials[1].intermediate.at(5), 0.05);
}

TEST_F(JournalTest, LosesNothingWhenKilledAtAnyTime) {
  std::size_t num_finished = 0;
  for (int run = 0; run < 10; ++run) {
    const pid_t child = fork();
    if (child == 0) {
      Journal journal(path_, settings());
      journal.requeue(1000);
      for (int i = 0;; ++i) {
        const auto number = journal.start({64, 0, 0.05, 10});
        journal.report(number, 1, 0.1);
        journal.complete(number, 0.5);
      }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(13 + 7 * run));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    std::size_t found = 0;
    if (read_file(path_).find("mrec:space") == std::string::npos) continue;
    for (const Trial& trial : read_study(path_, "tastes").trials) {
      found += is_finished(trial.state) ? 1 : 0;
    }
    EXPECT_GE(found, num_finished);
    num_finished = found;
  }
  EXPECT_GT(num_finished, 0);
}

TEST_F(JournalTest, SaysThatItCannotBeOpened) {
  EXPECT_THROW(Journal(dir_.path("none/study.journal"), settings()), InputError);
  EXPECT_THROW(read_study(dir_.path("none"), "s"), InputError);
}

TEST(FileLock, WaitsForItsOwner) {
  const TempDir dir;
  const std::string path = dir.path("x");
  constexpr int kRounds = 200;
  int count = 0;  // only the lock guards it
  const auto work = [&] {
    for (int i = 0; i < kRounds; ++i) {
      const FileLock lock(path);
      ++count;
    }
  };
  std::thread first(work);
  work();
  first.join();
  EXPECT_EQ(count, 2 * kRounds);
}

TEST(FileLock, IsTakenFromTheDead) {
  const TempDir dir;
  const std::string path = dir.path("x");
  const auto is_locked = [&] {  // the lock is a link that leads nowhere here
    return std::filesystem::exists(std::filesystem::symlink_status(path + ".lock"));
  };
  const pid_t child = fork();
  if (child == 0) {
    const FileLock lock(path);
    _exit(0);  // without its destructor
  }
  waitpid(child, nullptr, 0);
  ASSERT_TRUE(is_locked()) << "the child has left it";
  // By its owner's death, not by its age: else this would wait for the limit of the test.
  { const FileLock lock(path, std::chrono::hours(1)); }
  EXPECT_FALSE(is_locked());

  write(path + ".lock", "");  // as Optuna's other lock, of a process that we do not know
  { const FileLock lock(path, std::chrono::milliseconds(200)); }
  EXPECT_FALSE(is_locked());
}

}  // namespace
}  // namespace mrec
