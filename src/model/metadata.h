#pragma once

#include "base/aligned.h"
#include "base/matrix.h"
#include "dataset/dataset.h"

namespace mrec {

// The metadata columns as the model sees them: moved to mean 0 and scaled together so that an
// artist's row has length `scale` in the mean, beside an identity of length 1. Raw indicators and
// 0..1 columns share a large common part that would learn a second bias, and two dozen of them
// together would outweigh the identity.
struct Metadata {
  Matrix values;  // [artists x features]

  [[nodiscard]] int num_features() const { return static_cast<int>(values.cols()); }
};

// `features` [artists x features] with constant columns left at zero. `standardize` gives every
// column the same deviation; without it columns weigh as much as the data set's scaling lets them.
Metadata centred(const FeatureMatrix& features, double scale, bool standardize);

// A copy of metadata for the kernel: rows padded with zeros to whole cache lines.
class MetadataRows {
 public:
  MetadataRows() = default;
  explicit MetadataRows(const Metadata& metadata);

  [[nodiscard]] int num_features() const { return num_features_; }
  [[nodiscard]] int stride() const { return stride_; }  // 0 without metadata
  [[nodiscard]] const float* row(int artist) const {
    return values_.data() + static_cast<std::size_t>(artist) * static_cast<std::size_t>(stride_);
  }

 private:
  int num_features_ = 0;
  int stride_ = 0;
  AlignedFloats values_;  // [artists x stride]
};

}  // namespace mrec
