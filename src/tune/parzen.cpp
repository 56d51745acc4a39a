#include "tune/parzen.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

namespace mrec {
namespace {

constexpr double kLogSqrtTwoPi = 0.91893853320467274178;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

double normal_cdf(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

// ln(exp(a) - exp(b)), a >= b.
double log_difference(double a, double b) { return a + std::log1p(-std::exp(b - a)); }

double log_sum(double a, double b) {
  const double high = std::max(a, b);
  if (high == -kInfinity) return high;
  return high + std::log1p(std::exp(std::min(a, b) - high));
}

// The x whose log_normal_cdf is y: Newton from a start that is close in each of three ranges.
double log_normal_quantile(double y) {
  constexpr double kNearOne = -1e-2;
  constexpr double kTail = -5;
  constexpr int kMaxIterations = 100;
  constexpr double kPrecision = 1e-8;
  if (y > kNearOne) return -log_normal_quantile(std::log(-std::expm1(y)));
  double x = y < kTail ? -std::sqrt(-2 * (y + kLogSqrtTwoPi))
                       : -std::numbers::sqrt3 / std::numbers::pi * std::log(std::expm1(-y));
  for (int i = 0; i < kMaxIterations; ++i) {
    const double value = log_normal_cdf(x);
    const double log_density = -0.5 * x * x - kLogSqrtTwoPi;
    const double change = (value - y) * std::exp(value - log_density);
    x -= change;
    if (std::abs(change) < kPrecision * std::abs(x)) break;
  }
  return x;
}

// Bandwidths of n observations: the wider gap to a neighbour, within bounds.
// Ties keep the order of the observations.
std::vector<double> bandwidths(const std::vector<double>& mu, double low, double high) {
  constexpr double kMaxKernels = 100;
  const std::size_t n = mu.size();
  std::vector<std::pair<double, std::size_t>> order(n);
  for (std::size_t i = 0; i < n; ++i) order[i] = {mu[i], i};
  std::ranges::sort(order);
  const double widest = high - low;
  const double narrowest = widest / std::min(kMaxKernels, static_cast<double>(n) + 2);
  std::vector<double> sigma(n);
  for (std::size_t k = 0; k < n; ++k) {
    const auto [at, i] = order[k];
    const double left = at - (k == 0 ? low : order[k - 1].first);
    const double right = (k + 1 == n ? high : order[k + 1].first) - at;
    double gap = std::max(left, right);
    if (n >= 2 && k == 0) gap = right;
    if (n >= 2 && k + 1 == n) gap = left;
    sigma[i] = std::clamp(gap, narrowest, widest);
  }
  return sigma;
}

ParzenEstimator::Dimension numeric(const Distribution& distribution,
                                   const std::vector<double>& observations) {
  ParzenEstimator::Dimension dimension{.distribution = distribution};
  dimension.low = distribution.low - distribution.step / 2;
  dimension.high = distribution.high + distribution.step / 2;
  dimension.mu = observations;
  if (distribution.log) {
    dimension.low = std::log(dimension.low);
    dimension.high = std::log(dimension.high);
    for (double& mu : dimension.mu) mu = std::log(mu);
  }
  dimension.sigma = bandwidths(dimension.mu, dimension.low, dimension.high);
  dimension.mu.push_back((dimension.low + dimension.high) / 2);
  dimension.sigma.push_back(dimension.high - dimension.low);

  const std::size_t size = dimension.mu.size();
  dimension.log_factor.resize(size);
  const auto log_mass = [&](std::size_t i) {
    return log_normal_mass((dimension.low - dimension.mu[i]) / dimension.sigma[i],
                           (dimension.high - dimension.mu[i]) / dimension.sigma[i]);
  };
  if (distribution.step == 0) {
    for (std::size_t i = 0; i < size; ++i) {
      dimension.log_factor[i] = -log_mass(i) - std::log(dimension.sigma[i]) - kLogSqrtTwoPi;
    }
    return dimension;
  }
  std::vector<std::uint32_t> order(size);
  std::iota(order.begin(), order.end(), 0U);
  const auto kernel = [&](std::uint32_t i) {
    return std::pair(dimension.mu[i], dimension.sigma[i]);
  };
  std::ranges::sort(order, {}, kernel);
  dimension.kernel.resize(size);
  for (const std::uint32_t i : order) {
    if (dimension.kernels.empty() || kernel(dimension.kernels.back()) != kernel(i)) {
      dimension.kernels.push_back(i);
      dimension.log_factor[i] = -log_mass(i);
    }
    dimension.kernel[i] = dimension.kernels.back();
    dimension.log_factor[i] = dimension.log_factor[dimension.kernel[i]];
  }
  return dimension;
}

ParzenEstimator::Dimension categorical(const Distribution& distribution,
                                       const std::vector<double>& observations) {
  ParzenEstimator::Dimension dimension{.distribution = distribution};
  for (const double choice : observations) {
    dimension.observed.push_back(static_cast<std::uint32_t>(choice));
  }
  const double prior = 1 / (static_cast<double>(observations.size()) + 1);
  const double sum = prior * static_cast<double>(distribution.choices.size()) + 1;
  dimension.share_observed = (prior + 1) / sum;
  dimension.share_other = prior / sum;
  return dimension;
}

double sample(const ParzenEstimator::Dimension& dimension, std::size_t component, Rng& rng) {
  const Distribution& distribution = dimension.distribution;
  double u = rng.uniform();
  if (distribution.is_categorical()) {
    const std::size_t num_choices = distribution.choices.size();
    const bool prior = component == dimension.observed.size();
    for (std::size_t choice = 0; choice + 1 < num_choices; ++choice) {
      const double share = prior ? 1 / static_cast<double>(num_choices)
                           : choice == dimension.observed[component] ? dimension.share_observed
                                                                     : dimension.share_other;
      if (u < share) return static_cast<double>(choice);
      u -= share;
    }
    return static_cast<double>(num_choices) - 1;
  }
  const double mu = dimension.mu[component];
  const double sigma = dimension.sigma[component];
  const double place = mu + sigma * truncated_normal_quantile(u, (dimension.low - mu) / sigma,
                                                              (dimension.high - mu) / sigma);
  return distribution.nearest(distribution.log ? std::exp(place) : place);
}

// Adds ln of each component's density at `x`.
void add_log_density(const ParzenEstimator::Dimension& dimension, double x,
                     std::vector<double>& sums, std::vector<double>& scratch) {
  const Distribution& distribution = dimension.distribution;
  const std::size_t size = sums.size();
  if (distribution.is_categorical()) {
    const auto choice = static_cast<std::uint32_t>(x);
    const double observed = std::log(dimension.share_observed);
    const double other = std::log(dimension.share_other);
    for (std::size_t k = 0; k + 1 < size; ++k) {
      sums[k] += dimension.observed[k] == choice ? observed : other;
    }
    sums[size - 1] -= std::log(static_cast<double>(distribution.choices.size()));
    return;
  }
  if (distribution.step == 0) {
    const double y = distribution.log ? std::log(x) : x;
    for (std::size_t k = 0; k < size; ++k) {
      const double z = (y - dimension.mu[k]) / dimension.sigma[k];
      sums[k] += dimension.log_factor[k] - 0.5 * z * z;
    }
    return;
  }
  double left = x - distribution.step / 2;
  double right = x + distribution.step / 2;
  if (distribution.log) {
    left = std::log(left);
    right = std::log(right);
  }
  for (const std::uint32_t k : dimension.kernels) {
    scratch[k] =
        dimension.log_factor[k] + log_normal_mass((left - dimension.mu[k]) / dimension.sigma[k],
                                                  (right - dimension.mu[k]) / dimension.sigma[k]);
  }
  for (std::size_t k = 0; k < size; ++k) sums[k] += scratch[dimension.kernel[k]];
}

}  // namespace

double log_normal_cdf(double x) {
  constexpr double kUpper = 6;
  constexpr double kLower = -20;
  if (x > kUpper) return -normal_cdf(-x);
  if (x > kLower) return std::log(normal_cdf(x));
  // The asymptotic series 1 - 1/x^2 + 3/x^4 - 15/x^6 ...
  double sum = 1;
  double last = 0;
  double term = 1;
  for (int i = 1; std::abs(last - sum) > std::numeric_limits<double>::epsilon(); ++i) {
    last = sum;
    term *= -(2.0 * i - 1) / (x * x);
    sum += term;
  }
  return -0.5 * x * x - std::log(-x) - kLogSqrtTwoPi + std::log(sum);
}

double log_normal_mass(double a, double b) {
  if (b <= 0) return log_difference(log_normal_cdf(b), log_normal_cdf(a));
  if (a > 0) return log_difference(log_normal_cdf(-a), log_normal_cdf(-b));
  return std::log1p(-normal_cdf(a) - normal_cdf(-b));
}

double truncated_normal_quantile(double q, double a, double b) {
  if (q <= 0) return a;
  if (q >= 1) return b;
  const double mass = log_normal_mass(a, b);
  const double x = a < 0 ? log_normal_quantile(log_sum(log_normal_cdf(a), std::log(q) + mass))
                         : -log_normal_quantile(log_sum(log_normal_cdf(-b), std::log1p(-q) + mass));
  return std::clamp(x, a, b);
}

std::vector<double> observation_weights(std::size_t n) {
  constexpr std::size_t kNewest = 25;
  std::vector<double> weights(n, 1.0);
  if (n <= kNewest) return weights;
  const std::size_t num_old = n - kNewest;
  const double first = 1 / static_cast<double>(n);
  for (std::size_t i = 0; i < num_old; ++i) {
    const double way = num_old == 1 ? 0 : static_cast<double>(i) / static_cast<double>(num_old - 1);
    weights[i] = first + way * (1 - first);
  }
  return weights;
}

ParzenEstimator::ParzenEstimator(std::vector<Distribution> distributions,
                                 const std::vector<std::vector<double>>& observations) {
  for (std::size_t d = 0; d < distributions.size(); ++d) {
    dimensions_.push_back(distributions[d].is_categorical()
                              ? categorical(distributions[d], observations[d])
                              : numeric(distributions[d], observations[d]));
  }
  weights_ = observation_weights(observations.empty() ? 0 : observations[0].size());
  weights_.push_back(1);  // the prior
  const double sum = std::accumulate(weights_.begin(), weights_.end(), 0.0);
  double cumulative = 0;
  for (double& weight : weights_) {
    weight /= sum;
    cumulative += weight;
    cumulative_.push_back(cumulative);
    log_weights_.push_back(std::log(weight));
  }
}

std::vector<double> ParzenEstimator::sample(Rng& rng) const {
  const auto place = std::ranges::upper_bound(cumulative_, rng.uniform());
  const auto component =
      std::min(static_cast<std::size_t>(place - cumulative_.begin()), cumulative_.size() - 1);
  std::vector<double> point;
  for (const Dimension& dimension : dimensions_) {
    point.push_back(mrec::sample(dimension, component, rng));
  }
  return point;
}

double ParzenEstimator::log_density(std::span<const double> point) const {
  std::vector<double> sums = log_weights_;
  std::vector<double> scratch(sums.size());
  for (std::size_t d = 0; d < dimensions_.size(); ++d) {
    add_log_density(dimensions_[d], point[d], sums, scratch);
  }
  const double high = *std::ranges::max_element(sums);
  if (high == -kInfinity) return high;
  double sum = 0;
  for (const double one : sums) sum += std::exp(one - high);
  return high + std::log(sum);
}

}  // namespace mrec
