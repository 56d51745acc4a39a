#pragma once

#include "model/losses/draw_unheard.h"

namespace mrec {

// The step that WARP and k-OS WARP share: draws artists until an unheard one violates the margin of
// 1 against the positive. The number of draws estimates the rank of the positive: few draws mean a
// bad rank and a hard push.
//
//   weight = log(max(1, floor((artists - 1) / draws))), at most 10
//
// As in LightFM, a heard artist that was drawn counts as a draw. Returns weight * hinge.
inline float warp_pair(const Scorer& scorer, int positive, float positive_score, float weight,
                       std::span<const int> heard, int max_sampled, Rng& rng,
                       std::vector<Push>& pushes) {
  constexpr float kMaxWeight = 10;
  for (int draws = 1; draws <= max_sampled; ++draws) {
    const int negative = draw_artist(scorer, rng);
    if (is_heard(heard, negative)) continue;
    const float hinge = 1 - positive_score + scorer.score(negative);
    if (hinge <= 0) continue;
    const int rank = (scorer.num_artists() - 1) / draws;
    if (rank <= 1) return 0;  // already at the top: a push of log(1)
    const float push = std::min(kMaxWeight, weight * std::log(static_cast<float>(rank)));
    pushes.push_back({positive, push});
    pushes.push_back({negative, -push});
    return push * hinge;
  }
  return 0;
}

}  // namespace mrec
