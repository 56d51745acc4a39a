#include "model/scorer.h"

namespace mrec {
namespace {

using RowsMap = Eigen::Map<const Matrix, 0, Eigen::OuterStride<>>;

RowsMap rows(const Embeddings& table, int first, int count) {
  return {table.row(first), count, table.dim(), Eigen::OuterStride<>(table.stride())};
}

Eigen::Map<const Vector> biases(const Embeddings& table, int first, int count) {
  return {&table.bias(0) + first, count};
}

}  // namespace

Matrix ArtistModel::compose() const {
  Matrix all = Matrix::Zero(num_artists, features.dim());
  if (has_identity) all = rows(features, 0, num_artists);
  if (metadata != nullptr) {
    all += metadata->values * rows(features, num_artists, metadata->num_features());
  }
  return all;
}

Vector ArtistModel::compose_bias() const {
  Vector all = Vector::Zero(num_artists);
  if (has_identity) all = biases(features, 0, num_artists);
  if (metadata != nullptr) {
    all += metadata->values * biases(features, num_artists, metadata->num_features());
  }
  return all;
}

}  // namespace mrec
