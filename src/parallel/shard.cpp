#include "parallel/shard.h"

#include <algorithm>

namespace mrec {

Shard shard_of(std::span<const std::int64_t> offsets, int rank, int num_ranks) {
  const auto begin_of = [&](int r) {
    if (r == num_ranks) return static_cast<int>(offsets.size()) - 1;
    const std::int64_t share =
        offsets.back() / num_ranks * r + offsets.back() % num_ranks * r / num_ranks;
    return static_cast<int>(std::ranges::lower_bound(offsets, share) - offsets.begin());
  };
  const int users = static_cast<int>(offsets.size()) - 1;
  return {std::min(begin_of(rank), users), std::min(begin_of(rank + 1), users)};
}

}  // namespace mrec
