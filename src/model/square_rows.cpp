#include "model/square_rows.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/random.h"

namespace mrec {
namespace {

constexpr std::uint64_t kStart = 6ULL << 32;

}  // namespace

SquareLoss square_loss(const TrainParams& params) {
  return {.unheard = params.unheard_weight,
          .regularization = params.regularization,
          .exponent = params.regularization_exponent};
}

SquareLoss square_loss_of_artists(const TrainParams& params) {
  SquareLoss loss = square_loss(params);
  loss.regularization *= params.artist_ridge;
  return loss;
}

PairFit fit_of(float weight, const TrainParams& params) {
  constexpr float kLeastTarget = 0.1F;
  const bool is_tag = weight < 0;
  const float w = std::abs(weight);
  return {.confidence = is_tag ? static_cast<float>(params.tag_weight) * w
                               : 1 + static_cast<float>(params.confidence) * w,
          .target = std::max(kLeastTarget, 1 + static_cast<float>(params.target_spread) * (w - 1))};
}

SparseMatrix tag_rows(const SparseMatrix& tags, int first, int last) {
  std::vector<Eigen::Triplet<float>> pairs;
  for (int artist = 0; artist < tags.rows(); ++artist) {
    for (SparseMatrix::InnerIterator it(tags, artist); it; ++it) {
      const auto tag = static_cast<int>(it.col());
      if (tag < first || tag >= last) continue;
      pairs.emplace_back(tag - first, artist, -std::sqrt(it.value()));
    }
  }
  SparseMatrix rows(last - first, tags.rows());
  rows.setFromTriplets(pairs.begin(), pairs.end());
  return rows;
}

void draw_start(std::int64_t seed, int artist, std::span<float> factors) {
  constexpr double kDeviation = 0.1;
  const double scale = kDeviation / std::sqrt(static_cast<double>(factors.size()));
  Rng rng(static_cast<std::uint64_t>(seed), kStart, static_cast<std::uint64_t>(artist));
  for (float& value : factors) {
    double sum = -6;  // twelve uniform draws are nearly a normal one
    for (int i = 0; i < 12; ++i) sum += rng.uniform();
    value = static_cast<float>(sum * scale);
  }
}

void append_rows(SparseMatrix& above, const SparseMatrix& below) {
  const Eigen::Index rows = above.rows();
  const Eigen::Index pairs = above.nonZeros();
  above.conservativeResize(rows + below.rows(), above.cols());
  above.resizeNonZeros(pairs + below.nonZeros());
  std::copy_n(below.innerIndexPtr(), below.nonZeros(), above.innerIndexPtr() + pairs);
  std::copy_n(below.valuePtr(), below.nonZeros(), above.valuePtr() + pairs);
  std::transform(below.outerIndexPtr(), below.outerIndexPtr() + below.rows() + 1,
                 above.outerIndexPtr() + rows,
                 [pairs](int offset) { return static_cast<int>(pairs) + offset; });
}

}  // namespace mrec
