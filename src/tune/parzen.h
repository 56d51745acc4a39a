#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/random.h"
#include "tune/distribution.h"

namespace mrec {

// ln of the standard normal distribution function.
double log_normal_cdf(double x);
// ln of the probability that a standard normal variable lies in [a, b], a <= b.
double log_normal_mass(double a, double b);
// The q-quantile of a standard normal variable that is known to lie in [a, b].
double truncated_normal_quantile(double q, double a, double b);

// The mixture of kernels that TPE fits to a set of configurations (Bergstra et al., NIPS 2011),
// with the bandwidths and weights of Optuna 5: one component per observation, whose dimensions are
// independent of each other, and a wide prior behind them.
class ParzenEstimator {
 public:
  // `observations` [dimensions][n], all of one length n, the oldest first.
  ParzenEstimator(std::vector<Distribution> distributions,
                  const std::vector<std::vector<double>>& observations);

  // [dimensions]: a point of the mixture.
  [[nodiscard]] std::vector<double> sample(Rng& rng) const;
  // ln of the density, or of the probability where values are discrete. A dimension in ln x has its
  // density there, without the Jacobian, which cancels in TPE's ratio.
  [[nodiscard]] double log_density(std::span<const double> point) const;

  [[nodiscard]] const std::vector<double>& weights() const { return weights_; }  // sum: 1

  // The components in one dimension: normal distributions truncated to [low, high], in x or ln x.
  // For a categorical one, the share of the observed choice and of each other, but for the prior,
  // which is uniform.
  struct Dimension {
    Distribution distribution;
    double low = 0;
    double high = 0;
    std::vector<double> mu;          // [n + 1]
    std::vector<double> sigma;       // [n + 1]
    std::vector<double> log_factor;  // [n + 1] what does not depend on the point
    // With discrete values, few components differ: the one that stands for each, and those.
    std::vector<std::uint32_t> kernel;  // [n + 1]
    std::vector<std::uint32_t> kernels;
    std::vector<std::uint32_t> observed;  // [n] the choice
    double share_observed = 0;
    double share_other = 0;
  };
  [[nodiscard]] const std::vector<Dimension>& dimensions() const { return dimensions_; }

 private:
  std::vector<Dimension> dimensions_;
  std::vector<double> weights_;      // [n + 1]
  std::vector<double> cumulative_;   // [n + 1]
  std::vector<double> log_weights_;  // [n + 1]
};

// How the `n` observations count against each other, the oldest first: the newest 25 by 1, older
// ones by less.
std::vector<double> observation_weights(std::size_t n);

}  // namespace mrec
