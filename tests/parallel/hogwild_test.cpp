#include "parallel/hogwild.h"

#include <gtest/gtest.h>

#include <limits>

#include "eval/evaluate.h"
#include "model/loss.h"
#include "planted.h"

namespace mrec {
namespace {

TrainParams small_params() {
  TrainParams params;
  params.dim = 8;
  params.epochs = 25;
  return params;
}

// Mean NDCG@10 over all users of all ranks.
double ndcg_of(const Communicator& world, const HogwildTrainer& trainer, const SparseMatrix& train,
               const SparseMatrix& test) {
  const Matrix artists = trainer.artist_factors();
  const Vector bias = trainer.artist_bias();
  const Matrix users = trainer.user_factors();
  const MeanNdcg own =
      sum_ndcg({.held_out = test, .known = {&train}}, [&](int user, std::span<float> scores) {
        Eigen::Map<Vector>(scores.data(), artists.rows()) =
            artists * users.row(user).transpose() + bias;
      });
  return world.sum(own.sum) / world.sum(own.users);
}

class TrainingRun {
 public:
  // `node_color`: ranks with the same color share memory.
  TrainingRun(const TrainParams& params, int node_color, const Metadata* metadata = nullptr)
      : node(world.split(node_color)),
        shard(shard_of(offsets(), world.rank(), world.size())),
        train(rows_of(data.train, shard)),
        test(rows_of(data.test, shard)),
        trainer(world, node, {train, shard.begin, offsets()[static_cast<std::size_t>(shard.begin)]},
                metadata, params) {}

  double train_and_evaluate(int epochs) {
    for (int epoch = 0; epoch < epochs; ++epoch) last = trainer.epoch();
    return ndcg_of(world, trainer, train, test);
  }

  [[nodiscard]] std::vector<std::int64_t> offsets() const {
    const int* outer = data.train.outerIndexPtr();
    return {outer, outer + Planted::kUsers + 1};
  }

  Communicator world = Communicator::world();
  Planted data;
  Communicator node;
  Shard shard;
  SparseMatrix train;
  SparseMatrix test;
  HogwildTrainer trainer;
  EpochResult last;
};

// What one process learns alone, computed on every rank.
double serial_ndcg(const TrainParams& params) {
  const Planted data;
  const OwnedTable artists(Planted::kArtists, params.dim, 1);
  const OwnedTable users(Planted::kUsers, params.dim, 1);
  artists.table().initialize(params.seed, 2ULL << 32, 0, 1);
  users.table().initialize(params.seed, 3ULL << 32, 0, 1);
  const ArtistModel model{.features = artists.table(), .num_artists = Planted::kArtists};
  Sgd sgd(params, data.train, 0);
  for (int epoch = 0; epoch < params.epochs; ++epoch) sgd.pass(model, users.table(), epoch, 0, 1);
  Scorer scorer(model);
  const MeanNdcg all = sum_ndcg({.held_out = data.test, .known = {&data.train}},
                                [&](int user, std::span<float> scores) {
                                  scorer.set_user(users.table(), user);
                                  for (int a = 0; a < Planted::kArtists; ++a) {
                                    scores[static_cast<std::size_t>(a)] = scorer.score(a);
                                  }
                                });
  return all.sum / all.users;
}

TEST(Hogwild, LearnsWhatASerialRunLearns) {
  const TrainParams params = small_params();
  const double serial = serial_ndcg(params);
  EXPECT_GT(serial, 0.25);  // a random list gets about 0.04
  TrainingRun run(params, 0);
  const double ndcg = run.train_and_evaluate(params.epochs);
  if (run.world.size() == 1) {
    EXPECT_NEAR(ndcg, serial, 1e-6) << "one rank is the serial run";
  } else {
    EXPECT_GT(ndcg, 0.93 * serial);
  }
}

TEST(Hogwild, OneRankIsTheSerialProgramBitForBitWithEveryLoss) {
  const Communicator world = Communicator::world();
  const Communicator alone = world.split(world.rank());
  const Planted data;
  for (const std::string& loss : loss_names()) {
    TrainParams params = small_params();
    params.loss = loss;
    const StateShape states = optimizer_states(params);
    const OwnedTable artists(Planted::kArtists, params.dim, states);
    const OwnedTable users(Planted::kUsers, params.dim, states);
    artists.table().initialize(params.seed, 2ULL << 32, 0, initial_state(params));
    users.table().initialize(params.seed, 3ULL << 32, 0, initial_state(params));
    const ArtistModel model{.features = artists.table(), .num_artists = Planted::kArtists};
    Sgd sgd(params, data.train, 0);
    HogwildTrainer trainer(alone, alone, {data.train}, nullptr, params);
    for (int epoch = 0; epoch < 5; ++epoch) {
      sgd.pass(model, users.table(), epoch, 0, 1);
      trainer.epoch();
    }
    EXPECT_EQ(trainer.artist_factors(), model.compose()) << loss;
    EXPECT_EQ(trainer.artist_bias(), model.compose_bias()) << loss;
    for (int u = 0; u < Planted::kUsers; ++u) {
      const Eigen::Map<const RowVector> expected(users.table().row(u), params.dim);
      EXPECT_EQ(RowVector(trainer.user_factors().row(u)), RowVector(expected)) << loss << u;
    }
  }
}

TEST(Hogwild, TheEndPutsRepresentationsWhereTheArtistsWere) {
  const Communicator world = Communicator::world();
  const Communicator node = world.split_by_node();
  const Planted data;
  const Metadata metadata{Matrix::Random(Planted::kArtists, 3)};
  for (const char* features : {"identity", "identity+metadata", "metadata"}) {
    TrainParams params = small_params();
    params.features = features;
    HogwildTrainer trainer(world, node, {data.train}, params.has_metadata() ? &metadata : nullptr,
                           params);
    trainer.epoch();
    EXPECT_EQ(trainer.artist_rows().has_value(), !params.has_metadata());
    const Matrix factors = trainer.artist_factors();
    const Vector bias = trainer.artist_bias();
    const Matrix of_features = trainer.feature_factors();
    world.barrier();
    trainer.finish();
    ASSERT_TRUE(trainer.artist_rows().has_value()) << features;
    EXPECT_EQ(Matrix(*trainer.artist_rows()), factors) << features;
    EXPECT_EQ(trainer.artist_factors(), factors) << features;
    EXPECT_EQ(trainer.artist_bias(), bias) << features;
    EXPECT_EQ(trainer.feature_factors(), of_features) << features;
  }
}

// Every rank is a node of its own with its own copy of the artists.
void expect_nodes_to_learn(const TrainParams& params) {
  TrainingRun run(params, Communicator::world().rank());
  const double ndcg = run.train_and_evaluate(params.epochs);
  EXPECT_GT(ndcg, 0.93 * serial_ndcg(params)) << params.optimizer << ' ' << params.overlap;
  // After the last merge all nodes have the same artists.
  const Matrix artists = run.trainer.artist_factors();
  std::vector<double> sums{static_cast<double>(artists.sum()), static_cast<double>(artists(3, 3))};
  const std::vector<double> own = sums;
  run.world.sum(sums);
  for (std::size_t i = 0; i < sums.size(); ++i) {
    EXPECT_NEAR(sums[i] / run.world.size(), own[i], 1e-12);
  }
  EXPECT_EQ(run.trainer.bytes_sent() > 0, run.world.size() > 1);

  // And another run gives the same, bit for bit.
  TrainingRun again(params, Communicator::world().rank());
  again.train_and_evaluate(params.epochs);
  EXPECT_EQ(again.trainer.artist_factors(), artists);
  EXPECT_EQ(again.trainer.user_factors(), run.trainer.user_factors());
}

TEST(Hogwild, NodesThatMergeLearnWhatASerialRunLearns) {
  TrainParams params = small_params();
  for (const bool overlap : {false, true}) {
    params.overlap = overlap;
    expect_nodes_to_learn(params);
  }
}

TEST(Hogwild, NodesMergeMoreOftenWhereArtistsHaveMoreInteractions) {
  TrainParams params;
  EXPECT_EQ(params.merges_per_epoch(2, 3), 8);
  EXPECT_EQ(params.merges_per_epoch(20, 3), 20);
  EXPECT_EQ(params.merges_per_epoch(4, 63.2), 127);
  params.sync = "5";
  EXPECT_EQ(params.merges_per_epoch(20, 63.2), 5);
}

TEST(Hogwild, TwoRanksOnEachNodeLearnThat) {
  TrainParams params = small_params();
  for (const bool overlap : {false, true}) {
    params.overlap = overlap;
    TrainingRun run(params, Communicator::world().rank() / 2);
    EXPECT_GT(run.train_and_evaluate(params.epochs), 0.93 * serial_ndcg(params));
  }
}

TEST(Hogwild, NodesKeepAdadeltasMeansAboveZero) {
  TrainParams params = small_params();
  params.optimizer = "adadelta";
  params.overlap = true;
  TrainingRun run(params, Communicator::world().rank());
  run.train_and_evaluate(5);
  const TrainerState state = run.trainer.state();
  // A record is the values and the bias, then the states.
  EXPECT_GE(state.artists.rightCols(state.artists.cols() - params.dim - 1).minCoeff(), 0);
  EXPECT_TRUE(state.artists.allFinite());
}

TEST(Hogwild, L2DoesNotPartTheNodes) {
  TrainParams params = small_params();
  params.artist_alpha = 0.01;
  TrainingRun run(params, Communicator::world().rank());
  run.train_and_evaluate(3);
  const Matrix artists = run.trainer.artist_factors();
  const double mean = run.world.sum(static_cast<double>(artists(3, 3))) / run.world.size();
  EXPECT_EQ(static_cast<float>(mean), artists(3, 3));
}

TEST(Hogwild, MetadataAloneCarriesATasteThatItDescribes) {
  Metadata metadata{Matrix::Zero(Planted::kArtists, 4)};
  for (int a = 0; a < Planted::kArtists; ++a) metadata.values(a, a % 4) = 1;
  TrainParams params = small_params();
  params.features = "metadata";
  TrainingRun run(params, 0, &metadata);
  EXPECT_GT(run.train_and_evaluate(params.epochs), 0.15);
  EXPECT_EQ(run.trainer.feature_factors().rows(), 4);
}

TEST(Hogwild, AveragingPutsTheMeanOfTheEpochsInPlace) {
  TrainParams params = small_params();
  params.loss = "bpr";
  TrainingRun run(params, 0);
  run.trainer.epoch();
  run.trainer.start_averaging();
  Matrix mean = Matrix::Zero(Planted::kArtists, params.dim);
  for (int epoch = 0; epoch < 4; ++epoch) {
    run.trainer.epoch();
    mean += run.trainer.artist_factors() / 4;
    run.world.barrier();  // nobody trains on while others read
  }
  run.trainer.finish();
  EXPECT_LT((run.trainer.artist_factors() - mean).cwiseAbs().maxCoeff(), 1e-5);
}

TEST(Hogwild, L2MakesEverythingSmaller) {
  TrainParams params = small_params();
  params.loss = "bpr";
  TrainingRun without(params, 0);
  without.train_and_evaluate(5);
  params.artist_alpha = 0.05;
  params.user_alpha = 0.05;
  TrainingRun with(params, 0);
  with.train_and_evaluate(5);
  EXPECT_LT(with.trainer.artist_factors().norm(), 0.5 * without.trainer.artist_factors().norm());
  EXPECT_LT(with.trainer.user_factors().norm(), 0.5 * without.trainer.user_factors().norm());
}

TEST(Hogwild, DivergenceIsEverybodysVerdict) {
  TrainParams params = small_params();
  params.learning_rate = 100;
  params.loss = "logistic";
  TrainingRun run(params, 0);
  run.train.coeffs() *= std::numeric_limits<float>::infinity();
  bool told = false;
  try {
    run.trainer.epoch();
  } catch (const Verdict& verdict) {
    told = std::string(verdict.what()).find("smaller learning rate") != std::string::npos;
  }
  EXPECT_TRUE(told);
}

}  // namespace
}  // namespace mrec
