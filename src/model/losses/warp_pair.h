#pragma once

#include "model/losses/draws.h"

namespace mrec {
inline namespace MREC_LEVEL {

// The step that WARP and k-OS WARP share: draws artists until an unheard one violates the margin of
// 1 against the positive. The number of draws estimates the rank of the positive: few draws mean a
// bad rank and a hard push.
//
//   weight = log(max(1, floor((artists - 1) / draws))), at most 10
//
// As in LightFM, a heard artist that was drawn counts as a draw. Returns weight * hinge.
class WarpPair {
 public:
  static constexpr bool kPushesDraws = false;
  explicit WarpPair(int max_sampled) : max_sampled_(max_sampled) {}
  [[nodiscard]] int max_draws() const { return max_sampled_; }
  [[nodiscard]] static int max_pushes() { return 2; }

 protected:
  float draw_pair(const Scorer& scorer, const Positive& positive, float positive_score,
                  float weight, Draws& draws, Pushes& pushes) const {
    constexpr float kMaxWeight = 10;
    int artists[4];
    float scores[4];
    for (int count = 0; count < max_sampled_;) {
      const int scored = draws.score_next(scorer, artists, scores);
      for (int i = 0; i < scored; ++i) {
        ++count;
        const float hinge = 1 - positive_score + scores[i];
        if (hinge <= 0 || is_heard(positive.heard, artists[i])) continue;
        draws.give_back(scored - 1 - i);
        const int rank = (scorer.num_catalogue() - 1) / count;
        if (rank <= 1) return 0;  // already at the top: a push of log(1)
        const float push = std::min(kMaxWeight, weight * std::log(static_cast<float>(rank)));
        pushes.add(positive.artist, push);
        pushes.add(artists[i], -push);
        return push * hinge;
      }
    }
    return 0;
  }

 private:
  int max_sampled_;
};

}  // namespace MREC_LEVEL
}  // namespace mrec
