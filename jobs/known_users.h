#pragma once

#include <string>

#include "dataset/dataset.h"
#include "model/artifact.h"
#include "parallel/shard.h"

namespace mrec {

// A model beside the data that it was trained on: this rank's part of the users.
struct KnownUsers {
  // Throws InputError when the files do not belong together: other artists or users, or (unless
  // `other_dataset`) a model that was trained on another dataset file.
  KnownUsers(const std::string& dataset_path, const std::string& model_path, bool other_dataset,
             int rank, int num_ranks);

  // This rank's users of a part of the split.
  [[nodiscard]] Interactions interactions(const std::string& part) const {
    return dataset.interactions(part, shard.begin, shard.end);
  }
  // The vector [d] of this rank's `user`-th user.
  [[nodiscard]] RowVector factors(int user) const {
    return model.user_factors.row(shard.begin + user);
  }

  DatasetFile dataset;
  Artifact model;
  Shard shard;
  Interactions train;
  Interactions valid;
};

}  // namespace mrec
