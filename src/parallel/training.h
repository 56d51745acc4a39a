#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "dataset/dataset.h"
#include "model/artifact.h"
#include "parallel/hogwild.h"
#include "parallel/shard.h"

namespace mrec {

// What a rank holds of the data while it trains.
struct RankData {
  Shard shard;
  std::int64_t first_interaction = 0;
  Interactions train;  // [its users x artists], without the plays
  Interactions valid;
};

// Reads this rank's users, divided by equal numbers of training interactions.
RankData read_rank_data(const DatasetFile& dataset, int rank, int num_ranks);

// Collective: validation joins the training part; nothing is left to validate on.
void join_validation(const Communicator& world, RankData& data);

// Collective: what the square loss is trained on in place of data.train: weights of this rank's
// users, then its part of the tags as further rows (square_rows.h). `tags` [artists x tags].
struct SquareData {
  SparseMatrix pairs;  // [its users and tags x artists]
  int num_tags = 0;
  std::int64_t first_pair = 0;  // pairs of all ranks before
};
SquareData square_data(const Communicator& world, const RankData& data, const SparseMatrix& tags,
                       const TrainParams& params);
// The same where nobody needs the weights any more: they become the pairs, which are also left in
// data.train, as who has heard what.
struct SquareShape {
  int num_tags = 0;
  std::int64_t first_pair = 0;
};
SquareShape to_square_data(const Communicator& world, SparseMatrix& weights,
                           const SparseMatrix& tags, const TrainParams& params);

// A rank's users, whose factors stay where the trainer has them.
struct UserRows {
  Vector bias;                                         // [its users]
  std::function<Matrix(int first, int last)> factors;  // of its users [first, last)
};

// What a trainer has learnt: of its own users, and of all artists and metadata columns.
struct Parameters {
  std::shared_ptr<const Matrix> composed;  // artist_factors where the trainer does not have them
  FactorRows artist_factors;               // [A x d]
  Vector artist_bias;                      // [A]
  Matrix feature_factors;                  // [F x d]
  Vector feature_bias;                     // [F]
  UserRows users;
};
// The trainer outlives what is returned, which holds until it goes on.
template <typename Trainer>
Parameters parameters_of(const Trainer& trainer) {
  const std::optional<FactorRows> rows = [&]() -> std::optional<FactorRows> {
    if constexpr (requires { trainer.artist_rows(); }) {
      return trainer.artist_rows();
    } else {
      return std::nullopt;
    }
  }();
  std::shared_ptr<const Matrix> composed;
  if (!rows) composed = std::make_shared<const Matrix>(trainer.artist_factors());
  Parameters learnt{.composed = composed,
                    .artist_factors = rows ? *rows : view_of(*composed),
                    .artist_bias = trainer.artist_bias(),
                    .feature_factors = trainer.feature_factors(),
                    .feature_bias = trainer.feature_bias(),
                    .users = {.bias = trainer.user_bias()}};
  if constexpr (requires { trainer.user_factors(0, 0); }) {
    learnt.users.factors = [&trainer](int first, int last) {
      return trainer.user_factors(first, last);
    };
  } else {
    const auto all = std::make_shared<const Matrix>(trainer.user_factors());
    learnt.users.factors = [all](int first, int last) -> Matrix {
      return all->middleRows(first, last - first);
    };
  }
  return learnt;
}

// Collective: mean NDCG@k over all users with validation artists; their training artists are left
// out of the lists. Nothing when no user has any.
std::optional<double> validation_ndcg(const Communicator& world, const RankData& data,
                                      const Parameters& learnt, int k);

// Collective: brings what all ranks have learnt together and fits what serving needs: the fold-in
// map and the calibration. The catalogue, survey, metrics and provenance are left to the caller,
// and so are the artists' factors, which only the root needs; the users to write_model().
Artifact collect_model(const Communicator& world, const RankData& data, const Parameters& learnt,
                       const TrainParams& params);

// Collective: the map that places artists whom nobody has heard (model/new_artist_map.h); each rank
// fits some of its columns. `listeners` [artists] in train. Empty when nothing is known of any
// artist with listeners.
NewArtistMap fit_new_artist_map(const Communicator& world, const DatasetFile& dataset,
                                std::span<const int> listeners, const Parameters& learnt);

// Collective: the root writes `model` to `path`, and all ranks' users, which pass by it and are
// never together in memory.
void write_model(const Communicator& world, const std::string& path, const Artifact& model,
                 const UserRows& users);

}  // namespace mrec
