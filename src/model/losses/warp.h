#pragma once

#include "model/losses/warp_pair.h"

namespace mrec {

// WARP: weighted approximate-rank pairwise loss (Weston, Bengio, Usunier, IJCAI 2011).
class Warp : public Loss {
 public:
  explicit Warp(const TrainParams& params) : max_sampled_(params.max_sampled) {}

  float draw(const Scorer& scorer, const Positive& positive, Rng& rng,
             std::vector<Push>& pushes) const override {
    return warp_pair(scorer, positive.artist, scorer.score(positive.artist), positive.weight,
                     positive.heard, max_sampled_, rng, pushes);
  }

 private:
  int max_sampled_;
};

}  // namespace mrec
