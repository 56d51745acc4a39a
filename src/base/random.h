#pragma once

#include <cstdint>
#include <utility>

namespace mrec {

// The finalizer of SplitMix64 (Steele, Lea, Flood 2014): a bijection of 64-bit words that leaves no
// visible pattern.
constexpr std::uint64_t mix64(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

// A counter-based random stream: the n-th draw is a hash of (seed, what, index, n). Draws are keyed
// by what they are for (say, a user's id) and so do not depend on the number of ranks.
class Rng {
 public:
  [[gnu::always_inline]] constexpr explicit Rng(std::uint64_t seed, std::uint64_t what = 0,
                                                std::uint64_t index = 0)
      : key_(mix64(mix64(mix64(seed) ^ what) ^ index)) {}

  constexpr std::uint64_t next() { return mix64(key_ + 0xD1342543DE82EF95ULL * counter_++); }

  // Uniform in [0, n), n > 0. Lemire's multiply-shift; the bias is below n / 2^32.
  constexpr std::uint32_t below(std::uint32_t n) {
    return static_cast<std::uint32_t>(((next() >> 32) * n) >> 32);
  }

  // Uniform in [0, 1).
  constexpr double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

  // So that it serves std::shuffle; note that std::shuffle itself is not portable across libraries.
  using result_type = std::uint64_t;
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return ~result_type{0}; }
  constexpr result_type operator()() { return next(); }

 private:
  std::uint64_t key_;
  std::uint64_t counter_ = 0;
};

// Fisher-Yates with our own draws: the same order with every standard library.
template <typename Sequence>
void shuffle(Sequence& sequence, Rng& rng) {
  for (auto n = static_cast<std::uint32_t>(sequence.size()); n > 1; --n) {
    using std::swap;
    swap(sequence[n - 1], sequence[rng.below(n)]);
  }
}

}  // namespace mrec
