#pragma once

#include "model/losses/draw_unheard.h"

namespace mrec {

// Logistic loss on single artists: the heard one is a 1, `negatives` unheard ones drawn uniformly
// are 0. LightFM draws none, and then little but popularity is learnt.
class Logistic : public Loss {
 public:
  explicit Logistic(const TrainParams& params) : negatives_(params.negatives) {}

  float draw(const Scorer& scorer, const Positive& positive, Rng& rng,
             std::vector<Push>& pushes) const override {
    const float score = scorer.score(positive.artist);
    pushes.push_back({positive.artist, positive.weight * sigmoid(-score)});
    float loss = positive.weight * std::log1p(std::exp(-score));
    for (int i = 0; i < negatives_; ++i) {
      const int negative = draw_artist(scorer, rng);
      if (is_heard(positive.heard, negative)) continue;
      const float other = scorer.score(negative);
      pushes.push_back({negative, -positive.weight * sigmoid(other)});
      loss += positive.weight * std::log1p(std::exp(other));
    }
    return loss;
  }

 private:
  int negatives_;
};

}  // namespace mrec
