#pragma once

#include "model/losses/draws.h"
#include "model/losses/logits.h"

namespace mrec {
inline namespace MREC_LEVEL {

// Logistic loss on single artists: the heard one is a 1, `negatives` unheard ones drawn uniformly
// are 0. LightFM draws none, and then little but popularity is learnt.
class Logistic {
 public:
  static constexpr const char* kName = "logistic";
  static constexpr bool kPushesDraws = true;
  static constexpr bool kLearnsItsArtist = true;
  explicit Logistic(const TrainParams& params) : negatives_(params.negatives) {}

  [[nodiscard]] int max_draws() const { return negatives_; }
  [[nodiscard]] int max_pushes() const { return 1 + negatives_; }

  float draw(const Scorer& scorer, const Positive& positive, Draws& draws, Pushes& pushes) const {
    float loss = 0;
    for (bool is_first = true; is_first || !draws.ended(); is_first = false) {
      Candidates next;
      draws.score_next(scorer, next);
      row::Four scores = next.scores;
      if (is_first) scores[0] = -scores[0];
      const Logits logits(scores);
      if (is_first) {
        pushes.add(positive.artist, positive.weight * logits.sigmoid[0]);
        loss = positive.weight * logits.softplus[0];
      }
      for (int i = next.first; i < next.last; ++i) {
        if (is_heard(positive.heard, next.artists[i])) continue;
        pushes.add(next.artists[i], -positive.weight * logits.sigmoid[i]);
        loss += positive.weight * logits.softplus[i];
      }
    }
    return loss;
  }

 private:
  int negatives_;
};

}  // namespace MREC_LEVEL
}  // namespace mrec
