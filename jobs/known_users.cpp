#include "jobs/known_users.h"

#include "base/error.h"

namespace mrec {

KnownUsers::KnownUsers(const std::string& dataset_path, int rank, int num_ranks)
    : path(dataset_path),
      dataset(dataset_path),
      shard(shard_of(dataset.row_offsets("train"), rank, num_ranks)),
      train(interactions("train")),
      valid(interactions("valid")) {}

Artifact KnownUsers::load_model(const std::string& model_path, bool other_dataset) const {
  Artifact model = Artifact::load(model_path);
  if (model.artists.ids() != dataset.artists().ids() ||
      model.users.ids() != dataset.users().ids()) {
    throw InputError(model_path + " does not belong to " + path +
                     ": their artists or users differ; train a model on this dataset");
  }
  for (const auto& [name, value] : model.provenance) {
    if (name == "dataset_sha256" && value != dataset.sha256() && !other_dataset) {
      throw InputError(model_path + " was trained on another dataset file than " + path +
                       ": it may have seen what is held out here; train on this dataset or say "
                       "--other-dataset");
    }
  }
  return model;
}

}  // namespace mrec
