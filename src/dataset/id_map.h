#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace mrec {

// Raw ids <-> dense indices 0..n-1.
//
// In the public Last.fm set neighbouring artist ids were heard by the same user, so the order of
// ids must not reach the model (docs/design.md, "What the data demand"). `hashed` gives ids their
// index by a keyed hash; ties between scores are then broken by index, that is by hash.
class IdMap {
 public:
  IdMap() = default;
  // Index = position in `ids`. Throws InputError for a repeated id.
  explicit IdMap(std::vector<std::int64_t> ids);
  // Index = position after sorting by mix64(id, key).
  static IdMap hashed(std::vector<std::int64_t> ids, std::uint64_t key);

  [[nodiscard]] int size() const { return static_cast<int>(ids_.size()); }
  [[nodiscard]] std::int64_t id(int index) const { return ids_[static_cast<std::size_t>(index)]; }
  [[nodiscard]] std::optional<int> find(std::int64_t id) const;
  [[nodiscard]] const std::vector<std::int64_t>& ids() const { return ids_; }

 private:
  std::vector<std::int64_t> ids_;
  std::unordered_map<std::int64_t, int> index_;
};

}  // namespace mrec
