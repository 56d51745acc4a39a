#pragma once

#include <optional>

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

// Collective: what the square loss is trained on in place of data.train: confidences of this rank's
// users, then its part of the tags as further rows. `tags` [artists x tags].
struct SquareData {
  SparseMatrix pairs;  // [its users and tags x artists]
  int num_tags = 0;
  std::int64_t first_pair = 0;  // pairs of all ranks before
};
SquareData square_data(const Communicator& world, const RankData& data, const SparseMatrix& tags,
                       const TrainParams& params);

// What a trainer has learnt: of its own users, and of all artists and metadata columns.
struct Parameters {
  Matrix artist_factors;   // [A x d]
  Vector artist_bias;      // [A]
  Matrix user_factors;     // [its users x d]
  Vector user_bias;        // [its users]
  Matrix feature_factors;  // [F x d]
  Vector feature_bias;     // [F]
};
template <typename Trainer>
Parameters parameters_of(const Trainer& trainer) {
  return {.artist_factors = trainer.artist_factors(),
          .artist_bias = trainer.artist_bias(),
          .user_factors = trainer.user_factors(),
          .user_bias = trainer.user_bias(),
          .feature_factors = trainer.feature_factors(),
          .feature_bias = trainer.feature_bias()};
}

// Collective: mean NDCG@k over all users with validation artists; their training artists are left
// out of the lists. Nothing when no user has any.
std::optional<double> validation_ndcg(const Communicator& world, const RankData& data,
                                      const Parameters& learnt, int k);

// Collective: brings the parameters of all ranks together and fits what serving needs: the fold-in
// map and the calibration. The catalogue, survey, metrics and provenance are left to the caller.
// The artifact is whole on the root only.
Artifact collect_model(const Communicator& world, const RankData& data, Parameters learnt,
                       const TrainParams& params);

// Collective: the map that places artists whom nobody has heard (model/new_artist_map.h), for a
// `model` of collect_model(); each rank fits some of its columns. Empty when nothing is known of
// any artist with listeners.
NewArtistMap fit_new_artist_map(const Communicator& world, const DatasetFile& dataset,
                                const Artifact& model);

}  // namespace mrec
