#include "parallel/training.h"

#include <algorithm>
#include <numeric>

#include "eval/evaluate.h"
#include "model/factor_rows.h"
#include "model/fold_in_fit.h"
#include "model/recommend.h"
#include "model/square_rows.h"

namespace mrec {
namespace {

// visit(first, last) for this rank's users, some after others, so that what is copied of them stays
// small.
template <typename Visit>
void for_each_block(const RankData& data, const Visit& visit) {
  constexpr int kBlock = 4096;
  for (int first = 0; first < data.shard.size(); first += kBlock) {
    visit(first, std::min(first + kBlock, data.shard.size()));
  }
}

}  // namespace

RankData read_rank_data(const DatasetFile& dataset, int rank, int num_ranks) {
  const std::vector<std::int64_t> offsets = dataset.row_offsets("train");
  const Shard shard = shard_of(offsets, rank, num_ranks);
  RankData data{.shard = shard,
                .first_interaction = offsets[static_cast<std::size_t>(shard.begin)],
                .train = dataset.interactions("train", shard.begin, shard.end),
                .valid = dataset.interactions("valid", shard.begin, shard.end)};
  for (Interactions* part : {&data.train, &data.valid}) {
    part->plays = std::vector<float>();  // not needed any more; `= {}` would keep the memory
  }
  return data;
}

void join_validation(const Communicator& world, RankData& data) {
  SparseMatrix both = data.train.weights + data.valid.weights;
  data.train.weights.swap(both);  // an assignment would copy
  SparseMatrix(both.rows(), both.cols()).swap(data.valid.weights);
  data.first_interaction = world.sum_before(std::int64_t{data.train.weights.nonZeros()});
}

SquareData square_data(const Communicator& world, const RankData& data, const SparseMatrix& tags,
                       const TrainParams& params) {
  SquareData square{.pairs = data.train.weights};
  const SquareShape shape = to_square_data(world, square.pairs, tags, params);
  square.num_tags = shape.num_tags;
  square.first_pair = shape.first_pair;
  return square;
}

SquareShape to_square_data(const Communicator& world, SparseMatrix& weights,
                           const SparseMatrix& tags, const TrainParams& params) {
  SquareShape shape;
  if (params.tag_weight > 0 && tags.nonZeros() > 0) {
    // Tags by equal numbers of pairs, as users.
    std::vector<std::int64_t> offsets(static_cast<std::size_t>(tags.cols()) + 1);
    for (Eigen::Index k = 0; k < tags.nonZeros(); ++k) {
      ++offsets[static_cast<std::size_t>(tags.innerIndexPtr()[k]) + 1];
    }
    std::partial_sum(offsets.begin(), offsets.end(), offsets.begin());
    const Shard own = shard_of(offsets, world.rank(), world.size());
    shape.num_tags = own.size();
    append_rows(weights, tag_rows(tags, own.begin, own.end));
  }
  shape.first_pair = world.sum_before(std::int64_t{weights.nonZeros()});
  return shape;
}

std::optional<double> validation_ndcg(const Communicator& world, const RankData& data,
                                      const Parameters& learnt, int k) {
  if (world.sum(std::int64_t{data.valid.weights.nonZeros()}) == 0) return std::nullopt;
  const ArtistScorer artists(learnt.artist_factors, learnt.artist_bias);
  double own_users = 0;
  double own_sum = 0;
  for_each_block(data, [&](int first, int last) {
    const SparseMatrix known = data.train.weights.middleRows(first, last - first);
    const SparseMatrix held_out = data.valid.weights.middleRows(first, last - first);
    if (held_out.nonZeros() == 0) return;
    const Matrix users = learnt.users.factors(first, last);
    const MeanNdcg block = sum_ndcg({.held_out = held_out, .known = {&known}, .ks = {k}},
                                    {.artists = artists, .users = users});
    own_users += block.users;
    own_sum += block.sum;
  });
  const double num_users = world.sum(own_users);
  const double sum = world.sum(own_sum);
  if (num_users == 0) return std::nullopt;
  return sum / num_users;
}

Artifact collect_model(const Communicator& world, const RankData& data, const Parameters& learnt,
                       const TrainParams& params) {
  Artifact model;
  model.params = params;
  model.artist_bias = learnt.artist_bias;
  model.feature_factors = learnt.feature_factors;
  model.feature_bias = learnt.feature_bias;

  // visit(users) for some of this rank's users after others.
  const auto num_users = world.sum(std::int64_t{data.shard.size()});
  const auto for_users = [&](const auto& visit) {
    for_each_block(data, [&](int first, int last) {
      const SparseMatrix weights = data.train.weights.middleRows(first, last - first);
      const Matrix factors = learnt.users.factors(first, last);
      visit(TrainedUsers{.weights = weights,
                         .user_factors = factors,
                         .artist_factors = learnt.artist_factors,
                         .artist_bias = model.artist_bias,
                         .first_user = data.shard.begin + first,
                         .seed = params.seed,
                         .num_users = num_users});
    });
  };
  FoldInSums sums(params.dim);
  for_users([&](const TrainedUsers& users) { sums.add(users); });
  world.sum(sums.gram);
  world.sum(sums.target);
  model.fold_in_map = fit_fold_in_map(sums);
  if (params.is_square()) model.fold_in_gram = gram_of(learnt.artist_factors).cast<float>();

  std::vector<ScoreSample> samples;
  for_users([&](const TrainedUsers& users) {
    const std::vector<ScoreSample> some =
        score_samples(users, [&](std::span<const Rating> ratings) {
          return fold_in(learnt.artist_factors, model, ratings);
        });
    samples.insert(samples.end(), some.begin(), some.end());
  });
  const Calibration calibration =
      fit_calibration(samples, [&](std::span<double> own) { world.sum(own); });
  model.calibration_slope = calibration.slope;
  model.calibration_offset = calibration.offset;

  const SparseMatrix& train = data.train.weights;
  std::vector<float> listeners(static_cast<std::size_t>(train.cols()));
  for (int k = 0; k < train.outerIndexPtr()[data.shard.size()]; ++k) {
    ++listeners[static_cast<std::size_t>(train.innerIndexPtr()[k])];
  }
  world.sum(std::span(listeners));
  model.artist_listeners.assign(listeners.begin(), listeners.end());
  return model;
}

NewArtistMap fit_new_artist_map(const Communicator& world, const DatasetFile& dataset,
                                std::span<const int> listeners, const Parameters& learnt) {
  NewArtistFit fit = world.agree([&] {
    return NewArtistFit(dataset.tags(), dataset.tag_names(), dataset.features(), listeners);
  });
  if (!fit.is_possible()) return {};
  const Eigen::Index dim = learnt.artist_factors.cols();
  const auto first = [&](int rank) { return (dim + 1) * rank / world.size(); };
  const Eigen::Index own = first(world.rank());
  Matrix targets(learnt.artist_factors.rows(), first(world.rank() + 1) - own);
  for (Eigen::Index i = 0; i < targets.cols(); ++i) {
    if (own + i < dim) {
      targets.col(i) = learnt.artist_factors.col(own + i);
    } else {
      targets.col(i) = learnt.artist_bias;
    }
  }
  // The pieces of the ranks follow one another when a column of the map is a row.
  const Matrix columns = fit.solve(targets).transpose();
  std::vector<float> all =
      world.gather(std::span(columns.data(), static_cast<std::size_t>(columns.size())));
  all.resize(static_cast<std::size_t>((dim + 1) * columns.cols()));  // others than the root
  const Eigen::Map<const Matrix> rows(all.data(), dim + 1, columns.cols());
  return std::move(fit).with(rows.transpose());
}

void write_model(const Communicator& world, const std::string& path, const Artifact& model,
                 const UserRows& users) {
  std::optional<ArtifactFile> file;  // on the root
  world.agree([&] {
    if (world.is_root()) file.emplace(path, model);
  });
  const auto width = static_cast<std::size_t>(model.params.dim) + 1;
  world.stream(
      static_cast<int>(users.bias.size()), width,
      [&](int first, int last, std::span<float> rows) {
        const Matrix factors = users.factors(first, last);
        Eigen::Map<Matrix> all(rows.data(), last - first, factors.cols() + 1);
        all << factors, users.bias.segment(first, last - first);
      },
      [&](int /*count*/, std::span<const float> rows) { file->add_users(rows); });
  world.agree([&] {
    if (file) file->commit();
  });
}

}  // namespace mrec
