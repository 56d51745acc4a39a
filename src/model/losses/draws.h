#pragma once

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "model/loss.h"
#include "model/scorer.h"

namespace mrec {
inline namespace MREC_LEVEL {

// The upper half of Knuth's linear congruential generator (MMIX), which starts at a hash: cheaper
// than a hash for every draw.
class QuickRng {
 public:
  explicit QuickRng(std::uint64_t hash) : state_(hash) {}
  std::uint32_t next() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::uint32_t>(state_ >> 32);
  }
  // Uniform in [0, n); the bias is below n / 2^32.
  int below(int n) { return static_cast<int>((next() * static_cast<std::uint64_t>(n)) >> 32); }

 private:
  std::uint64_t state_;
};

// Four artists scored at once, of which [first, last) have just been drawn; behind them there may
// be anything.
struct Candidates {
  const int* artists;
  row::Four scores;
  int first;
  int last;
};

// The artist of an interaction, and those that it draws, uniformly. The first ones are drawn and
// fetched early, so that their rows are in the cache when they are scored.
class Draws {
 public:
  // `key` is a hash of the interaction, `artist` its own. Draws `ahead` artists of `most` that will
  // be taken at most.
  void start(std::uint64_t key, const Scorer& scorer, int artist, int ahead, int most) {
    key_ = key;
    rng_ = QuickRng(key);
    ring_[0] = artist;
    taken_ = 1;
    drawn_ = 1;
    end_ = 1 + static_cast<unsigned>(most);
    draw(std::min(static_cast<unsigned>(ahead), kRing - 1), scorer);
  }

  [[gnu::always_inline]] int next(const Scorer& scorer) {
    if (taken_ == drawn_) draw(kAtOnce, scorer);
    return ring_[taken_++ % kRing];
  }

  // Whether as many artists have been taken as may be.
  [[nodiscard]] bool ended() const { return taken_ == end_; }

  // Takes and scores the next four artists, the first time the interaction's own and three drawn
  // ones; fewer only when no more may be taken. Not when all have been. (Into `next`, which is
  // never copied: a load of what has just been stored in pieces waits for the stores.)
  [[gnu::always_inline]] void score_next(const Scorer& scorer, Candidates& next) {
    const unsigned first = taken_ / kAtOnce * kAtOnce;
    if (drawn_ < first + kAtOnce) draw(first + kAtOnce - drawn_, scorer);
    next.artists = ring_ + first % kRing;
    next.first = static_cast<int>(taken_ - first);
    taken_ = std::min(first + kAtOnce, end_);
    next.last = static_cast<int>(taken_ - first);
    next.scores = next.last <= 2 ? scorer.scores<2>(next.artists) : scorer.scores<4>(next.artists);
  }

  // The first score_next(), with another artist in the place of the interaction's own: not by way
  // of the ring, as a load of four of which one has just been stored waits for the store.
  [[gnu::always_inline]] void score_first(const Scorer& scorer, int artist, Candidates& next) {
    if (drawn_ < kAtOnce) draw(kAtOnce - drawn_, scorer);
    const int artists[kAtOnce] = {artist, ring_[1], ring_[2], ring_[3]};
    next.artists = ring_;
    next.first = 1;
    taken_ = std::min(kAtOnce, end_);
    next.last = static_cast<int>(taken_);
    next.scores = scorer.scores<kAtOnce>(artists);
  }

  // The last ones were not needed.
  void give_back(int count) { taken_ -= static_cast<unsigned>(count); }

  [[nodiscard]] unsigned taken() const { return taken_ - 1; }
  // A stream for what else the interaction draws.
  [[nodiscard]] QuickRng own() const { return QuickRng(mix64(key_)); }

 private:
  static constexpr unsigned kRing = 16;
  static constexpr unsigned kAtOnce = 4;  // also drawn, when more are taken than expected

  void draw(unsigned count, const Scorer& scorer) {
    // What the loop needs, in registers: the compiler does not know that the ring is not part of
    // it.
    const Scorer::Fetcher fetch = scorer.fetcher();
    const int num_artists = scorer.num_artists();
    QuickRng rng = rng_;
    const unsigned end = std::min(drawn_ + count, end_);
    for (unsigned i = drawn_; i < end; ++i) {
      const int artist = rng.below(num_artists);
      fetch(artist);
      ring_[i % kRing] = artist;
    }
    drawn_ = std::max(drawn_, end);
    rng_ = rng;
  }

  std::uint64_t key_ = 0;
  QuickRng rng_{0};
  // Numbers of places, of which the interaction's artist has the first.
  unsigned taken_ = 0;
  unsigned drawn_ = 0;
  unsigned end_ = 0;
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

}  // namespace MREC_LEVEL
}  // namespace mrec
