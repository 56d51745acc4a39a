#include "model/artist_ranking.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "model/row.h"

namespace mrec {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
// Rounding of sums of up to thousands of floats, relative to |p| |q|: far above d * 2^-24.
constexpr float kSlack = 1e-4F;

bool is_better(const Scored& a, const Scored& b) {
  return a.score != b.score ? a.score > b.score : a.artist < b.artist;
}

// In the order of the dimensions: what a lane of scan_block() does.
float dot(const float* a, const float* b, int dim) {
  float sum = 0;
  for (int i = 0; i < dim; ++i) sum += a[i] * b[i];
  return sum;
}

std::int32_t dot(const std::int8_t* bytes, const std::int16_t* user, std::size_t size) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < size; ++i) {
    sum += static_cast<std::int32_t>(bytes[i]) * static_cast<std::int32_t>(user[i]);
  }
  return sum;
}

}  // namespace

struct ArtistRanking::Ask {
  const float* user;  // [d]
  float length;       // |p|
  bool by_angle;      // the cosine, p being of length 1; otherwise the score
  float popularity_weight;
  // With quantize: p = scale * user_steps + a rest of this length.
  std::vector<std::int16_t> steps = {};
  float scale = 0;
  float rest = 0;
};

class ArtistRanking::List {
 public:
  List(int k, const Allows& allows) : k_(static_cast<std::size_t>(k)), allows_(allows) {
    best_.reserve(k_);
  }
  // What does not reach this is not taken.
  [[nodiscard]] float limit() const { return limit_; }
  void offer(Scored scored) {
    const bool full = best_.size() == k_;
    if (full && (k_ == 0 || !is_better(scored, best_.front()))) return;
    if (!allows_(scored.artist)) return;
    if (full) {
      std::ranges::pop_heap(best_, is_better);
      best_.pop_back();
    }
    best_.push_back(scored);
    std::ranges::push_heap(best_, is_better);
    if (best_.size() == k_) limit_ = best_.front().score;
  }
  [[nodiscard]] std::vector<Scored> sorted() && {
    std::ranges::sort_heap(best_, is_better);
    return std::move(best_);
  }

 private:
  std::size_t k_;
  const Allows& allows_;
  std::vector<Scored> best_;  // a heap, the worst on top
  float limit_ = -kInfinity;
};

ArtistRanking::ArtistRanking(const Matrix& factors, const Vector& bias,
                             std::span<const float> popularity, bool quantize)
    : factors_(factors),
      bias_(bias),
      num_artists_(static_cast<int>(factors.rows())),
      dim_(static_cast<int>(factors.cols())) {
  const Vector lengths = factors.rowwise().norm();
  artist_.resize(static_cast<std::size_t>(num_artists_));
  std::iota(artist_.begin(), artist_.end(), 0);
  std::ranges::stable_sort(artist_, std::greater{}, [&](int a) { return lengths(a); });

  const auto blocks = static_cast<std::size_t>((num_artists_ + kBlock - 1) / kBlock);
  const std::size_t places = blocks * kBlock;
  length_ = aligned_zeros(places);
  bias_at_ = aligned_zeros(places);
  popularity_at_ = aligned_zeros(places);
  for (std::size_t p = 0; p < artist_.size(); ++p) {
    const int artist = artist_[p];
    length_[p] = lengths(artist);
    bias_at_[p] = bias(artist);
    popularity_at_[p] = popularity[static_cast<std::size_t>(artist)];
  }
  most_bias_.assign(blocks, -kInfinity);
  float most = -kInfinity;
  for (std::size_t p = artist_.size(); p-- > 0;) {
    most = std::max(most, bias_at_[p]);
    most_bias_[p / kBlock] = most;
  }

  const auto dim = static_cast<std::size_t>(dim_);
  if (!quantize) {
    vectors_ = aligned_zeros(places * dim);
    for (std::size_t p = 0; p < artist_.size(); ++p) {
      float* block = vectors_.data() + p / kBlock * dim * kBlock;
      for (std::size_t i = 0; i < dim; ++i) {
        block[i * kBlock + p % kBlock] = factors(artist_[p], static_cast<Eigen::Index>(i));
      }
    }
    return;
  }
  constexpr std::size_t kStep = 32;
  constexpr float kMost = 127;
  stride_ = (dim + kStep - 1) / kStep * kStep;
  bytes_.assign(places * stride_, 0);
  scale_ = aligned_zeros(places);
  error_ = aligned_zeros(places);
  for (std::size_t p = 0; p < artist_.size(); ++p) {
    const auto row = factors.row(artist_[p]);
    const float largest = row.cwiseAbs().maxCoeff();
    if (!(largest > 0)) continue;
    scale_[p] = largest / kMost;
    double squares = 0;
    for (std::size_t i = 0; i < dim; ++i) {
      const float value = row(static_cast<Eigen::Index>(i));
      const float step = std::clamp(std::nearbyint(value / scale_[p]), -kMost, kMost);
      bytes_[p * stride_ + i] = static_cast<std::int8_t>(step);
      const double rest = static_cast<double>(value) - static_cast<double>(scale_[p]) * step;
      squares += rest * rest;
    }
    error_[p] = static_cast<float>(std::sqrt(squares));
  }
}

std::vector<Scored> ArtistRanking::best(const RowVector& user, int k, float popularity_weight,
                                        const Allows& allows) const {
  List list(k, allows);
  scan({.user = user.data(),
        .length = user.norm(),
        .by_angle = false,
        .popularity_weight = popularity_weight},
       list);
  return std::move(list).sorted();
}

std::vector<Scored> ArtistRanking::nearest(int artist, int k, const Allows& allows) const {
  RowVector direction = factors_.row(artist);
  const float length = direction.norm();
  if (length > 0) direction /= length;
  List list(k, allows);
  scan({.user = direction.data(), .length = 1, .by_angle = true, .popularity_weight = 0}, list);
  return std::move(list).sorted();
}

float ArtistRanking::score(const RowVector& user, int artist) const {
  return dot(user.data(), factors_.row(artist).data(), dim_) + bias_(artist);
}

void ArtistRanking::scan(const Ask& asked, List& list) const {
  Ask ask = asked;
  const bool bytes = !bytes_.empty();
  if (bytes) {
    // Finer than the artists: 127 * 4095 * d stays below 2^31 for d < 4096.
    constexpr float kMost = 4095;
    ask.steps.assign(stride_, 0);
    float largest = 0;
    for (int i = 0; i < dim_; ++i) largest = std::max(largest, std::abs(ask.user[i]));
    ask.scale = largest / kMost;
    double squares = 0;
    for (int i = 0; i < dim_ && largest > 0; ++i) {
      const float step = std::nearbyint(ask.user[i] / ask.scale);
      ask.steps[static_cast<std::size_t>(i)] = static_cast<std::int16_t>(step);
      const double rest = static_cast<double>(ask.user[i]) - static_cast<double>(ask.scale) * step;
      squares += rest * rest;
    }
    ask.rest = static_cast<float>(std::sqrt(squares));
  }
  const auto blocks = static_cast<int>(most_bias_.size());
  for (int block = 0; block < blocks; ++block) {
    if (!ask.by_angle) {
      const auto b = static_cast<std::size_t>(block);
      const float most = ask.length * length_[b * kBlock] * (1 + kSlack) + most_bias_[b] +
                         std::abs(ask.popularity_weight);
      // Rounding of the sum of the three.
      if (most + kSlack * (std::abs(most) + std::abs(most_bias_[b])) < list.limit()) return;
    }
    if (bytes) {
      scan_bytes(ask, block, list);
    } else {
      scan_block(ask, block, list);
    }
  }
}

void ArtistRanking::scan_block(const Ask& ask, int block, List& list) const {
  const std::size_t first = static_cast<std::size_t>(block) * kBlock;
  const float* vectors = vectors_.data() + first * static_cast<std::size_t>(dim_);
  constexpr int kGroups = kBlock / row::kLanes;
  row::Lanes sums[kGroups] = {};
  for (int i = 0; i < dim_; ++i) {
    for (int g = 0; g < kGroups; ++g) {
      sums[g] = sums[g] + ask.user[i] * row::row_load(vectors + i * kBlock + g * row::kLanes);
    }
  }
  alignas(64) float scores[kBlock];
  for (int g = 0; g < kGroups; ++g) row::row_store(scores + g * row::kLanes, sums[g]);
  if (ask.by_angle) {
    for (std::size_t a = 0; a < kBlock; ++a) {
      scores[a] = length_[first + a] > 0 ? scores[a] / length_[first + a] : 0;
    }
  } else {
    for (std::size_t a = 0; a < kBlock; ++a) {
      scores[a] =
          scores[a] + bias_at_[first + a] + ask.popularity_weight * popularity_at_[first + a];
    }
  }
  const std::size_t count = std::min<std::size_t>(kBlock, artist_.size() - first);
  for (std::size_t a = 0; a < count; ++a) {
    if (scores[a] >= list.limit()) list.offer({artist_[first + a], scores[a]});
  }
}

void ArtistRanking::scan_bytes(const Ask& ask, int block, List& list) const {
  const std::size_t first = static_cast<std::size_t>(block) * kBlock;
  const std::size_t count = std::min<std::size_t>(kBlock, artist_.size() - first);
  std::int32_t dots[kBlock] = {};
  for (std::size_t a = 0; a < count; ++a) {
    dots[a] = dot(bytes_.data() + (first + a) * stride_, ask.steps.data(), stride_);
  }
  // At most this much is an artist's sum of products: what the bytes say, what they leave out of q
  // and of p, and rounding.
  float most[kBlock];
  for (std::size_t a = 0; a < kBlock; ++a) {
    const std::size_t p = first + a;
    most[a] = ask.scale * scale_[p] * static_cast<float>(dots[a]) +
              ask.length * (error_[p] + kSlack * length_[p]) + ask.rest * (length_[p] + error_[p]);
  }
  for (std::size_t a = 0; a < count; ++a) {
    const std::size_t p = first + a;
    const float rest = ask.by_angle ? 0 : bias_at_[p] + ask.popularity_weight * popularity_at_[p];
    float bound = most[a];
    if (ask.by_angle) bound = length_[p] > 0 ? most[a] / length_[p] : 0;
    bound += rest;
    if (bound + kSlack * (std::abs(bound) + std::abs(rest)) < list.limit()) continue;
    float exact = dot(ask.user, factors_.row(artist_[p]).data(), dim_);
    if (ask.by_angle) {
      exact = length_[p] > 0 ? exact / length_[p] : 0;
    } else {
      exact = exact + bias_at_[p] + ask.popularity_weight * popularity_at_[p];
    }
    list.offer({artist_[p], exact});
  }
}

}  // namespace mrec
