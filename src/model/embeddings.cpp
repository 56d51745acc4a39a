#include "model/embeddings.h"

#include <algorithm>

#include "base/random.h"

namespace mrec {

void Embeddings::initialize(std::int64_t seed, std::uint64_t what, std::uint64_t first_key,
                            float initial_state) const {
  std::ranges::fill(values(), 0.0F);
  std::ranges::fill(states(), initial_state);
  for (int r = 0; r < rows_; ++r) {
    Rng rng(static_cast<std::uint64_t>(seed), what, first_key + static_cast<std::uint64_t>(r));
    for (int c = 0; c < dim_; ++c) {
      row(r)[c] = static_cast<float>((rng.uniform() - 0.5) / dim_);
    }
  }
}

}  // namespace mrec
