#pragma once

#include "model/losses/draws.h"
#include "model/losses/logits.h"

namespace mrec {
inline namespace MREC_LEVEL {

// BPR: Bayesian personalized ranking (Rendle et al., UAI 2009), -log sigmoid(positive - negative),
// with one unheard artist drawn uniformly.
class Bpr {
 public:
  static constexpr const char* kName = "bpr";
  static constexpr bool kPushesDraws = true;
  static constexpr bool kLearnsItsArtist = true;
  explicit Bpr(const TrainParams& /*params*/) {}

  // A user who has heard nearly everything teaches nothing.
  [[nodiscard]] static int max_draws() { return 10; }
  [[nodiscard]] static int max_pushes() { return 2; }

  static float draw(const Scorer& scorer, const Positive& positive, Draws& draws, Pushes& pushes) {
    for (int i = 0; i < max_draws(); ++i) {
      const int negative = draws.next(scorer);
      if (is_heard(positive.heard, negative)) continue;
      const Logits logit(row::Four{} + scorer.difference(negative, positive.artist));
      const float push = positive.weight * logit.sigmoid[0];
      pushes.add(positive.artist, push);
      pushes.add(negative, -push);
      return positive.weight * logit.softplus[0];
    }
    return 0;
  }
};

}  // namespace MREC_LEVEL
}  // namespace mrec
