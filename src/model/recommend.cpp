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

constexpr const char* kNoRatings = "a taste needs at least one rated artist";

float total_weight(std::span<const Rating> ratings) {
  float total = 0;
  for (const Rating& rating : ratings) total += rating.weight;
  return total;
}

// [d + 1]: the weighted mean of the rated artists' representations, then 1.
RowVector weighted_mean(const FactorRows& artist_factors, std::span<const Rating> ratings) {
  if (ratings.empty()) throw InputError(kNoRatings);
  const Eigen::Index dim = artist_factors.cols();
  RowVector mean = RowVector::Zero(dim + 1);
  for (const Rating& rating : ratings) {
    mean.head(dim) += rating.weight * artist_factors.row(rating.artist);
  }
  mean /= total_weight(ratings);
  mean(dim) = 1;
  return mean;
}

// What the square loss asks for a user with these pairs: system * user' = right-hand side, the sum
// of the columns [d x ratings].
struct SquareSystem {
  Matrix system;
  Eigen::MatrixXf sides;
};

SquareSystem square_system(const FactorRows& artist_factors, const Artifact& model,
                           std::span<const Rating> ratings) {
  const SquareLoss loss = square_loss(model.params);
  SquareSystem asked{.system = static_cast<float>(loss.unheard) * model.fold_in_gram,
                     .sides = Eigen::MatrixXf(artist_factors.cols(), std::ssize(ratings))};
  Eigen::Index column = 0;
  for (const Rating& rating : ratings) {
    const auto artist = artist_factors.row(rating.artist);
    const auto [confidence, target] = fit_of(rating.weight, model.params);
    asked.system.noalias() += confidence * artist.transpose() * artist;
    asked.sides.col(column++) = confidence * target * artist.transpose();
  }
  const double ridge =
      loss.ridge(static_cast<double>(ratings.size()), static_cast<double>(artist_factors.rows()));
  asked.system.diagonal().array() += static_cast<float>(std::max(ridge, 1e-9));
  return asked;
}

// The row of the square loss for these pairs; one Cholesky of [d x d].
RowVector fold_in_square(const FactorRows& artist_factors, const Artifact& model,
                         std::span<const Rating> ratings) {
  const SquareSystem asked = square_system(artist_factors, model, ratings);
  const Vector target = asked.sides.rowwise().sum();
  return asked.system.llt().solve(target).transpose();
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

RowVector fold_in(const Artifact& model, std::span<const Rating> ratings) {
  return fold_in(view_of(model.artist_factors), model, ratings);
}

RowVector fold_in(const FactorRows& artist_factors, const Artifact& model,
                  std::span<const Rating> ratings) {
  if (model.fold_in_gram.size() > 0 && !ratings.empty()) {
    return fold_in_square(artist_factors, model, ratings);
  }
  return weighted_mean(artist_factors, ratings) * model.fold_in_map;
}

RowVector fold_in_mean(const Artifact& model, std::span<const Rating> ratings) {
  return weighted_mean(view_of(model.artist_factors), ratings).head(model.dim());
}

Matrix fold_in_parts(const Artifact& model, std::span<const Rating> ratings) {
  Matrix parts = Matrix::Zero(std::ssize(ratings) + 1, model.dim());
  if (model.fold_in_gram.size() > 0 && !ratings.empty()) {
    const SquareSystem asked = square_system(view_of(model.artist_factors), model, ratings);
    parts.topRows(std::ssize(ratings)) = asked.system.llt().solve(asked.sides).transpose();
  } else {
    parts = fold_in_mean_parts(model, ratings) * model.fold_in_map.topRows(model.dim());
    parts.bottomRows(1) = model.fold_in_map.bottomRows(1);
  }
  return parts;
}

Matrix fold_in_mean_parts(const Artifact& model, std::span<const Rating> ratings) {
  if (ratings.empty()) throw InputError(kNoRatings);
  const float total = total_weight(ratings);
  Matrix parts = Matrix::Zero(std::ssize(ratings) + 1, model.dim());
  for (std::size_t i = 0; i < ratings.size(); ++i) {
    parts.row(static_cast<Eigen::Index>(i)) =
        ratings[i].weight / total * model.artist_factors.row(ratings[i].artist);
  }
  return parts;
}

float calibrated(const Artifact& model, float raw) {
  const double x = model.calibration_slope * static_cast<double>(raw) + model.calibration_offset;
  return static_cast<float>(1 / (1 + std::exp(-x)));
}

}  // namespace mrec
