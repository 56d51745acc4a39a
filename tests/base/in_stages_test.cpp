#include "base/in_stages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace mrec {
namespace {

using Batch = std::vector<int>;
using Stage = std::function<void(Batch&)>;

// Batches of 3 of the numbers 0 .. 99.
std::function<bool(Batch&)> counting(int& next) {
  return [&next](Batch& batch) {
    batch.clear();
    while (batch.size() < 3 && next < 100) batch.push_back(next++);
    return !batch.empty();
  };
}

TEST(InStages, EveryStageTakesTheBatchesInOrderWithAnyNumberOfThreads) {
  for (const int threads : {1, 2, 5}) {
    int next = 0;
    std::vector<int> first;
    std::vector<int> second;
    const std::array<Stage, 2> stages{
        [&](Batch& batch) {
          first.insert(first.end(), batch.begin(), batch.end());
          for (int& number : batch) number = -number;
        },
        [&](Batch& batch) { second.insert(second.end(), batch.begin(), batch.end()); }};
    in_stages<Batch>(counting(next), stages, threads);
    ASSERT_EQ(first.size(), 100U);
    ASSERT_EQ(second.size(), 100U);
    for (int i = 0; i < 100; ++i) {
      EXPECT_EQ(first[static_cast<std::size_t>(i)], i);
      EXPECT_EQ(second[static_cast<std::size_t>(i)], -i);
    }
  }
}

TEST(InStages, NothingToFillMeansNoStage) {
  for (const int threads : {1, 2}) {
    const std::array<Stage, 1> stages{[](Batch& /*batch*/) { FAIL(); }};
    in_stages<Batch>([](Batch& /*batch*/) { return false; }, stages, threads);
  }
}

// Which of both errors comes out, and what has passed the last stage before.
TEST(InStages, TheErrorOfTheFirstBatchIsThrownAfterAllBatchesBeforeIt) {
  for (const int threads : {1, 2, 5}) {
    for (const std::string where : {"fill", "first", "second"}) {
      int next = 0;
      std::vector<int> passed;
      const auto fail = [&](const char* here, int number) {
        if (here == where && number >= 30) {
          throw std::runtime_error(where + " " + std::to_string(number));
        }
      };
      const std::array<Stage, 2> stages{[&](Batch& batch) { fail("first", batch[0]); },
                                        [&](Batch& batch) {
                                          fail("second", batch[0]);
                                          passed.push_back(batch[0]);
                                        }};
      const std::function<bool(Batch&)> fill = [&](Batch& batch) {
        fail("fill", next);
        return counting(next)(batch);
      };
      EXPECT_THAT([&] { in_stages<Batch>(fill, stages, threads); },
                  testing::ThrowsMessage<std::runtime_error>(where + " 30"));
      EXPECT_THAT(passed, testing::ElementsAre(0, 3, 6, 9, 12, 15, 18, 21, 24, 27)) << threads;
    }
  }
}

}  // namespace
}  // namespace mrec
