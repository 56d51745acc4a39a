#include "model/recommend.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "model/square_rows.h"

namespace mrec {
namespace {

// [d + 1]: the weighted mean of the rated artists' representations, then 1.
RowVector weighted_mean(const Artifact& model, std::span<const Rating> ratings) {
  if (ratings.empty()) throw InputError("a taste needs at least one rated artist");
  RowVector mean = RowVector::Zero(model.dim() + 1);
  float total = 0;
  for (const Rating& rating : ratings) {
    mean.head(model.dim()) += rating.weight * model.artist_factors.row(rating.artist);
    total += rating.weight;
  }
  mean /= total;
  mean(model.dim()) = 1;
  return mean;
}

// The row of the square loss for these pairs; one Cholesky of [d x d].
RowVector fold_in_square(const Artifact& model, std::span<const Rating> ratings) {
  const SquareLoss loss = square_loss(model.params);
  Matrix system = static_cast<float>(loss.unheard) * model.fold_in_gram;
  Vector target = Vector::Zero(model.dim());
  for (const Rating& rating : ratings) {
    const auto artist = model.artist_factors.row(rating.artist);
    const float c = 1 + static_cast<float>(model.params.confidence) * rating.weight;
    system.noalias() += c * artist.transpose() * artist;
    target += c * artist.transpose();
  }
  const double ridge = loss.ridge(static_cast<double>(ratings.size()),
                                  static_cast<double>(model.artist_factors.rows()));
  system.diagonal().array() += static_cast<float>(std::max(ridge, 1e-9));
  return system.llt().solve(target).transpose();
}

bool is_better(const Scored& a, const Scored& b) {
  return a.score != b.score ? a.score > b.score : a.artist < b.artist;
}

}  // namespace

void TopK::add(int first_artist, std::span<float> scores) {
  constexpr float kOut = -std::numeric_limits<float>::infinity();
  const int end = first_artist + static_cast<int>(scores.size());
  while (!excluded_.empty() && excluded_.front() < end) {
    scores[static_cast<std::size_t>(excluded_.front() - first_artist)] = kOut;
    excluded_ = excluded_.subspan(1);
  }
  if (k_ == 0) return;
  float limit = best_.size() == k_ ? best_.front().score : kOut;
  for (std::size_t a = 0; a < scores.size(); ++a) {
    if (!(scores[a] > limit)) continue;
    if (best_.size() == k_) {
      std::ranges::pop_heap(best_, is_better);
      best_.pop_back();
    }
    best_.push_back({first_artist + static_cast<int>(a), scores[a]});
    std::ranges::push_heap(best_, is_better);
    if (best_.size() == k_) limit = best_.front().score;
  }
}

std::vector<Scored> TopK::list() && {
  std::ranges::sort_heap(best_, is_better);
  return std::move(best_);
}

std::vector<Scored> top_k(std::span<const float> scores, std::span<const int> excluded, int k) {
  std::vector<int> out(excluded.begin(), excluded.end());
  std::ranges::sort(out);
  std::vector<float> left(scores.begin(), scores.end());
  TopK best(k, out);
  best.add(0, left);
  return std::move(best).list();
}

void score_artists(const Artifact& model, const RowVector& user, std::span<float> scores) {
  Eigen::Map<Vector> out(scores.data(), static_cast<Eigen::Index>(scores.size()));
  out.noalias() = model.artist_factors * user.transpose();
  out += model.artist_bias;
}

float rank_weight(int rank) { return static_cast<float>(11 - std::clamp(rank, 1, 10)) / 10; }

Matrix gram_of(const Matrix& factors) {
  return (factors.cast<double>().transpose() * factors.cast<double>()).cast<float>();
}

RowVector fold_in(const Artifact& model, std::span<const Rating> ratings) {
  if (model.fold_in_gram.size() > 0 && !ratings.empty()) return fold_in_square(model, ratings);
  return weighted_mean(model, ratings) * model.fold_in_map;
}

RowVector fold_in_mean(const Artifact& model, std::span<const Rating> ratings) {
  return weighted_mean(model, ratings).head(model.dim());
}

float calibrated(const Artifact& model, float raw) {
  const double x = model.calibration_slope * static_cast<double>(raw) + model.calibration_offset;
  return static_cast<float>(1 / (1 + std::exp(-x)));
}

}  // namespace mrec
