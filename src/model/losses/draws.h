#pragma once

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "model/loss.h"
#include "model/scorer.h"

namespace mrec {
inline namespace MREC_LEVEL {

// The artists that an interaction draws, uniformly, by its own random stream. The first ones are
// drawn and fetched early, so that their rows are in the cache when they are scored.
class Draws {
 public:
  // `own` is a second stream, for what else the interaction draws.
  Draws(Rng artists, Rng own) : rng_(artists), own_(own) {}

  // Draws `ahead` artists and keeps that many ahead of those taken, `most` in all.
  void start(const Scorer& scorer, int ahead, int most) {
    most_ = most;
    for (int i = 0; i < std::min(ahead, kRing); ++i) draw_one(scorer);
  }

  [[gnu::always_inline]] int next(const Scorer& scorer) {
    draw_one(scorer);
    if (taken_ < drawn_) return ring_[taken_++ % kRing];
    ++taken_;
    ++drawn_;
    return uniform(scorer);
  }

  [[nodiscard]] int taken() const { return taken_; }
  [[nodiscard]] Rng own() const { return own_; }

 private:
  static constexpr int kRing = 16;

  int uniform(const Scorer& scorer) {
    return static_cast<int>(rng_.below(static_cast<std::uint32_t>(scorer.num_artists())));
  }
  [[gnu::always_inline]] void draw_one(const Scorer& scorer) {
    if (drawn_ >= most_ || drawn_ - taken_ >= kRing) return;
    const int artist = uniform(scorer);
    scorer.fetch(artist);
    ring_[drawn_++ % kRing] = artist;
  }

  Rng rng_;
  Rng own_;
  int ring_[kRing] = {};
  int drawn_ = 0;
  int taken_ = 0;
  int most_ = 0;
};

// Halves without branches down to a piece that is searched whole, many at a time.
inline bool is_heard(std::span<const int> heard, int artist) {
  constexpr std::size_t kPiece = 32;
  const int* first = heard.data();
  std::size_t size = heard.size();
  while (size > kPiece) {
    const std::size_t half = size / 2;
    first += first[half] <= artist ? half : 0;
    size -= half;
  }
  int found = 0;
  for (std::size_t i = 0; i < size; ++i) found |= first[i] == artist ? 1 : 0;
  return found != 0;
}

inline float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

// log(1 + exp(x)), also for large x.
inline float softplus(float x) { return std::max(x, 0.0F) + std::log1p(std::exp(-std::abs(x))); }

}  // namespace MREC_LEVEL
}  // namespace mrec
