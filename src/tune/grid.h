#pragma once

#include "tune/sampler.h"

namespace mrec {

// All configurations, each once, in an order that looks random; a parameter with the values of an
// interval takes `grid_points` of them, evenly in x or ln x, both ends included. Throws InputError
// when there are more than 2^53.
Sampler grid_sampler(const SamplerInput& input);

}  // namespace mrec
