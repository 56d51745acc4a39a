#include "serve/heard_artists.h"

#include <algorithm>

#include "base/error.h"
#include "dataset/dataset.h"

namespace mrec {

HeardArtists::HeardArtists(const std::string& dataset, const Artifact& model) {
  const DatasetFile file(dataset);
  const auto trained_on = std::ranges::find(model.provenance, "dataset_sha256",
                                            &decltype(model.provenance)::value_type::first);
  if (trained_on == model.provenance.end() || trained_on->second != file.sha256() ||
      file.users().ids() != model.users.ids() || file.artists().ids() != model.artists.ids()) {
    throw InputError(dataset +
                     ": is not the dataset that the model was trained on; give that one, "
                     "or none");
  }
  const SparseMatrix train = file.interactions("train").weights;
  const SparseMatrix valid = file.interactions("valid").weights;
  artists_.reserve(static_cast<std::size_t>(train.nonZeros() + valid.nonZeros()));
  first_.push_back(0);
  for (int user = 0; user < file.num_users(); ++user) {
    for (const SparseMatrix* part : {&train, &valid}) {
      for (SparseMatrix::InnerIterator it(*part, user); it; ++it) {
        artists_.push_back(static_cast<int>(it.col()));
      }
    }
    first_.push_back(std::ssize(artists_));
  }
}

std::span<const int> HeardArtists::of(int user) const {
  if (!is_known()) return {};
  const auto u = static_cast<std::size_t>(user);
  return std::span(artists_).subspan(static_cast<std::size_t>(first_[u]),
                                     static_cast<std::size_t>(first_[u + 1] - first_[u]));
}

}  // namespace mrec
