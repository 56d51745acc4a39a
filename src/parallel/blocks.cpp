#include "parallel/blocks.h"

#include <numeric>

#include "base/random.h"

namespace mrec {
namespace {

constexpr std::uint64_t kBlocks = 6ULL << 32;

// x with factor * x = 1 (mod modulus), by Euclid's algorithm; factor and modulus have no common
// divisor.
std::int64_t inverse_of(std::int64_t factor, std::int64_t modulus) {
  std::int64_t remainder = modulus;
  std::int64_t next_remainder = factor;
  std::int64_t x = 0;
  std::int64_t next_x = 1;
  while (next_remainder != 0) {
    const std::int64_t quotient = remainder / next_remainder;
    remainder -= quotient * next_remainder;
    std::swap(remainder, next_remainder);
    x -= quotient * next_x;
    std::swap(x, next_x);
  }
  return ((x % modulus) + modulus) % modulus;
}

}  // namespace

Blocks::Blocks(std::int64_t seed, int epoch, int num_artists, int num_blocks)
    : num_artists_(num_artists), num_blocks_(num_blocks) {
  if (num_artists_ < 2) return;
  Rng rng(static_cast<std::uint64_t>(seed), kBlocks, static_cast<std::uint64_t>(epoch));
  const auto below = static_cast<std::uint32_t>(num_artists_);
  do {
    factor_ = rng.below(below);
  } while (std::gcd(factor_, std::int64_t{num_artists_}) != 1);
  shift_ = rng.below(below);
  inverse_ = inverse_of(factor_, num_artists_);
}

}  // namespace mrec
