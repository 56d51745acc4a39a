#include "dataset/id_map.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/random.h"

namespace mrec {

IdMap::IdMap(std::vector<std::int64_t> ids) : ids_(std::move(ids)) {
  index_.reserve(ids_.size());
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    if (!index_.emplace(ids_[i], static_cast<int>(i)).second) {
      throw InputError("id " + std::to_string(ids_[i]) + " comes twice");
    }
  }
}

IdMap IdMap::hashed(std::vector<std::int64_t> ids, std::uint64_t key) {
  // mix64 is a bijection, so different ids never tie.
  std::ranges::sort(ids, {}, [key](std::int64_t id) {
    return mix64(mix64(key) ^ static_cast<std::uint64_t>(id));
  });
  return IdMap(std::move(ids));
}

std::optional<int> IdMap::find(std::int64_t id) const {
  const auto found = index_.find(id);
  if (found == index_.end()) return std::nullopt;
  return found->second;
}

}  // namespace mrec
