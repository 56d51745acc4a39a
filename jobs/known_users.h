#pragma once

#include <string>

#include "dataset/dataset.h"
#include "model/artifact.h"
#include "parallel/shard.h"

namespace mrec {

// This rank's part of the users of a dataset.
struct KnownUsers {
  // Throws InputError as DatasetFile.
  KnownUsers(const std::string& dataset_path, int rank, int num_ranks);

  // A model of these users. Throws InputError when the files do not belong together: other artists
  // or users, or (unless `other_dataset`) a model that was trained on another dataset file.
  [[nodiscard]] Artifact load_model(const std::string& path, bool other_dataset) const;

  // This rank's users of a part of the split.
  [[nodiscard]] Interactions interactions(const std::string& part) const {
    return dataset.interactions(part, shard.begin, shard.end);
  }
  // The vectors [users of this rank x d] of a model.
  [[nodiscard]] Matrix factors(const Artifact& model) const {
    return model.user_factors.middleRows(shard.begin, shard.size());
  }

  std::string path;
  DatasetFile dataset;
  Shard shard;
  Interactions train;
  Interactions valid;
};

}  // namespace mrec
