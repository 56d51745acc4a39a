#pragma once

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "model/loss.h"
#include "model/scorer.h"

namespace mrec {
inline namespace MREC_LEVEL {

// The artists that an interaction draws, uniformly. The first ones are drawn and fetched early, so
// that their rows are in the cache when they are scored.
class Draws {
 public:
  // `key` is a hash of the interaction. Draws `ahead` artists of `most` that will be taken at most.
  void start(std::uint64_t key, const Scorer& scorer, int ahead, int most) {
    key_ = key;
    state_ = key;
    taken_ = 0;
    drawn_ = 0;
    most_ = static_cast<unsigned>(most);
    draw(std::min(static_cast<unsigned>(ahead), kRing), scorer);
  }

  [[gnu::always_inline]] int next(const Scorer& scorer) {
    if (taken_ == drawn_) draw(kMore, scorer);
    return ring_[taken_++ % kRing];
  }

  // Scores the next artists, as many as are at hand, up to four; returns how many.
  [[gnu::always_inline]] int score_next(const Scorer& scorer, int (&artists)[4],
                                        float (&scores)[4]) {
    if (taken_ == drawn_) draw(kMore, scorer);
    if (drawn_ - taken_ < 4) {
      artists[0] = ring_[taken_++ % kRing];
      scores[0] = scorer.score(artists[0]);
      return 1;
    }
    for (int& artist : artists) artist = ring_[taken_++ % kRing];
    scorer.score_four(artists, scores);
    return 4;
  }
  // The last ones were not needed.
  void give_back(int count) { taken_ -= static_cast<unsigned>(count); }

  [[nodiscard]] unsigned taken() const { return taken_; }
  // A stream for what else the interaction draws.
  [[nodiscard]] Rng own() const { return Rng(key_); }

 private:
  static constexpr unsigned kRing = 16;
  static constexpr unsigned kMore = 4;  // artists drawn at once when more are taken than expected

  void draw(unsigned count, const Scorer& scorer) {
    for (const unsigned end = std::min(drawn_ + count, most_); drawn_ < end; ++drawn_) {
      const int artist = uniform(scorer.num_artists());
      scorer.fetch(artist);
      ring_[drawn_ % kRing] = artist;
    }
  }

  // The upper half of Knuth's linear congruential generator (MMIX), which starts at a hash: cheaper
  // than a hash for every draw.
  int uniform(int n) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<int>(((state_ >> 32) * static_cast<std::uint64_t>(n)) >> 32);
  }

  std::uint64_t key_ = 0;
  std::uint64_t state_ = 0;
  unsigned taken_ = 0;
  unsigned drawn_ = 0;
  unsigned most_ = 0;
  int ring_[kRing] = {};
};

// Halves without branches down to a piece that is searched whole, a vector at a time.
inline bool is_heard(std::span<const int> heard, int artist) {
  using Ints [[gnu::vector_size(row::kBytes), gnu::aligned(4), gnu::may_alias]] = int;
  using Pairs [[gnu::vector_size(row::kBytes)]] = std::int64_t;
  constexpr std::size_t kWidth = row::kWidth;
  constexpr std::size_t kPiece = 32;
  const int* first = heard.data();
  std::size_t size = heard.size();
  while (size > kPiece) {
    const std::size_t half = size / 2;
    first += first[half] <= artist ? half : 0;
    size -= half;
  }
  if (size < kWidth) return std::find(first, first + size, artist) != first + size;
  // The last vector overlaps with the one before it.
  Ints found = *reinterpret_cast<const Ints*>(first + size - kWidth) == artist;
  for (std::size_t i = 0; i + kWidth < size; i += kWidth) {
    found |= *reinterpret_cast<const Ints*>(first + i) == artist;
  }
  const auto pairs = reinterpret_cast<Pairs>(found);
  std::int64_t any = 0;
  for (std::size_t i = 0; i < kWidth / 2; ++i) any |= pairs[i];
  return any != 0;
}

// 1 / (1 + exp(-x)) and log(1 + exp(x)), from one exponential.
struct Logit {
  explicit Logit(float x) {
    const float small = std::exp(-std::abs(x));
    sigmoid = (x < 0 ? small : 1) / (1 + small);
    // log(1 + small) = 2 atanh(s) = 2 (s + s^3 / 3 + s^5 / 5 + ...) with s <= 1/3: the terms that
    // are left out are below 2e-6 of it.
    const float s = small / (2 + small);
    const float t = s * s;
    const float series =
        (1 + t * (1 / 3.0F)) + t * t * ((1 / 5.0F + t * (1 / 7.0F)) + t * t * (1 / 9.0F));
    softplus = std::max(x, 0.0F) + 2 * s * series;
  }

  float sigmoid;
  float softplus;
};

}  // namespace MREC_LEVEL
}  // namespace mrec
