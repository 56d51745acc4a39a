#include "model/scorer.h"

namespace mrec {
namespace {

using RowsMap = Eigen::Map<Matrix, 0, Eigen::OuterStride<>>;

RowsMap rows(const Embeddings& table, int first, int count) {
  return {table.row(first), count, table.dim(), Eigen::OuterStride<>(table.stride())};
}

Eigen::Map<Vector> biases(const Embeddings& table, int first, int count) {
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

void ArtistModel::compose_in_place() const {
  RowsMap all = rows(features, 0, num_artists);
  Eigen::Map<Vector> bias = biases(features, 0, num_artists);
  if (!has_identity) {
    all.setZero();
    bias.setZero();
  }
  if (metadata == nullptr) return;
  all += metadata->values * rows(features, num_artists, metadata->num_features());
  bias += metadata->values * biases(features, num_artists, metadata->num_features());
}

}  // namespace mrec
