#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"
#include "model/scorer.h"
#include "model/train_params.h"

namespace mrec {

// Minus the derivative of the loss by an artist's score: how hard the score is pushed, and where
// to.
struct Push {
  int artist = 0;
  float weight = 0;
};

// One interaction that training visits.
struct Positive {
  int artist = 0;
  float weight = 1;            // of the interaction
  std::span<const int> heard;  // the user's artists in train, ascending
};

// What one interaction teaches.
class Loss {
 public:
  virtual ~Loss() = default;

  // Appends the pushes to `pushes` (cleared by the caller) and returns the loss. No push: there was
  // nothing to learn. `scorer` is set to the user.
  virtual float draw(const Scorer& scorer, const Positive& positive, Rng& rng,
                     std::vector<Push>& pushes) const = 0;
};

// To add a loss: one file in losses/ and one row in the table of loss.cpp.
std::vector<std::string> loss_names();
std::unique_ptr<Loss> make_loss(const TrainParams& params);

}  // namespace mrec
