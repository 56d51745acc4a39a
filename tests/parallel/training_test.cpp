#include "parallel/training.h"

#include <gtest/gtest.h>

#include <numeric>

#include "model/recommend.h"
#include "planted.h"
#include "temp_dir.h"

namespace mrec {
namespace {

TEST(Training, TheCollectedModelIsTheTrainedOne) {
  const Communicator world = Communicator::world();
  const Communicator node = world.split_by_node();
  const Planted planted;
  const int* outer = planted.train.outerIndexPtr();
  const std::vector<std::int64_t> offsets(outer, outer + Planted::kUsers + 1);
  const Shard shard = shard_of(offsets, world.rank(), world.size());
  RankData data{.shard = shard,
                .first_interaction = offsets[static_cast<std::size_t>(shard.begin)],
                .train = {.weights = rows_of(planted.train, shard)},
                .valid = {.weights = rows_of(planted.test, shard)}};
  TrainParams params;
  params.dim = 8;
  HogwildTrainer trainer(world, node, {data.train.weights, shard.begin, data.first_interaction},
                         nullptr, params);
  for (int epoch = 0; epoch < 20; ++epoch) trainer.epoch();
  const std::optional<double> ndcg = validation_ndcg(world, data, parameters_of(trainer), 10);
  const Parameters learnt = parameters_of(trainer);
  const Artifact collected = collect_model(world, data, learnt, params);
  const TempDir directory;
  Artifact complete = collected;
  complete.artist_factors = learnt.artist_factors;
  std::vector<std::int64_t> ids(Planted::kUsers);
  std::iota(ids.begin(), ids.end(), 0);
  complete.users = IdMap(ids);
  ids.resize(Planted::kArtists);
  complete.artists = IdMap(ids);
  complete.artist_names.resize(Planted::kArtists, "name");
  complete.artist_genres.resize(Planted::kArtists);
  const std::string path = directory.path("model.h5");
  write_model(world, path, complete, learnt.users);

  EXPECT_TRUE(ndcg.has_value());
  if (!world.is_root()) return;
  const Artifact model = Artifact::load(path);
  ASSERT_EQ(model.user_factors.rows(), Planted::kUsers);
  EXPECT_TRUE(model.user_factors.topRows(shard.size()).isApprox(trainer.user_factors()));

  // All users in order: the whole model gives the NDCG that the ranks found together.
  double sum = 0;
  std::vector<float> scores(Planted::kArtists);
  int folded_in_right = 0;
  for (int u = 0; u < Planted::kUsers; ++u) {
    std::vector<int> heard;
    std::vector<Rating> ratings;
    for (SparseMatrix::InnerIterator it(planted.train, u); it; ++it) {
      heard.push_back(static_cast<int>(it.col()));
      ratings.push_back({heard.back(), 1});
    }
    score_artists(model, model.user_factors.row(u), scores);
    double gain = 0;
    double ideal = 0;
    int position = 0;
    for (const Scored& scored : top_k(scores, heard, 10)) {
      const double discount = 1 / std::log2(position + 2);
      gain += planted.test.coeff(u, scored.artist) != 0 ? discount : 0;
      ideal += position < 4 ? discount : 0;
      ++position;
    }
    sum += gain / ideal;
    // Fold-in on what the user has heard finds the user's taste.
    score_artists(model, fold_in(model, ratings), scores);
    folded_in_right += top_k(scores, heard, 1).front().artist % 4 == u % 4 ? 1 : 0;
  }
  EXPECT_NEAR(sum / Planted::kUsers, *ndcg, 1e-9);
  EXPECT_GT(folded_in_right, Planted::kUsers * 8 / 10);
  EXPECT_GT(model.calibration_slope, 0);
  int listeners = 0;
  for (const int count : model.artist_listeners) listeners += count;
  EXPECT_EQ(listeners, planted.train.nonZeros());
}

TEST(Training, ValidationJoinsTheTrainingPart) {
  const Communicator world = Communicator::world();
  const Planted planted;
  const int* outer = planted.train.outerIndexPtr();
  const std::vector<std::int64_t> offsets(outer, outer + Planted::kUsers + 1);
  const Shard shard = shard_of(offsets, world.rank(), world.size());
  RankData data{.shard = shard,
                .train = {.weights = rows_of(planted.train, shard)},
                .valid = {.weights = rows_of(planted.test, shard)}};
  join_validation(world, data);
  const Matrix expected = Matrix(planted.train) + Matrix(planted.test);
  EXPECT_TRUE(Matrix(data.train.weights).isApprox(expected.middleRows(shard.begin, shard.size())));
  EXPECT_EQ(data.valid.weights.nonZeros(), 0);
  EXPECT_EQ(data.first_interaction, 16 * shard.begin);  // 12 heard and 4 held out per user
}

}  // namespace
}  // namespace mrec
