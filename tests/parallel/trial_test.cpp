#include "parallel/trial.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/error.h"
#include "planted.h"
#include "temp_dir.h"

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
    times_attended = 0;
    return run_trial(world, node, data, params, plan,
                     {.tell =
                          [&](const TrialReport& report) {
                            reports.push_back(report);
                            return report.epoch < last;
                          },
                      .after_epoch = [&] { return ++epochs != leave_after; },
                      .within_epoch = [&] { ++times_attended; },
                      .use =
                          [&](const Parameters& parameters) {
                            artists = parameters.artist_factors;
                            users = parameters.users.factors(0, data.rows.shard.size());
                          }});
  }

  const Communicator world;
  const Communicator node;
  const Planted planted;
  TrialData data;
  TrainParams params;
  TrialPlan plan;
  int leave_after = 0;
  Matrix artists;  // what was learnt
  Matrix users;
  std::vector<TrialReport> reports;
  int epochs = 0;
  int times_attended = 0;
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
    if (params.is_square()) {
      EXPECT_GT(times_attended, 2 * epochs) << "also within epochs";
    }
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

// What has been learnt, with the trial put aside after some epochs, each time by a new trainer.
TEST_F(TrialRun, GoesOnBitForBitWhereItWasPutAside) {
  struct Kind {
    const char* name;
    void (*set)(TrainParams&);
  };
  for (const auto& [name, set] :
       std::vector<Kind>{{"warp", [](TrainParams& p) { p.averaging = 0.5; }},
                         {"bpr by artists that travel",
                          [](TrainParams& p) {
                            p.loss = "bpr";
                            p.engine = "rotate";
                          }},
                         {"whole-data square loss by SGD", [](TrainParams& p) { p.loss = "ials"; }},
                         {"by ALS", [](TrainParams& p) {
                            p.loss = "ials";
                            p.solver = "als";
                          }}}) {
    SCOPED_TRACE(name);
    params = {};
    params.dim = 8;
    params.epochs = 15;
    set(params);
    plan = {};
    const TrialResult straight = run();
    const std::vector<TrialReport> all = reports;
    const Matrix straight_artists = artists;
    const Matrix straight_users = users;

    const TempDir own;
    plan = {.to_epoch = 5, .checkpoint = world.broadcast(own.path("trial.h5")), .resumes = true};
    const TrialResult first = run();  // there is no file yet, so it begins
    EXPECT_EQ(first.resumed_at, 0);
    EXPECT_EQ(first.paused_at, 5);
    plan.to_epoch = 0;
    leave_after = 2;
    const TrialResult second = run();
    EXPECT_EQ(second.resumed_at, 5);
    EXPECT_EQ(second.paused_at, 7);
    leave_after = 0;
    const TrialResult third = run();
    EXPECT_EQ(third.resumed_at, 7);
    EXPECT_EQ(third.paused_at, 0);
    EXPECT_FALSE(third.stopped);
    if (world.is_root()) {
      ASSERT_EQ(reports.size(), 2U);
      EXPECT_EQ(reports[0].epoch, 10);
      if (world.size() == 1) {
        EXPECT_EQ(reports[0].ndcg, all[1].ndcg);
        EXPECT_EQ(third.last->ndcg, straight.last->ndcg);
        EXPECT_EQ(artists, straight_artists);
        EXPECT_EQ(users, straight_users);
      }
    }
  }
}

TEST_F(TrialRun, WithoutACheckpointWhoIsToLeaveEndsThere) {
  leave_after = 3;
  const TrialResult result = run();
  EXPECT_TRUE(result.stopped);
  EXPECT_EQ(result.paused_at, 0);
}

}  // namespace
}  // namespace mrec
