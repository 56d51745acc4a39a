#pragma once

#include <span>
#include <string>
#include <vector>

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
  bool opens_chunk = true;     // the first of a few of this user
};

// The pushes of an interaction. Room for them is made beforehand.
class Pushes {
 public:
  explicit Pushes(int most) : pushes_(static_cast<std::size_t>(most)) {}
  void clear() { count_ = 0; }
  void add(int artist, float weight) { pushes_[count_++] = {artist, weight}; }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] const Push* begin() const { return pushes_.data(); }
  [[nodiscard]] const Push* end() const { return pushes_.data() + count_; }
  [[nodiscard]] const Push& operator[](std::size_t i) const { return pushes_[i]; }

 private:
  std::vector<Push> pushes_;
  std::size_t count_ = 0;
};

// The losses of losses/all.h by name.
std::vector<std::string> loss_names();
// Throws InputError: there is no such loss.
[[noreturn]] void refuse_loss(const std::string& name);

}  // namespace mrec
