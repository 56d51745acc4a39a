#include "parallel/rotation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "model/loss.h"
#include "parallel/training.h"
#include "planted.h"
#include "temp_dir.h"

namespace mrec {
namespace {

TEST(Blocks, DivideTheArtistsAnewInEveryEpoch) {
  for (const int artists : {1, 2, 3, 100, 17'632}) {
    for (const int num_blocks : {1, 7, 16}) {
      std::set<int> places;
      for (int epoch = 0; epoch < 3; ++epoch) {
        const Blocks blocks(5, epoch, artists, num_blocks);
        places.clear();
        for (int a = 0; a < artists; ++a) {
          const int place = blocks.place_of(a);
          ASSERT_EQ(blocks.artist_at(place), a);
          const Shard block = blocks.places(blocks.block_of(place));
          ASSERT_TRUE(block.begin <= place && place < block.end);
          ASSERT_LE(block.size(), Blocks::most_artists(artists, num_blocks));
          places.insert(place);
        }
        EXPECT_EQ(std::ssize(places), artists);
      }
    }
  }
}

TEST(Blocks, TwoArtistsAreSeldomTogetherAgain) {
  constexpr int kArtists = 1'000;
  constexpr int kEpochs = 200;
  int together = 0;
  for (int epoch = 0; epoch < kEpochs; ++epoch) {
    const Blocks blocks(1, epoch, kArtists, 10);
    for (int a = 0; a + 1 < kArtists; ++a) {
      together += blocks.block_of(blocks.place_of(a)) == blocks.block_of(blocks.place_of(a + 1));
    }
  }
  EXPECT_NEAR(together / static_cast<double>(kEpochs * kArtists), 0.1, 0.04);
}

// The planted listeners, divided among ranks of which `color` makes nodes.
struct Rotating {
  Rotating(const Communicator& ranks, const TrainParams& params, int color)
      : world(ranks), node(world.split(color)) {
    const int* outer = planted.train.outerIndexPtr();
    const std::vector<std::int64_t> offsets(outer, outer + Planted::kUsers + 1);
    data.shard = shard_of(offsets, world.rank(), world.size());
    data.first_interaction = offsets[static_cast<std::size_t>(data.shard.begin)];
    data.train.weights = rows_of(planted.train, data.shard);
    data.valid.weights = rows_of(planted.test, data.shard);
    trainer.emplace(world, node,
                    TrainingShard{data.train.weights, data.shard.begin, data.first_interaction},
                    params);
  }
  [[nodiscard]] double ndcg() const {
    return *validation_ndcg(world, data, parameters_of(*trainer), 10);
  }
  [[nodiscard]] RowPlace place() const {
    return {.first_user = data.shard.begin,
            .num_users = data.shard.size(),
            .first_artist = trainer->home().begin,
            .num_artists = trainer->home().size()};
  }

  const Communicator& world;
  Communicator node;
  Planted planted;
  RankData data;
  std::optional<RotationTrainer> trainer;
};

TrainParams small_params() {
  TrainParams params;
  params.engine = "rotate";
  params.dim = 8;
  params.blocks = 5;
  return params;
}

TEST(Rotation, LearnsWhatTheWholeTableLearnsWithEveryLoss) {
  const Communicator world = Communicator::world();
  const Communicator alone = world.split(world.rank());
  for (const std::string& loss : loss_names()) {
    TrainParams params = small_params();
    params.loss = loss;
    const Planted planted;
    RankData all{.shard = {0, Planted::kUsers},
                 .train = {.weights = planted.train},
                 .valid = {.weights = planted.test}};
    HogwildTrainer whole(alone, alone, {all.train.weights}, nullptr, params);
    Rotating rotating(world, params, world.rank());
    double last = 0;
    for (int epoch = 0; epoch < 25; ++epoch) {
      whole.epoch();
      last = rotating.trainer->epoch().step_share;
    }
    const double expected = *validation_ndcg(alone, all, parameters_of(whole), 10);
    EXPECT_GT(rotating.ndcg(), 0.9 * expected) << loss;
    EXPECT_GT(last, 0) << loss;
  }
}

TEST(Rotation, RepeatsBitForBitWithOneRankANode) {
  const Communicator world = Communicator::world();
  const TrainParams params = small_params();
  Rotating first(world, params, world.rank());
  Rotating second(world, params, world.rank());
  for (int epoch = 0; epoch < 4; ++epoch) {
    first.trainer->epoch();
    second.trainer->epoch();
  }
  EXPECT_EQ(first.trainer->artist_factors(), second.trainer->artist_factors());
  EXPECT_EQ(first.trainer->artist_bias(), second.trainer->artist_bias());
  EXPECT_EQ(first.trainer->user_factors(), second.trainer->user_factors());
}

TEST(Rotation, RanksOfANodeShareWhatIsHere) {
  const Communicator world = Communicator::world();
  TrainParams params = small_params();
  Rotating alone(world, params, world.rank());
  Rotating two(world, params, world.rank() / 2);
  for (int epoch = 0; epoch < 20; ++epoch) {
    alone.trainer->epoch();
    two.trainer->epoch();
  }
  EXPECT_GT(two.ndcg(), 0.93 * alone.ndcg());
}

TEST(Rotation, SendsWhatTheDocumentationSays) {
  const Communicator world = Communicator::world();
  TrainParams params = small_params();
  Rotating rotating(world, params, world.rank());
  constexpr int kEpochs = 20;
  for (int epoch = 0; epoch < kEpochs; ++epoch) rotating.trainer->epoch();
  const double nodes = world.size();
  const double record = 4.0 * (params.dim + 3);
  double expected = 0;
  for (int epoch = 0; epoch < kEpochs; ++epoch) {
    const int sweeps = params.sweeps(epoch, world.size());
    expected += Planted::kArtists * record * (sweeps * nodes - 1 + 2 * (nodes - 1) / nodes) +
                16 * nodes * (nodes - 1);
  }
  if (world.size() == 1) expected = 0;
  EXPECT_NEAR(static_cast<double>(rotating.trainer->bytes_sent()), expected, 0.05 * expected);
}

TEST(Rotation, GoesOnFromACheckpointBitForBit) {
  const Communicator world = Communicator::world();
  const TempDir own;
  const std::string path = world.broadcast(own.path("c.h5"));
  TrainParams params = small_params();
  params.user_alpha = params.artist_alpha = 1e-3;
  Rotating whole(world, params, world.rank());
  Rotating first(world, params, world.rank());
  Rotating second(world, params, world.rank());
  const auto train = [](Rotating& run, int begin, int end) {
    for (int epoch = begin; epoch < end; ++epoch) {
      if (epoch == 2) run.trainer->start_averaging();
      run.trainer->epoch();
    }
  };
  train(whole, 0, 5);
  train(first, 0, 3);
  save_checkpoint(world, path, {}, first.place(), first.trainer->state_rows(), 0);
  const std::optional<Checkpoint> saved = load_checkpoint(world, path, {}, second.place(), true);
  ASSERT_TRUE(saved.has_value());
  second.trainer->restore(saved->state);
  train(second, 3, 5);
  whole.trainer->finish();
  second.trainer->finish();
  EXPECT_EQ(second.trainer->artist_factors(), whole.trainer->artist_factors());
  EXPECT_EQ(second.trainer->user_factors(), whole.trainer->user_factors());

  // And alone: another number of nodes.
  const Communicator alone = world.split(world.rank());
  Rotating serial(alone, params, 0);
  serial.trainer->restore(load_checkpoint(alone, path, {}, serial.place(), true)->state);
  EXPECT_EQ(serial.trainer->artist_factors(), first.trainer->artist_factors());
  world.barrier();
}

TEST(Rotation, DivergenceIsEverybodysVerdict) {
  const Communicator world = Communicator::world();
  TrainParams params = small_params();
  params.loss = "logistic";
  Rotating rotating(world, params, world.rank());
  rotating.data.train.weights.coeffs() *= std::numeric_limits<float>::infinity();
  EXPECT_THROW(rotating.trainer->epoch(), Verdict);
}

}  // namespace
}  // namespace mrec
