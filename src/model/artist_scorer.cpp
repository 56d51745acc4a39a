#include "model/artist_scorer.h"

#include "model/kernel.h"
#include "model/row.h"

namespace mrec {
namespace {

std::size_t padded(int num_artists) {
  constexpr int kTile = ArtistScorer::kTile;
  return static_cast<std::size_t>((num_artists + kTile - 1) / kTile) * kTile;
}

}  // namespace

ArtistScorer::ArtistScorer(const Matrix& factors, const Vector& bias)
    : num_artists_(static_cast<int>(factors.rows())),
      dim_(static_cast<int>(factors.cols())),
      factors_(aligned_zeros(padded(num_artists_) * static_cast<std::size_t>(dim_))),
      bias_(aligned_zeros(padded(num_artists_))) {
  for (int a = 0; a < num_artists_; ++a) {
    const int group = a / row::kLanes * row::kLanes;
    for (int i = 0; i < dim_; ++i) {
      factors_[static_cast<std::size_t>(group) * static_cast<std::size_t>(dim_) +
               static_cast<std::size_t>(i * row::kLanes + a % row::kLanes)] = factors(a, i);
    }
    bias_[static_cast<std::size_t>(a)] = bias(a);
  }
}

float ArtistScorer::score(const float* user, int artist) const {
  const int group = artist / row::kLanes * row::kLanes;
  const float* column = factors_.data() +
                        static_cast<std::size_t>(group) * static_cast<std::size_t>(dim_) +
                        artist % row::kLanes;
  float sum = 0;
  for (int i = 0; i < dim_; ++i)
    sum += column[static_cast<std::ptrdiff_t>(i) * row::kLanes] * user[i];
  return sum + bias_[static_cast<std::size_t>(artist)];
}

void ArtistScorer::score_tile(int first_artist, const Users& users, Scores& scores) const {
  static const KernelLevel& level = best_level();
  const auto first = static_cast<std::size_t>(first_artist);
  level.score({.factors = factors_.data() + first * static_cast<std::size_t>(dim_),
               .bias = bias_.data() + first,
               .dim = dim_,
               .num_artists = kTile,
               .users = users,
               .scores = scores.data(),
               .stride = kTile});
}

}  // namespace mrec
