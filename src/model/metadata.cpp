#include "model/metadata.h"

#include <cmath>

namespace mrec {

Metadata standardized(const FeatureMatrix& features, double scale) {
  Metadata metadata{features.values.toDense()};
  Matrix& values = metadata.values;
  const auto rows = static_cast<float>(std::max<Eigen::Index>(1, values.rows()));
  int varying = 0;
  for (Eigen::Index f = 0; f < values.cols(); ++f) {
    auto column = values.col(f);
    column.array() -= column.sum() / rows;
    const float deviation = std::sqrt(column.squaredNorm() / rows);
    if (deviation < 1e-6F) {
      column.setZero();
    } else {
      column /= deviation;
      ++varying;
    }
  }
  if (varying > 0) values *= static_cast<float>(scale / std::sqrt(varying));
  return metadata;
}

}  // namespace mrec
