#pragma once

#include "model/losses/draws.h"

namespace mrec {
inline namespace MREC_LEVEL {

// Logistic loss on single artists: the heard one is a 1, `negatives` unheard ones drawn uniformly
// are 0. LightFM draws none, and then little but popularity is learnt.
class Logistic {
 public:
  static constexpr const char* kName = "logistic";
  static constexpr bool kPushesDraws = true;
  explicit Logistic(const TrainParams& params) : negatives_(params.negatives) {}

  [[nodiscard]] int max_draws() const { return negatives_; }
  [[nodiscard]] int max_pushes() const { return 1 + negatives_; }

  float draw(const Scorer& scorer, const Positive& positive, Draws& draws, Pushes& pushes) const {
    const Logit heard(-scorer.score(positive.artist));
    pushes.add(positive.artist, positive.weight * heard.sigmoid);
    float loss = positive.weight * heard.softplus;
    for (int i = 0; i < negatives_; ++i) {
      const int negative = draws.next(scorer);
      if (is_heard(positive.heard, negative)) continue;
      const Logit unheard(scorer.score(negative));
      pushes.add(negative, -positive.weight * unheard.sigmoid);
      loss += positive.weight * unheard.softplus;
    }
    return loss;
  }

 private:
  int negatives_;
};

}  // namespace MREC_LEVEL
}  // namespace mrec
