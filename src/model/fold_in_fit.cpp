#include "model/fold_in_fit.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "base/random.h"

namespace mrec {
namespace {

using DoubleMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr std::uint64_t kDraws = 4ULL << 32;
// How many ratings each of a user's draws plays: most new users rate ten artists, some name one or
// two. Ten alone serves ten best and one worst; docs/design.md has the figures.
constexpr std::array<std::size_t, 4> kRated{10, 10, 5, 2};
constexpr int kDrawsPerUser = static_cast<int>(kRated.size());

// The user's artists, in an order drawn for (user, draw): the first kRated play the rated ones.
std::vector<int> drawn_order(const TrainedUsers& users, int user, int draw) {
  const SparseMatrix& weights = users.weights;
  const int* begin = weights.innerIndexPtr() + weights.outerIndexPtr()[user];
  const int* end = weights.innerIndexPtr() + weights.outerIndexPtr()[user + 1];
  std::vector<int> artists(begin, end);
  Rng rng(static_cast<std::uint64_t>(users.seed), kDraws + static_cast<std::uint64_t>(draw),
          static_cast<std::uint64_t>(users.first_user + user));
  shuffle(artists, rng);
  return artists;
}

RowVector mean_of(const TrainedUsers& users, std::span<const int> artists) {
  const Eigen::Index dim = users.artist_factors.cols();
  RowVector mean = RowVector::Zero(dim + 1);
  for (const int artist : artists) mean.head(dim) += users.artist_factors.row(artist);
  mean /= static_cast<float>(artists.size());
  mean(dim) = 1;
  return mean;
}

std::span<const int> rated(const std::vector<int>& artists, int draw) {
  return std::span(artists).first(std::min(kRated[static_cast<std::size_t>(draw)], artists.size()));
}

}  // namespace

FoldInSums::FoldInSums(int dim)
    : gram(static_cast<std::size_t>((dim + 1) * (dim + 1))),
      target(static_cast<std::size_t>((dim + 1) * dim)) {}

void FoldInSums::add(const TrainedUsers& users) {
  const Eigen::Index dim = users.artist_factors.cols();
  Eigen::Map<DoubleMatrix> gram_sum(gram.data(), dim + 1, dim + 1);
  Eigen::Map<DoubleMatrix> target_sum(target.data(), dim + 1, dim);
  for (int user = 0; user < users.weights.rows(); ++user) {
    for (int draw = 0; draw < kDrawsPerUser; ++draw) {
      const std::vector<int> artists = drawn_order(users, user, draw);
      if (artists.empty()) break;
      const Eigen::RowVectorXd mean = mean_of(users, rated(artists, draw)).cast<double>();
      gram_sum.noalias() += mean.transpose() * mean;
      target_sum.noalias() += mean.transpose() * users.user_factors.row(user).cast<double>();
    }
  }
}

Matrix fit_fold_in_map(const FoldInSums& sums) {
  const auto size = static_cast<Eigen::Index>(std::sqrt(static_cast<double>(sums.gram.size())));
  DoubleMatrix gram = Eigen::Map<const DoubleMatrix>(sums.gram.data(), size, size);
  const Eigen::Map<const DoubleMatrix> target(sums.target.data(), size, size - 1);
  constexpr double kRidge = 0.01;
  const double ridge = kRidge * gram.trace() / static_cast<double>(size);
  gram.diagonal().array() += ridge > 0 ? ridge : 1;
  return gram.llt().solve(target).cast<float>();
}

std::vector<ScoreSample> score_samples(const TrainedUsers& users, const FoldIn& fold_in) {
  constexpr int kUnheardPerHeard = 4;
  std::vector<ScoreSample> samples;
  const auto num_artists = static_cast<std::uint32_t>(users.artist_factors.rows());
  const std::int64_t num_users = std::max<std::int64_t>(users.num_users, users.weights.rows());
  const std::int64_t stride = (num_users + kMostSampledUsers - 1) / kMostSampledUsers;
  for (int user = 0; user < users.weights.rows(); ++user) {
    const std::int64_t index = users.first_user + user;
    if (index % stride != 0) continue;
    const auto draw = static_cast<int>(index / stride % kDrawsPerUser);
    const std::vector<int> artists = drawn_order(users, user, kDrawsPerUser + draw);
    const std::span<const int> given = rated(artists, draw);
    const std::span<const int> others = std::span(artists).subspan(given.size());
    if (others.empty()) continue;
    std::vector<Rating> ratings;
    for (const int artist : given) ratings.push_back({.artist = artist});
    const RowVector vector = fold_in(ratings);
    const auto score = [&](int artist) {
      return users.artist_factors.row(artist).dot(vector) + users.artist_bias(artist);
    };
    const float weight = static_cast<float>(num_artists - artists.size()) /
                         static_cast<float>(kUnheardPerHeard * others.size());
    Rng rng(static_cast<std::uint64_t>(users.seed), kDraws + 2 * kDrawsPerUser,
            static_cast<std::uint64_t>(users.first_user + user));
    for (const int heard : others) {
      samples.push_back({score(heard), 1, 1});
      for (int i = 0; i < kUnheardPerHeard; ++i) {
        const int other = static_cast<int>(rng.below(num_artists));
        if (std::ranges::find(artists, other) != artists.end()) continue;
        samples.push_back({score(other), 0, weight});
      }
    }
  }
  return samples;
}

Calibration fit_calibration(std::span<const ScoreSample> samples,
                            const std::function<void(std::span<double>)>& add_up) {
  double count = static_cast<double>(samples.size());
  add_up(std::span(&count, 1));
  if (count == 0) return {};
  double slope = 1;
  double offset = 0;
  constexpr int kSteps = 100;
  for (int i = 0; i < kSteps; ++i) {
    // Gradient and Hessian of the log-likelihood, with a weak prior on the slope that keeps the
    // solution finite where the classes are separable.
    constexpr double kPrior = 1e-3;
    std::array<double, 5> sums{};
    auto& [g0, g1, h00, h01, h11] = sums;
    for (const ScoreSample& sample : samples) {
      const double x = sample.score;
      const double p = 1 / (1 + std::exp(-(slope * x + offset)));
      const double error = sample.weight * (sample.heard - p);
      const double curve = sample.weight * p * (1 - p);
      g0 += error * x;
      g1 += error;
      h00 += curve * x * x;
      h01 += curve * x;
      h11 += curve;
    }
    add_up(sums);
    g0 -= kPrior * slope;
    h00 += kPrior;
    h11 += 1e-9;
    const double determinant = h00 * h11 - h01 * h01;
    if (!(determinant > 0)) break;
    const double move0 = (h11 * g0 - h01 * g1) / determinant;
    const double move1 = (h00 * g1 - h01 * g0) / determinant;
    slope += std::clamp(move0, -1.0, 1.0);
    offset += std::clamp(move1, -1.0, 1.0);
    if (std::abs(move0) + std::abs(move1) < 1e-9) break;
  }
  return {.slope = std::max(slope, 1e-6), .offset = offset};
}

}  // namespace mrec
