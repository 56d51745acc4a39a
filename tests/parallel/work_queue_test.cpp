#include "parallel/work_queue.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/error.h"

namespace mrec {
namespace {

const Communicator& world() {
  static const Communicator all = Communicator::world();
  return all;
}

// Tasks "0" to "n - 1"; a result is twice the number, a report the number.
struct Numbers {
  int num_tasks;
  int next_task = 0;
  std::set<int> running = {};
  std::map<int, int> results = {};
  int num_reports = 0;
  int most_at_once = 0;

  Dispatcher dispatcher() {
    return {.next = [this](int) -> std::optional<std::string> {
              if (next_task == num_tasks) return std::nullopt;
              running.insert(next_task);
              most_at_once = std::max(most_at_once, static_cast<int>(running.size()));
              return std::to_string(next_task++);
            },
            .is_over = [this] { return next_task == num_tasks; },
            .report =
                [this](int, const std::string& text) {
                  ++num_reports;
                  return std::stoi(text) % 2 == 0;
                },
            .done =
                [this](int, const std::string& text) {
                  const int task = std::stoi(text) / 2;
                  EXPECT_EQ(running.erase(task), 1U) << task;
                  results[task] = std::stoi(text);
                }};
  }
};

TEST(WorkQueue, EveryTaskIsDoneOnce) {
  const WorkGroups groups(world(), 1);
  Numbers numbers{.num_tasks = 25};
  int odd_went_on = 0;
  share_work(groups, numbers.dispatcher(),
             [&](const std::string& task, const Tell& tell, const Serve& serve) {
               if (tell(task) != (std::stoi(task) % 2 == 0)) ++odd_went_on;
               serve();
               return std::to_string(2 * std::stoi(task));
             });
  EXPECT_EQ(odd_went_on, 0);
  if (!world().is_root()) return;
  EXPECT_EQ(numbers.results.size(), 25U);
  EXPECT_EQ(numbers.num_reports, 25);
  EXPECT_TRUE(numbers.running.empty());
  EXPECT_LE(numbers.most_at_once, groups.num_groups());
}

TEST(WorkQueue, TasksMayComeFromThoseThatAreDone) {
  const WorkGroups groups(world(), 1);
  Numbers numbers{.num_tasks = 1};
  Dispatcher dispatcher = numbers.dispatcher();
  const auto done = dispatcher.done;
  dispatcher.done = [&](int group, const std::string& text) {
    done(group, text);
    if (numbers.num_tasks < 5) ++numbers.num_tasks;
  };
  share_work(groups, dispatcher, [](const std::string& task, const Tell&, const Serve&) {
    return std::to_string(2 * std::stoi(task));
  });
  if (world().is_root()) {
    EXPECT_EQ(numbers.results.size(), 5U);
  }
}

TEST(WorkQueue, AGroupWorksTogether) {
  if (world().size() < 2) {
    EXPECT_THROW(WorkGroups(world(), 2), InputError);
    return;
  }
  const WorkGroups groups(world(), 2);
  EXPECT_EQ(groups.num_groups(), std::max(1, (world().size() - 1) / 2));
  if (groups.index() >= 0) {
    EXPECT_GE(groups.group().size(), 2);
  }
  if (world().size() == 4 && groups.index() == 0) {
    EXPECT_EQ(groups.group().size(), 3);
  }
  Numbers numbers{.num_tasks = 7};
  share_work(groups, numbers.dispatcher(),
             [&](const std::string& task, const Tell& tell, const Serve&) {
               // Everybody of the group takes part.
               EXPECT_EQ(groups.group().max(std::stoi(task)), std::stoi(task));
               if (groups.group().is_root()) tell(task);
               return std::to_string(2 * std::stoi(task));
             });
  if (world().is_root()) {
    EXPECT_EQ(numbers.results.size(), 7U);
  }
}

TEST(WorkQueue, TooFewRanksForAGroupAreRefusedEverywhere) {
  EXPECT_THROW(WorkGroups(world(), 5), InputError);
}

TEST(WorkQueue, NothingToDoIsDoneAtOnce) {
  const WorkGroups groups(world(), 1);
  Numbers numbers{.num_tasks = 0};
  share_work(groups, numbers.dispatcher(),
             [](const std::string&, const Tell&, const Serve&) -> std::string {
               ADD_FAILURE();
               return "";
             });
}

}  // namespace
}  // namespace mrec
