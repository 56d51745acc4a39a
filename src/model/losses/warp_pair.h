#pragma once

#include <bit>

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
  static constexpr bool kLearnsItsArtist = true;
  explicit WarpPair(int max_sampled) : max_sampled_(max_sampled) {}
  [[nodiscard]] int max_draws() const { return max_sampled_; }
  [[nodiscard]] static int max_pushes() { return 2; }

 protected:
  // `next` are the first candidates.
  [[gnu::always_inline]] float draw_pair(const Scorer& scorer, const Positive& positive,
                                         float positive_score, float weight, Draws& draws,
                                         Candidates& next, Pushes& pushes) const {
    constexpr float kMaxWeight = 10;
    const float margin = 1 - positive_score;
    for (;; draws.score_next(scorer, next)) {
      // Most of them do not violate it.
      unsigned violating = row::positive(margin + next.scores);
      violating &= (1U << next.last) - (1U << next.first);
      for (; violating != 0; violating &= violating - 1) {
        const int i = std::countr_zero(violating);
        const int artist = next.artists[i];
        if (is_heard(positive.heard, artist)) continue;
        draws.give_back(next.last - 1 - i);
        const int rank = (scorer.num_catalogue() - 1) / static_cast<int>(draws.taken());
        if (rank <= 1) return 0;  // already at the top: a push of log(1)
        const float push = std::min(kMaxWeight, weight * std::log(static_cast<float>(rank)));
        pushes.add(positive.artist, push);
        pushes.add(artist, -push);
        return push * (margin + next.scores[i]);
      }
      if (draws.ended()) return 0;
    }
  }

 private:
  int max_sampled_;
};

}  // namespace MREC_LEVEL
}  // namespace mrec
