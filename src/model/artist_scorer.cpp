#include "model/artist_scorer.h"

#include "model/kernel.h"
#include "model/row.h"

namespace mrec {

ArtistScorer::ArtistScorer(const FactorRows& factors, const Vector& bias)
    : factors_(factors), bias_(bias) {}

float ArtistScorer::score(const float* user, int artist) const {
  const float* factors = factors_.data() + artist * factors_.outerStride();
  float sum = 0;
  for (Eigen::Index i = 0; i < factors_.cols(); ++i) sum += factors[i] * user[i];
  return sum + bias_(artist);
}

ArtistScorer::Tile ArtistScorer::empty_tile() const {
  return {.factors = aligned_zeros(static_cast<std::size_t>(kTile * factors_.cols())),
          .bias = aligned_zeros(kTile)};
}

void ArtistScorer::lay_out(int first_artist, Tile& tile) const {
  const int count = std::min(kTile, num_artists() - first_artist);
  const auto dim = static_cast<int>(factors_.cols());
  for (int a = 0; a < count; ++a) {
    const float* from = factors_.data() + (first_artist + a) * factors_.outerStride();
    float* to = tile.factors.data() + a / row::kLanes * row::kLanes * dim + a % row::kLanes;
    for (int i = 0; i < dim; ++i) to[i * row::kLanes] = from[i];
    tile.bias[static_cast<std::size_t>(a)] = bias_(first_artist + a);
  }
}

void ArtistScorer::score_tile(const Tile& tile, int size, const Users& users,
                              Scores& scores) const {
  static const KernelLevel& level = best_level();
  level.score({.factors = tile.factors.data(),
               .bias = tile.bias.data(),
               .dim = static_cast<int>(factors_.cols()),
               .num_artists = size,
               .users = users,
               .scores = scores.data(),
               .stride = kTile});
}

}  // namespace mrec
