#include "parallel/trial.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/error.h"
#include "planted.h"

namespace mrec {
namespace {

class TrialRun : public testing::Test {
 protected:
  TrialRun() : world(Communicator::world()), node(world.split_by_node()) {
    const int* outer = planted.train.outerIndexPtr();
    const std::vector<std::int64_t> offsets(outer, outer + Planted::kUsers + 1);
    const Shard shard = shard_of(offsets, world.rank(), world.size());
    data = {.rows = {.shard = shard,
                     .first_interaction = offsets[static_cast<std::size_t>(shard.begin)],
                     .train = {.weights = rows_of(planted.train, shard)},
                     .valid = {.weights = rows_of(planted.test, shard)}},
            .tags = SparseMatrix(Planted::kArtists, 0),
            .features = {.values = SparseMatrix(Planted::kArtists, 0), .names = {}, .types = {}}};
    params.dim = 8;
    params.epochs = 12;
  }

  // Ends after the report of epoch `last`; counts epochs on the root.
  TrialResult run(int last = 1'000) {
    reports.clear();
    epochs = 0;
    return run_trial(
        world, node, data, params, 10, 5,
        [&](const TrialReport& report) {
          reports.push_back(report);
          return report.epoch < last;
        },
        [&] { ++epochs; });
  }

  const Communicator world;
  const Communicator node;
  const Planted planted;
  TrialData data;
  TrainParams params;
  std::vector<TrialReport> reports;
  int epochs = 0;
};

TEST_F(TrialRun, ReportsOnTheWayAndAtTheEnd) {
  for (const char* solver : {"warp", "sgd", "als"}) {
    params.loss = std::string(solver) == "warp" ? "warp" : "ials";
    if (params.is_square()) params.solver = solver;
    const TrialResult result = run();
    EXPECT_FALSE(result.stopped);
    EXPECT_TRUE(result.last.has_value());
    if (!world.is_root()) continue;
    ASSERT_EQ(reports.size(), 3U) << solver;
    EXPECT_EQ(reports[0].epoch, 5);
    EXPECT_EQ(reports[1].epoch, 10);
    EXPECT_EQ(reports[2].epoch, 12);
    EXPECT_EQ(epochs, 12);
    EXPECT_EQ(reports[2].ndcg, result.last->ndcg);
    EXPECT_GT(result.last->ndcg, 0.25) << solver << ": the tastes are found";
  }
}

TEST_F(TrialRun, EndsOnEveryRankWhenTheAnswerIsNo) {
  const TrialResult result = run(5);
  EXPECT_TRUE(result.stopped);
  EXPECT_EQ(result.last->epoch, 5);
  if (world.is_root()) {
    EXPECT_EQ(epochs, 5);
  }
}

TEST_F(TrialRun, OptionsThatDoNotFitAreRefusedOnEveryRank) {
  params.features = "identity+metadata";
  EXPECT_THROW(run(), InputError) << "there are no metadata";
  params = {};
  params.loss = "ials";
  params.learning_rate = 1e20;
  params.dim = 8;
  EXPECT_THROW(run(), Verdict) << "diverges";
}

}  // namespace
}  // namespace mrec
