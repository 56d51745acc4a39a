#include "model/new_artist_map.h"

#include <cmath>
#include <unordered_map>
#include <utility>

namespace mrec {
namespace {

constexpr float kRidge = 10;
constexpr float kAccuracy = 3e-3F;  // of the residuals, relative
constexpr int kMostSteps = 200;

// For each of `names` its place among `known`, or -1.
std::vector<int> places_of(const std::vector<std::string>& names,
                           const std::vector<std::string>& known) {
  std::unordered_map<std::string, int> place;
  for (const std::string& name : known) place.emplace(name, static_cast<int>(place.size()));
  std::vector<int> places;
  for (const std::string& name : names) {
    const auto found = place.find(name);
    places.push_back(found == place.end() ? -1 : found->second);
  }
  return places;
}

// The columns of these names [rows x names]; every name is among those of `features`.
Matrix columns_of(const FeatureMatrix& features, const std::vector<std::string>& names) {
  const Matrix all = features.values.toDense();
  return all(Eigen::all, places_of(names, features.names));
}

using Known = NewArtistFit::Known;

// M [n x k] with (X'X + ridge) M = right, by conjugate gradients with the diagonal as
// preconditioner (Saad, "Iterative methods for sparse linear systems", 2003, algorithm 9.1):
// Eigen's own take one column at a time, here the columns pass through X together.
Matrix conjugate_gradients(const Known& x, const Matrix& right) {
  const Vector diagonal = x.squared_lengths().array() + kRidge;
  Matrix solution = Matrix::Zero(right.rows(), right.cols());
  Matrix residual = right;
  Matrix scaled = diagonal.cwiseInverse().asDiagonal() * residual;
  Matrix direction = scaled;
  const auto inner = [](const Matrix& a, const Matrix& b) -> RowVector {
    return a.cwiseProduct(b).colwise().sum();
  };
  RowVector size = inner(residual, scaled);
  const RowVector enough = kAccuracy * kAccuracy * size;
  for (int step = 0; step < kMostSteps && (size.array() > enough.array()).any(); ++step) {
    const Matrix image = x.transposed_times(x.times(direction)) + kRidge * direction;
    // A column that is solved stands still; one of zeros always was.
    const auto ratio = [](const RowVector& a, const RowVector& b) -> RowVector {
      return (b.array() > 0).select(a.array() / b.array(), 0);
    };
    const RowVector length = ratio(size, inner(direction, image));
    solution += direction * length.asDiagonal();
    residual -= image * length.asDiagonal();
    scaled = diagonal.cwiseInverse().asDiagonal() * residual;
    const RowVector next = inner(residual, scaled);
    direction = scaled + direction * ratio(next, size).asDiagonal();
    size = next;
  }
  return solution;
}

}  // namespace

Matrix NewArtistMap::place(const SparseMatrix& tags, const std::vector<std::string>& tags_of,
                           const FeatureMatrix& features) const {
  const std::vector<int> tag_at = places_of(tags_of, tag_names);
  const std::vector<int> feature_at = places_of(feature_names, features.names);
  Matrix placed = map.bottomRows(1).replicate(tags.rows(), 1);
  for (int row = 0; row < tags.rows(); ++row) {
    for (SparseMatrix::InnerIterator it(tags, row); it; ++it) {
      const int tag = tag_at[static_cast<std::size_t>(it.col())];
      if (tag >= 0) placed.row(row) += it.value() * map.row(tag);
    }
  }
  const Matrix values = features.values.toDense();
  for (std::size_t f = 0; f < feature_at.size(); ++f) {
    if (feature_at[f] < 0) continue;
    const auto column = static_cast<Eigen::Index>(f);
    const Vector moved = values.col(feature_at[f]).array() - feature_mean(column);
    placed.noalias() += moved * map.row(num_tags() + column);
  }
  return placed;
}

NewArtistFit::NewArtistFit(const SparseMatrix& tags, std::vector<std::string> tag_names,
                           const FeatureMatrix& features, std::span<const int> listeners) {
  for (int a = 0; a < tags.rows(); ++a) {
    const bool known =
        tags.nonZeros() > 0 ? tags.row(a).nonZeros() > 0 : features.values.cols() > 0;
    if (listeners[static_cast<std::size_t>(a)] > 0 && known) artists_.push_back(a);
  }
  map_.tag_names = std::move(tag_names);
  for (const std::string& name : features.names) {
    if (name != "listeners") map_.feature_names.push_back(name);
  }
  Matrix metadata = columns_of(features, map_.feature_names)(artists_, Eigen::all);
  const auto rows = static_cast<float>(std::max<Eigen::Index>(1, metadata.rows()));
  map_.feature_mean = metadata.colwise().sum().transpose() / rows;
  metadata.rowwise() -= map_.feature_mean.transpose();
  deviation_ = (metadata.colwise().squaredNorm().transpose() / rows).cwiseSqrt();
  deviation_ = (deviation_.array() < 1e-6F).select(1.0F, deviation_);

  // min |X M - Y|^2 + ridge |M|^2; metadata are scaled alike in it.
  std::vector<Eigen::Triplet<float>> entries;
  for (int r = 0; r < std::ssize(artists_); ++r) {
    for (SparseMatrix::InnerIterator it(tags, artists_[static_cast<std::size_t>(r)]); it; ++it) {
      entries.emplace_back(r, static_cast<int>(it.col()), it.value());
    }
  }
  known_.tags.resize(std::ssize(artists_), map_.num_tags());
  known_.tags.setFromTriplets(entries.begin(), entries.end());
  known_.rest.resize(metadata.rows(), metadata.cols() + 1);
  known_.rest << metadata * deviation_.cwiseInverse().asDiagonal(), Vector::Ones(metadata.rows());
}

Vector NewArtistFit::Known::squared_lengths() const {
  Vector lengths(tags.cols() + rest.cols());
  lengths << tags.cwiseProduct(tags).transpose() * Vector::Ones(tags.rows()),
      rest.colwise().squaredNorm().transpose();
  return lengths;
}

Matrix NewArtistFit::Known::times(const Matrix& right) const {
  Matrix product = tags * right.topRows(tags.cols());
  product.noalias() += rest * right.bottomRows(rest.cols());
  return product;
}

Matrix NewArtistFit::Known::transposed_times(const Matrix& right) const {
  Matrix product(tags.cols() + rest.cols(), right.cols());
  product << tags.transpose() * right, rest.transpose() * right;
  return product;
}

Matrix NewArtistFit::solve(const Matrix& columns) const {
  const Matrix targets = columns(artists_, Eigen::all);
  Matrix map = conjugate_gradients(known_, known_.transposed_times(targets));
  for (Eigen::Index f = 0; f < deviation_.size(); ++f) {
    map.row(map_.num_tags() + f) /= deviation_(f);
  }
  return map;
}

NewArtistMap NewArtistFit::with(Matrix map) && {
  map_.map = std::move(map);
  return std::move(map_);
}

}  // namespace mrec
