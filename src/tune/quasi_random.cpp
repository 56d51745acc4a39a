#include "tune/quasi_random.h"

#include <boost/random/sobol.hpp>

#include "base/error.h"

namespace mrec {
namespace {

constexpr int kBits = 32;
constexpr std::size_t kMaxDimensions = 1000;

// Owen's scrambling: each bit is flipped or not by a coin that depends on all bits above it.
std::uint32_t scrambled(std::uint32_t x, std::uint64_t key) {
  std::uint32_t result = 0;
  for (int bit = kBits - 1; bit >= 0; --bit) {
    // The bits above, behind a 1 that tells how many there are.
    const std::uint64_t prefix =
        (std::uint64_t{1} << (kBits - 1 - bit)) | (bit == kBits - 1 ? 0 : x >> (bit + 1));
    const auto coin = static_cast<std::uint32_t>(mix64(key ^ mix64(prefix)) >> 63);
    result |= (((x >> bit) & 1U) ^ coin) << bit;
  }
  return result;
}

}  // namespace

std::vector<double> sobol_point(std::int64_t number, std::size_t dimensions, std::uint64_t seed) {
  if (dimensions > kMaxDimensions) throw InputError("qmc takes at most 1000 parameters");
  boost::random::sobol_engine<std::uint32_t, kBits> sobol(dimensions);
  // Boost leaves the point 0 out, whose coordinates are all 0.
  if (number > 0) sobol.discard(static_cast<std::uintmax_t>(number - 1) * dimensions);
  std::vector<double> point;
  for (std::size_t d = 0; d < dimensions; ++d) {
    const std::uint32_t bits = scrambled(number == 0 ? 0 : sobol(), mix64(mix64(seed) ^ d));
    point.push_back((bits + 0.5) * 0x1p-32);
  }
  return point;
}

Sampler quasi_random_sampler(const SamplerInput& input) {
  const std::vector<double> point =
      sobol_point(input.number, input.space.size(), static_cast<std::uint64_t>(input.params.seed));
  const auto draw = [=](int, std::size_t group, Configuration& configuration) {
    for (const std::size_t i : input.space.groups()[group]) {
      configuration[i] = input.space.params()[i].distribution.at(point[i]);
    }
  };
  return {.draw = draw, .num_attempts = 1};
}

}  // namespace mrec
