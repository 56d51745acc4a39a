#pragma once

#include "base/matrix.h"
#include "dataset/dataset.h"

namespace mrec {

// The metadata columns as the model sees them: standardized (mean 0, deviation 1) over the artists
// and scaled so that an artist's row has length `scale` in the mean, beside an identity of
// length 1. Raw indicators and 0..1 columns share a large common part that would learn a second
// bias, and two dozen of them together would outweigh the identity.
struct Metadata {
  Matrix values;  // [artists x features]

  [[nodiscard]] int num_features() const { return static_cast<int>(values.cols()); }
};

// `features` [artists x features] with constant columns left at zero.
Metadata standardized(const FeatureMatrix& features, double scale);

}  // namespace mrec
