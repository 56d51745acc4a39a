#include "model/metadata.h"

#include <algorithm>
#include <cmath>

namespace mrec {

Metadata centred(const FeatureMatrix& features, double scale, bool standardize) {
  Metadata metadata{features.values.toDense()};
  Matrix& values = metadata.values;
  const auto rows = static_cast<float>(std::max<Eigen::Index>(1, values.rows()));
  float variance = 0;  // of all columns together: the mean square of a row's length
  for (Eigen::Index f = 0; f < values.cols(); ++f) {
    auto column = values.col(f);
    column.array() -= column.sum() / rows;
    const float deviation = std::sqrt(column.squaredNorm() / rows);
    if (deviation < 1e-6F) {
      column.setZero();
    } else if (standardize) {
      column /= deviation;
      variance += 1;
    } else {
      variance += deviation * deviation;
    }
  }
  if (variance > 0) values *= static_cast<float>(scale / std::sqrt(variance));
  return metadata;
}

MetadataRows::MetadataRows(const Metadata& metadata)
    : num_features_(metadata.num_features()),
      stride_((num_features_ + 15) / 16 * 16),
      values_(static_cast<std::size_t>(metadata.values.rows()) *
              static_cast<std::size_t>(stride_)) {
  for (int a = 0; a < metadata.values.rows(); ++a) {
    std::copy_n(metadata.values.row(a).data(), num_features_,
                values_.data() + static_cast<std::size_t>(a) * static_cast<std::size_t>(stride_));
  }
}

}  // namespace mrec
