#include "parallel/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "parallel/als.h"
#include "parallel/training.h"
#include "planted.h"
#include "temp_dir.h"

namespace mrec {
namespace {

using testing::HasSubstr;

constexpr int kTags = 5;
const RunSettings kSettings{{"dim", "6"}, {"loss", "warp"}};

// The planted listeners divided among the ranks of `world`, with the tags that the square loss
// takes. Every rank is a node of its own, so that a run repeats bit for bit.
class Divided {
 public:
  Divided(const Communicator& ranks, const TrainParams& train_params)
      : world(ranks), node(world.split(world.rank())), params(train_params) {
    const int* outer = planted.train.outerIndexPtr();
    const std::vector<std::int64_t> offsets(outer, outer + Planted::kUsers + 1);
    data.shard = shard_of(offsets, world.rank(), world.size());
    data.first_interaction = offsets[static_cast<std::size_t>(data.shard.begin)];
    data.train.weights = rows_of(planted.train, data.shard);
    if (!params.is_square()) return;
    Matrix tags = Matrix::Zero(Planted::kArtists, kTags);
    for (int a = 0; a < Planted::kArtists; ++a) tags(a, a % kTags) = 1;
    square = square_data(world, data, sparse(tags), params);
  }

  [[nodiscard]] TrainingShard shard() const {
    if (!params.is_square()) {
      return {data.train.weights, data.shard.begin, data.first_interaction};
    }
    return {square.pairs, data.shard.begin, square.first_pair, square.num_tags};
  }
  [[nodiscard]] RowPlace place() const {
    return {.first_user = data.shard.begin,
            .num_users = data.shard.size(),
            .first_tag = world.sum_before(std::int64_t{square.num_tags}),
            .num_tags = square.num_tags};
  }

  const Communicator& world;
  Communicator node;
  TrainParams params;
  Planted planted;
  RankData data;
  SquareData square;
};

struct Hogwild : HogwildTrainer {
  explicit Hogwild(const Divided& run, const TrainingShard& shard)
      : HogwildTrainer(run.world, run.node, shard, nullptr, run.params) {}
};
struct Als : AlsTrainer {
  explicit Als(const Divided& run, const TrainingShard& shard)
      : AlsTrainer(run.world, run.node, shard, run.params) {}
};

template <typename Trainer>
void train(Trainer& trainer, int first, int last, bool averages) {
  for (int epoch = first; epoch < last; ++epoch) {
    if constexpr (std::is_same_v<Trainer, Hogwild>) {
      if (averages && epoch == 2) trainer.start_averaging();
    }
    trainer.epoch();
  }
}

// The root's directory, known to all ranks.
class SharedDir {
 public:
  explicit SharedDir(const Communicator& world) : world_(world) {}
  [[nodiscard]] std::string path(const std::string& name) const {
    return world_.broadcast(own_.path(name));
  }

 private:
  const Communicator& world_;
  TempDir own_;
};

template <typename Trainer>
void save(const Communicator& world, const std::string& path, const Divided& run, Trainer& trainer,
          double seconds = 0) {
  if constexpr (std::is_same_v<Trainer, Hogwild>) {
    save_checkpoint(world, path, kSettings, run.place(), trainer.state_rows(), seconds);
  } else {
    const TrainerState state = trainer.state();
    save_checkpoint(world, path, kSettings, run.place(), rows_of(world, state), seconds);
  }
}

// Trains 5 epochs at once, and 3 and 2 with a checkpoint in between.
template <typename Trainer>
void expect_the_same(const TrainParams& params, bool averages) {
  const Communicator world = Communicator::world();
  const SharedDir directory(world);
  const std::string path = directory.path("c.h5");
  const Divided run(world, params);
  const TrainingShard shard = run.shard();
  Trainer whole(run, shard);
  train(whole, 0, 5, averages);
  whole.finish();
  {
    Trainer first(run, shard);
    train(first, 0, 3, averages);
    save(world, path, run, first, 1.5);
  }
  const std::optional<Checkpoint> saved =
      load_checkpoint(world, path, kSettings, run.place(), run.node.is_root());
  EXPECT_TRUE(saved.has_value());
  EXPECT_EQ(saved->state.epoch, 3);
  EXPECT_EQ(saved->seconds, 1.5);
  Trainer second(run, shard);
  second.restore(saved->state);
  train(second, 3, 5, averages);
  second.finish();
  EXPECT_EQ(second.artist_factors(), whole.artist_factors());
  EXPECT_EQ(second.artist_bias(), whole.artist_bias());
  EXPECT_EQ(second.user_factors(), whole.user_factors());
  EXPECT_EQ(second.user_bias(), whole.user_bias());
  world.barrier();  // the directory goes with the root
}

TrainParams small_params(const std::string& loss) {
  TrainParams params;
  params.loss = loss;
  params.dim = 6;
  return params;
}

TEST(Checkpoint, ARunThatGoesOnEndsBitForBitAsOneThatNeverStopped) {
  TrainParams params = small_params("warp");
  for (const bool averages : {false, true}) expect_the_same<Hogwild>(params, averages);
  params.adagrad = "element";
  params.artist_alpha = params.user_alpha = 1e-3;
  expect_the_same<Hogwild>(params, true);
  params.optimizer = "adadelta";
  expect_the_same<Hogwild>(params, false);
}

TEST(Checkpoint, SoDoesTheSquareLossWithItsTags) {
  TrainParams params = small_params("ials");
  for (const bool averages : {false, true}) expect_the_same<Hogwild>(params, averages);
  params.solver = "als";
  expect_the_same<Als>(params, false);
}

// All users' factors, on every rank.
Matrix all_users(const Communicator& world, const Matrix& own) {
  Matrix all = Matrix::Zero(Planted::kUsers, own.cols());
  const auto first = world.sum_before(std::int64_t{own.rows()});
  all.middleRows(first, own.rows()) = own;
  world.sum(std::span(all.data(), static_cast<std::size_t>(all.size())));
  return all;
}

TEST(Checkpoint, AnyNumberOfRanksGoesOn) {
  const Communicator world = Communicator::world();
  const SharedDir directory(world);
  const std::string by_all = directory.path("all.h5");
  const TrainParams params = small_params("ials");
  const Divided run(world, params);
  const TrainingShard shard = run.shard();
  Hogwild trainer(run, shard);
  train(trainer, 0, 3, true);
  const Matrix artists = trainer.artist_factors();
  const Matrix users = all_users(world, trainer.user_factors());
  save(world, by_all, run, trainer);

  // Every rank alone takes all rows, and trains on.
  const Communicator alone = world.split(world.rank());
  const TempDir own;
  const Divided whole(alone, params);
  const TrainingShard whole_shard = whole.shard();
  Hogwild serial(whole, whole_shard);
  serial.restore(load_checkpoint(alone, by_all, kSettings, whole.place(), true)->state);
  EXPECT_EQ(serial.artist_factors(), artists);
  EXPECT_EQ(serial.user_factors(), users);
  train(serial, 3, 4, true);
  save(alone, own.path("one.h5"), whole, serial);

  // And all of them together take what the root has written alone.
  const std::string by_one = world.broadcast(own.path("one.h5"));
  const Matrix expected = serial.user_factors();
  Hogwild together(run, shard);
  together.restore(
      load_checkpoint(world, by_one, kSettings, run.place(), run.node.is_root())->state);
  EXPECT_EQ(all_users(world, together.user_factors()), expected);
  EXPECT_EQ(together.artist_factors(), serial.artist_factors());
  const double before = trainer.epoch().mean_loss;
  double last = 0;
  for (int epoch = 4; epoch < 12; ++epoch) last = together.epoch().mean_loss;
  EXPECT_LT(last, before);
  world.barrier();
}

// Without any training: one number per row.
struct Numbered {
  explicit Numbered(const Communicator& ranks) : world(ranks), directory(ranks) {}
  void save(const std::string& path, int epoch, bool newest_is_damaged = false) const {
    TrainerState state{.epoch = epoch};
    state.rows = Matrix::Constant(2, 1, static_cast<float>(world.rank()));
    state.artists = Matrix::Constant(3, 1, 7);
    save_checkpoint(world, path, kSettings, place(), rows_of(world, state), 0, newest_is_damaged);
  }
  [[nodiscard]] std::optional<Checkpoint> load(const std::string& path,
                                               const RunSettings& settings = kSettings) const {
    return load_checkpoint(world, path, settings, place(), false);
  }
  [[nodiscard]] RowPlace place() const {
    return {.first_user = world.rank(), .num_users = 1, .first_tag = world.rank(), .num_tags = 1};
  }

  const Communicator& world;
  SharedDir directory;
};

TEST(Checkpoint, TheOneBeforeHelpsWhenTheNewestIsDamagedOrMissing) {
  const Communicator world = Communicator::world();
  const Numbered numbered(world);
  const std::string path = numbered.directory.path("c.h5");
  EXPECT_FALSE(numbered.load(path).has_value());
  numbered.save(path, 1);
  numbered.save(path, 2);
  const std::optional<Checkpoint> saved = numbered.load(path);
  EXPECT_EQ(saved->state.epoch, 2);
  EXPECT_EQ(saved->state.rows, Matrix::Constant(2, 1, static_cast<float>(world.rank())));
  EXPECT_EQ(saved->state.artists.size(), 0);
  world.barrier();
  if (world.is_root()) std::filesystem::resize_file(path, 600);
  world.barrier();
  EXPECT_EQ(numbered.load(path)->state.epoch, 1);
  EXPECT_THAT(numbered.load(path)->damage, HasSubstr("damaged or cut short"));
  world.barrier();
  // The next one takes the place of the damaged one, not that of the sound one.
  numbered.save(path, 3, true);
  EXPECT_EQ(numbered.load(path)->state.epoch, 3);
  EXPECT_EQ(numbered.load(path)->damage, "");
  EXPECT_EQ(numbered.load(path + ".previous")->state.epoch, 1);
  world.barrier();
  if (world.is_root()) std::filesystem::remove(path);
  world.barrier();
  EXPECT_EQ(numbered.load(path)->state.epoch, 1);
  world.barrier();
}

TEST(Checkpoint, AFullDiskIsEverybodysVerdictAndCostsNothing) {
  const Communicator world = Communicator::world();
  const Numbered numbered(world);
  const std::string path = numbered.directory.path("c.h5");
  numbered.save(path, 1);
  // The part cannot be made: its name is taken by a directory.
  if (world.is_root()) std::filesystem::create_directory(path + ".part");
  world.barrier();
  EXPECT_THROW(numbered.save(path, 2), Verdict);
  EXPECT_EQ(numbered.load(path)->state.epoch, 1);
  world.barrier();
}

TEST(Checkpoint, OtherOptionsAreEverybodysVerdict) {
  const Communicator world = Communicator::world();
  const Numbered numbered(world);
  const std::string path = numbered.directory.path("c.h5");
  numbered.save(path, 1);
  const auto verdict_of = [&](const RunSettings& settings) -> std::string {
    try {
      static_cast<void>(numbered.load(path, settings));
    } catch (const Verdict& verdict) {
      EXPECT_EQ(verdict.status(), 2);
      return verdict.what();
    }
    return "";
  };
  EXPECT_EQ(verdict_of(kSettings), "");
  EXPECT_THAT(
      verdict_of({{"dim", "6"}, {"loss", "bpr"}}),
      HasSubstr(path + ": cannot be resumed: it was made with loss = warp, now loss = bpr"));
  EXPECT_THAT(verdict_of({{"new_option", "1"}}), HasSubstr("new_option = (not known)"));
  world.barrier();
}

}  // namespace
}  // namespace mrec
