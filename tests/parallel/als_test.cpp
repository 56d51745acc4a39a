#include "parallel/als.h"

#include <gtest/gtest.h>

#include "model/recommend.h"
#include "model/square_rows.h"
#include "parallel/training.h"
#include "planted.h"

namespace mrec {
namespace {

constexpr int kTags = 4;

// Planted users and, as tags, what tells the four tastes: artist a has the tag a % 4.
class AlsRun {
 public:
  AlsRun(const TrainParams& train_params, int node_color)
      : params(train_params), node(world.split(node_color)) {
    const int* outer = planted.train.outerIndexPtr();
    data.shard = shard_of(std::vector<std::int64_t>(outer, outer + Planted::kUsers + 1),
                          world.rank(), world.size());
    data.train.weights = rows_of(planted.train, data.shard);
    data.valid.weights = rows_of(planted.test, data.shard);
    Matrix tags = Matrix::Zero(Planted::kArtists, kTags);
    for (int a = 0; a < Planted::kArtists; ++a) tags(a, a % kTags) = 1;
    square = square_data(world, data, sparse(tags), params);
  }

  [[nodiscard]] TrainingShard rows() const {
    return {square.pairs, data.shard.begin, square.first_pair, square.num_tags};
  }

  Communicator world = Communicator::world();
  TrainParams params;
  Communicator node;
  Planted planted;
  RankData data;
  SquareData square;
};

TrainParams als_params() {
  TrainParams params;
  params.loss = "ials";
  params.dim = 6;
  params.learning_rate = 0.1;
  params.unheard_weight = 0.2;
  return params;
}

// All of the objective that ALS minimizes, by its definition over every pair.
double objective(const TrainParams& params, const SparseMatrix& pairs, const Matrix& rows,
                 const Matrix& artists) {
  const SquareLoss row_loss = square_loss(params);
  const SquareLoss artist_loss = square_loss_of_artists(params);
  const Matrix scores = rows * artists.transpose();
  double sum = params.unheard_weight * scores.squaredNorm();
  std::vector<int> of_artist(static_cast<std::size_t>(artists.rows()));
  for (int r = 0; r < pairs.rows(); ++r) {
    int count = 0;
    for (SparseMatrix::InnerIterator it(pairs, r); it; ++it, ++count) {
      const auto [confidence, target] = fit_of(it.value(), params);
      const double error = target - scores(r, it.col());
      sum += confidence * error * error;
      ++of_artist[static_cast<std::size_t>(it.col())];
    }
    sum += row_loss.ridge(count, static_cast<double>(artists.rows())) * rows.row(r).squaredNorm();
  }
  for (int a = 0; a < artists.rows(); ++a) {
    sum += artist_loss.ridge(of_artist[static_cast<std::size_t>(a)],
                             static_cast<double>(rows.rows())) *
           artists.row(a).squaredNorm();
  }
  return sum;
}

TEST(Als, EveryEpochLowersTheObjective) {
  TrainParams params = als_params();
  params.tag_weight = 0;  // so that the users are all rows
  AlsRun run(params, 0);
  AlsTrainer trainer(run.world, run.node, run.rows(), run.params);
  double last = std::numeric_limits<double>::max();
  for (int epoch = 0; epoch < 5; ++epoch) {
    trainer.epoch();
    const Matrix own = trainer.user_factors();
    const std::vector<float> all =
        run.world.gather(std::span(own.data(), static_cast<std::size_t>(own.size())));
    const Matrix artists = trainer.artist_factors();
    if (run.world.is_root()) {
      const Eigen::Map<const Matrix> users(all.data(), Planted::kUsers, params.dim);
      const double now = objective(params, run.planted.train, users, artists);
      EXPECT_LT(now, last) << "epoch " << epoch;
      last = now;
    }
  }
}

TEST(Als, AnyDivisionIntoRanksAndNodesGivesTheSameScores) {
  const TrainParams params = als_params();
  const auto scores_of = [&](int node_color) {
    AlsRun run(params, node_color);
    AlsTrainer trainer(run.world, run.node, run.rows(), run.params);
    for (int epoch = 0; epoch < 3; ++epoch) trainer.epoch();
    trainer.finish();
    return Matrix(trainer.user_factors() * trainer.artist_factors().transpose());
  };
  const Matrix one_node = scores_of(0);
  const Matrix many_nodes = scores_of(Communicator::world().rank());
  EXPECT_LT((one_node - many_nodes).cwiseAbs().maxCoeff(), 2e-3);

  // This rank's users alone in the world of one rank would see other artists; so the reference is
  // the same run on one rank, made of all users.
  AlsRun run(params, 0);
  const Communicator alone = run.world.split(run.world.rank());
  RankData all{.shard = {0, Planted::kUsers}};
  all.train.weights = run.planted.train;
  Matrix tags = Matrix::Zero(Planted::kArtists, kTags);
  for (int a = 0; a < Planted::kArtists; ++a) tags(a, a % kTags) = 1;
  const SquareData square = square_data(alone, all, sparse(tags), params);
  AlsTrainer serial(alone, alone, {square.pairs, 0, 0, square.num_tags}, params);
  for (int epoch = 0; epoch < 3; ++epoch) serial.epoch();
  serial.finish();
  const Matrix expected =
      serial.user_factors().middleRows(run.data.shard.begin, run.data.shard.size()) *
      serial.artist_factors().transpose();
  EXPECT_LT((one_node - expected).cwiseAbs().maxCoeff(), 2e-3);
}

TEST(Als, SgdOnTheSameLossComesNear) {
  const TrainParams params = als_params();
  AlsRun run(params, 0);
  AlsTrainer exact(run.world, run.node, run.rows(), run.params);
  for (int epoch = 0; epoch < 10; ++epoch) exact.epoch();
  exact.finish();
  HogwildTrainer sgd(run.world, run.node, run.rows(), nullptr, run.params);
  for (int epoch = 0; epoch < 40; ++epoch) sgd.epoch();
  const std::optional<double> by_als =
      validation_ndcg(run.world, run.data, parameters_of(exact), 10);
  const std::optional<double> by_sgd = validation_ndcg(run.world, run.data, parameters_of(sgd), 10);
  EXPECT_NEAR(*by_als, *by_sgd, 0.02);
  EXPECT_GT(*by_als, 0.3);
  const Matrix a = exact.user_factors() * exact.artist_factors().transpose();
  const Matrix b = sgd.user_factors() * sgd.artist_factors().transpose();
  EXPECT_LT((a - b).norm(), 0.35 * a.norm());
}

TEST(Als, FoldInGivesATrainedUserItsOwnScores) {
  TrainParams params = als_params();
  params.confidence = 0;
  params.target_spread = 0;
  AlsRun run(params, 0);
  AlsTrainer trainer(run.world, run.node, run.rows(), run.params);
  for (int epoch = 0; epoch < 5; ++epoch) trainer.epoch();
  trainer.finish();
  const Parameters learnt = parameters_of(trainer);
  const Artifact model = collect_model(run.world, run.data, learnt, params);
  if (!run.world.is_root()) return;
  const Matrix users = learnt.users.factors(0, 10);
  for (int user = 0; user < 10; ++user) {
    std::vector<Rating> ratings;
    for (SparseMatrix::InnerIterator it(run.planted.train, user); it; ++it) {
      ratings.push_back({.artist = static_cast<int>(it.col())});
    }
    EXPECT_TRUE(fold_in(learnt.artist_factors, model, ratings).isApprox(users.row(user), 1e-3F));
  }
}

// What the weights have become serves as well as they did.
TEST(Als, PairsInPlaceOfTheWeightsGiveTheSameModel) {
  AlsRun run(als_params(), 0);
  AlsTrainer trainer(run.world, run.node, run.rows(), run.params);
  for (int epoch = 0; epoch < 3; ++epoch) trainer.epoch();
  trainer.finish();
  const Parameters learnt = parameters_of(trainer);
  const Artifact expected = collect_model(run.world, run.data, learnt, run.params);
  const auto ndcg = validation_ndcg(run.world, run.data, learnt, 10);
  run.data.train.weights.swap(run.square.pairs);
  EXPECT_GT(run.world.sum(run.data.train.weights.rows()), Planted::kUsers) << "tags are among them";
  EXPECT_EQ(validation_ndcg(run.world, run.data, learnt, 10), ndcg);
  const Artifact model = collect_model(run.world, run.data, learnt, run.params);
  EXPECT_EQ(model.artist_listeners, expected.artist_listeners);
  EXPECT_EQ(model.fold_in_map, expected.fold_in_map);
  EXPECT_EQ(model.calibration_slope, expected.calibration_slope);
}

}  // namespace
}  // namespace mrec
