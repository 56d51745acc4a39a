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

void Embeddings::pack(int r, std::span<float> record) const {
  float* to = record.data();
  for_each_piece(r, [&](const float* from, int count) { to = std::copy_n(from, count, to); });
}

void Embeddings::unpack(int r, std::span<const float> record) const {
  const float* from = record.data();
  for_each_piece(r, [&](float* to, int count) {
    std::copy_n(from, count, to);
    from += count;
  });
}

}  // namespace mrec
