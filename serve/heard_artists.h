#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "model/artifact.h"

namespace mrec {

// Artists that the users of a model are known to have heard.
class HeardArtists {
 public:
  HeardArtists() = default;  // nothing is known
  // From the train and valid parts of the dataset.h5 on which `model` was trained. Throws
  // InputError when it was trained on another one.
  HeardArtists(const std::string& dataset, const Artifact& model);

  [[nodiscard]] bool is_known() const { return !first_.empty(); }
  // Indices of artists, perhaps twice. Nobody has heard anything when nothing is known.
  [[nodiscard]] std::span<const int> of(int user) const;

 private:
  std::vector<std::int64_t> first_;  // [users + 1] or nothing
  std::vector<int> artists_;
};

}  // namespace mrec
