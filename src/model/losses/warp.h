#pragma once

#include "model/losses/warp_pair.h"

namespace mrec {
inline namespace MREC_LEVEL {

// WARP: weighted approximate-rank pairwise loss (Weston, Bengio, Usunier, IJCAI 2011).
class Warp : public WarpPair {
 public:
  static constexpr const char* kName = "warp";
  explicit Warp(const TrainParams& params) : WarpPair(params.max_sampled) {}

  float draw(const Scorer& scorer, const Positive& positive, Draws& draws, Pushes& pushes) const {
    Candidates first;
    draws.score_next(scorer, first);
    return draw_pair(scorer, positive, first.scores[0], positive.weight, draws, first, pushes);
  }
};

}  // namespace MREC_LEVEL
}  // namespace mrec
