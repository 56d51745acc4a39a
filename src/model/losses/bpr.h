#pragma once

#include "model/losses/draw_unheard.h"

namespace mrec {

// BPR: Bayesian personalized ranking (Rendle et al., UAI 2009), -log sigmoid(positive - negative),
// with one unheard artist drawn uniformly.
class Bpr : public Loss {
 public:
  explicit Bpr(const TrainParams& /*params*/) {}

  float draw(const Scorer& scorer, const Positive& positive, Rng& rng,
             std::vector<Push>& pushes) const override {
    constexpr int kTries = 10;  // a user who has heard nearly everything teaches nothing
    for (int i = 0; i < kTries; ++i) {
      const int negative = draw_artist(scorer, rng);
      if (is_heard(positive.heard, negative)) continue;
      const float difference = scorer.score(positive.artist) - scorer.score(negative);
      const float push = positive.weight * sigmoid(-difference);
      pushes.push_back({positive.artist, push});
      pushes.push_back({negative, -push});
      return positive.weight * std::log1p(std::exp(-difference));
    }
    return 0;
  }
};

}  // namespace mrec
