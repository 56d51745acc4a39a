#pragma once

#include <algorithm>

#include "model/loss.h"

namespace mrec {

inline bool is_heard(std::span<const int> heard, int artist) {
  return std::ranges::binary_search(heard, artist);
}

inline int draw_artist(const Scorer& scorer, Rng& rng) {
  return static_cast<int>(rng.below(static_cast<std::uint32_t>(scorer.num_artists())));
}

inline float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

}  // namespace mrec
