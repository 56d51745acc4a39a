#include "parallel/training.h"

#include "eval/evaluate.h"
#include "model/fold_in_fit.h"

namespace mrec {
namespace {

// Collective: the samples of all ranks, on the root.
std::vector<ScoreSample> gather(const Communicator& world, const std::vector<ScoreSample>& own) {
  std::vector<float> numbers;
  for (const ScoreSample& sample : own) {
    numbers.insert(numbers.end(), {sample.score, sample.heard, sample.weight});
  }
  const std::vector<float> all = world.gather(std::span<const float>(numbers));
  std::vector<ScoreSample> samples;
  for (std::size_t i = 0; i < all.size(); i += 3) {
    samples.push_back({all[i], all[i + 1], all[i + 2]});
  }
  return samples;
}

}  // namespace

RankData read_rank_data(const DatasetFile& dataset, int rank, int num_ranks) {
  const std::vector<std::int64_t> offsets = dataset.row_offsets("train");
  const Shard shard = shard_of(offsets, rank, num_ranks);
  return {.shard = shard,
          .first_interaction = offsets[static_cast<std::size_t>(shard.begin)],
          .train = dataset.interactions("train", shard.begin, shard.end),
          .valid = dataset.interactions("valid", shard.begin, shard.end)};
}

std::optional<double> validation_ndcg(const Communicator& world, const RankData& data,
                                      const HogwildTrainer& trainer, int k) {
  const Matrix artists = trainer.artist_factors();
  const Vector bias = trainer.artist_bias();
  const Matrix users = trainer.user_factors();
  const MeanNdcg own =
      sum_ndcg({.held_out = data.valid.weights, .known = {&data.train.weights}, .ks = {k}},
               [&](int user, std::span<float> scores) {
                 Eigen::Map<Vector> out(scores.data(), artists.rows());
                 out.noalias() = artists * users.row(user).transpose();
                 out += bias;
               });
  const double num_users = world.sum(own.users);
  const double sum = world.sum(own.sum);
  if (num_users == 0) return std::nullopt;
  return sum / num_users;
}

Artifact collect_model(const Communicator& world, const RankData& data,
                       const HogwildTrainer& trainer, const TrainParams& params) {
  Artifact model;
  model.params = params;
  model.artist_factors = trainer.artist_factors();
  model.artist_bias = trainer.artist_bias();
  model.feature_factors = trainer.feature_factors();
  model.feature_bias = trainer.feature_bias();

  const Matrix own_users = trainer.user_factors();
  const TrainedUsers users{.weights = data.train.weights,
                           .user_factors = own_users,
                           .artist_factors = model.artist_factors,
                           .artist_bias = model.artist_bias,
                           .first_user = data.shard.begin,
                           .seed = params.seed};
  FoldInSums sums(params.dim);
  sums.add(users);
  world.sum(sums.gram);
  world.sum(sums.target);
  model.fold_in_map = fit_fold_in_map(sums);

  const Calibration calibration =
      fit_calibration(gather(world, score_samples(users, model.fold_in_map)));
  model.calibration_slope = calibration.slope;
  model.calibration_offset = calibration.offset;

  // Shards follow one another, so the ranks' rows do, too.
  const std::vector<float> factors =
      world.gather(std::span(own_users.data(), static_cast<std::size_t>(own_users.size())));
  const Vector own_bias = trainer.user_bias();
  const std::vector<float> bias =
      world.gather(std::span(own_bias.data(), static_cast<std::size_t>(own_bias.size())));
  const auto num_users = static_cast<Eigen::Index>(bias.size());
  model.user_factors =
      Eigen::Map<const Matrix>(factors.data(), num_users, num_users > 0 ? params.dim : 0);
  model.user_bias = Eigen::Map<const Vector>(bias.data(), num_users);

  const SparseMatrix& train = data.train.weights;
  std::vector<float> listeners(static_cast<std::size_t>(train.cols()));
  for (Eigen::Index k = 0; k < train.nonZeros(); ++k) {
    ++listeners[static_cast<std::size_t>(train.innerIndexPtr()[k])];
  }
  world.sum(std::span(listeners));
  model.artist_listeners.assign(listeners.begin(), listeners.end());
  return model;
}

}  // namespace mrec
