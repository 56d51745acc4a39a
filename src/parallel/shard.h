#pragma once

#include <cstdint>
#include <span>

namespace mrec {

// The users [begin, end) of one rank.
struct Shard {
  int begin = 0;
  int end = 0;

  [[nodiscard]] int size() const { return end - begin; }
};

// Divides the users among ranks so that all have about the same number of interactions: rank r
// begins at the first user before whom at least r / num_ranks of the interactions lie. `offsets`
// [users + 1] are the CSR row offsets.
Shard shard_of(std::span<const std::int64_t> offsets, int rank, int num_ranks);

}  // namespace mrec
