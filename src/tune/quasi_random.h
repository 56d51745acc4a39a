#pragma once

#include "tune/sampler.h"

namespace mrec {

// A Sobol sequence, one dimension per parameter, with Owen's nested scrambling (1995): trial
// `number` has the point of that number, so that any first 2^m of them fill the space evenly.
Sampler quasi_random_sampler(const SamplerInput& input);

// [dimensions] in [0, 1): the point `number`.
std::vector<double> sobol_point(std::int64_t number, std::size_t dimensions, std::uint64_t seed);

}  // namespace mrec
