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
  Interactions train;  // [its users x artists]
  Interactions valid;
};

// Reads this rank's users, divided by equal numbers of training interactions.
RankData read_rank_data(const DatasetFile& dataset, int rank, int num_ranks);

// Collective: mean NDCG@k over all users with validation artists; their training artists are left
// out of the lists. Nothing when no user has any.
std::optional<double> validation_ndcg(const Communicator& world, const RankData& data,
                                      const HogwildTrainer& trainer, int k);

// Collective: brings the parameters of all ranks together and fits what serving needs: the fold-in
// map and the calibration. The catalogue, survey, metrics and provenance are left to the caller.
// The artifact is whole on the root only.
Artifact collect_model(const Communicator& world, const RankData& data,
                       const HogwildTrainer& trainer, const TrainParams& params);

}  // namespace mrec
