#include "tune/parzen.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tune/tpe.h"

namespace mrec {
namespace {

using Json = nlohmann::json;
using Numbers = std::vector<double>;

constexpr double kPrecision = 1e-9;

const Json& fixtures() {
  static const Json kFixtures = Json::parse(std::ifstream(MREC_TPE_FIXTURES));
  return kFixtures;
}

TEST(Parzen, CountsGoodTrialsAsOptuna) {
  for (const auto& [n, expected] : fixtures()["gamma"].items()) {
    EXPECT_EQ(num_below(std::stoul(n)), expected.get<std::size_t>()) << n;
  }
}

TEST(Parzen, WeighsObservationsAsOptuna) {
  for (const auto& [n, expected] : fixtures()["weights"].items()) {
    const Numbers weights = observation_weights(std::stoul(n));
    ASSERT_EQ(weights.size(), expected.size());
    for (std::size_t i = 0; i < weights.size(); ++i) {
      EXPECT_NEAR(weights[i], expected[i].get<double>(), kPrecision) << n;
    }
  }
}

TEST(Parzen, HasOptunasTruncatedNormal) {
  const Json& t = fixtures()["truncnorm"];
  for (std::size_t i = 0; i < t["a"].size(); ++i) {
    const double a = t["a"][i];
    const double b = t["b"][i];
    const double mass = t["log_gauss_mass"][i];
    const double quantile = t["ppf"][i];
    EXPECT_NEAR(log_normal_mass(a, b), mass, kPrecision * std::max(1.0, std::abs(mass)));
    EXPECT_NEAR(truncated_normal_quantile(t["q"][i], a, b), quantile,
                kPrecision * std::max(1.0, std::abs(quantile)));
  }
  for (std::size_t i = 0; i < t["log_ndtr"].size(); ++i) {
    const double expected = t["log_ndtr"][i];
    EXPECT_NEAR(log_normal_cdf(t["log_ndtr_x"][i]), expected,
                kPrecision * std::max(1.0, std::abs(expected)));
  }
}

TEST(Parzen, HasOptunasKernelsAndDensities) {
  double worst = 0;
  const auto compare = [&](double ours, const Json& theirs) {
    worst = std::max(worst, std::abs(ours - theirs.get<double>()));
  };
  for (const Json& one : fixtures()["cases"]) {
    std::vector<std::string> names;
    std::vector<Distribution> distributions;
    std::vector<Numbers> observations;
    for (const auto& [name, distribution] : fixtures()["space"].items()) {
      names.push_back(name);
      distributions.push_back(distribution_from_json(distribution.dump()));
      observations.push_back(one["obs"][name].get<Numbers>());
    }
    const ParzenEstimator joint(distributions, observations);
    for (std::size_t k = 0; k < joint.weights().size(); ++k) {
      compare(joint.weights()[k], one["weights"][k]);
    }
    for (std::size_t i = 0; i < one["joint_logpdf"].size(); ++i) {
      Numbers point;
      for (const std::string& name : names) point.push_back(one["x"][name][i]);
      compare(joint.log_density(point), one["joint_logpdf"][i]);
    }
    for (std::size_t d = 0; d < names.size(); ++d) {
      const Json& expected = one["components"][names[d]];
      const ParzenEstimator single({distributions[d]}, {observations[d]});
      for (std::size_t i = 0; i < expected["logpdf_1d"].size(); ++i) {
        const double x = one["x"][names[d]][i];
        compare(single.log_density({&x, 1}), expected["logpdf_1d"][i]);
      }
      const auto& dimension = joint.dimensions()[d];
      if (expected.contains("mu")) {
        compare(dimension.low, expected["low"]);
        compare(dimension.high, expected["high"]);
      }
      for (std::size_t k = 0; k < joint.weights().size(); ++k) {
        if (expected.contains("mu")) {
          compare(dimension.mu[k], expected["mu"][k]);
          compare(dimension.sigma[k], expected["sigma"][k]);
        } else if (k < dimension.observed.size()) {
          const Json& row = expected["cat_weights"][k];
          for (std::size_t c = 0; c < row.size(); ++c) {
            compare(c == dimension.observed[k] ? dimension.share_observed : dimension.share_other,
                    row[c]);
          }
        }
      }
    }
  }
  RecordProperty("worst_difference", std::to_string(worst * 1e12) + "e-12");
  EXPECT_LE(worst, kPrecision);
}

TEST(Parzen, WorksOutByHand) {
  // One observation at 1 of [0, 4]: sigma = max(1, 3) = 3; the prior has mu = 2, sigma = 4.
  const ParzenEstimator one({parse_distribution("float:0:4")}, {{1}});
  EXPECT_EQ(one.dimensions()[0].mu, (Numbers{1, 2}));
  EXPECT_EQ(one.dimensions()[0].sigma, (Numbers{3, 4}));
  EXPECT_EQ(one.weights(), (Numbers{0.5, 0.5}));
  const auto phi = [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); };
  const double mass_observed = phi(1) - phi(-1.0 / 3);
  const double mass_prior = phi(0.5) - phi(-0.5);
  const double density = 0.5 / (3 * std::sqrt(2 * M_PI)) / mass_observed +
                         0.5 * std::exp(-0.5 / 16) / (4 * std::sqrt(2 * M_PI)) / mass_prior;
  const double x = 1;
  EXPECT_NEAR(one.log_density({&x, 1}), std::log(density), 1e-12);

  // Two choices, seen once: shares (1/2 + 1) / (2/2 + 1) = 3/4 and 1/4; the prior 1/2.
  const ParzenEstimator two({parse_distribution("cat:a,b")}, {{1}});
  const double b = 1;
  EXPECT_NEAR(two.log_density({&b, 1}), std::log(0.5 * 0.75 + 0.5 * 0.5), 1e-12);
}

TEST(Parzen, ProbabilitiesOfDiscreteValuesSumToOne) {
  for (const char* text : {"int:10:50:5", "int:1:30:log", "float:0:2:0.25", "cat:a,b,c"}) {
    const Distribution distribution = parse_distribution(text);
    const ParzenEstimator estimator(
        {distribution}, {{distribution.value(1), distribution.value(2), distribution.value(1)}});
    double sum = 0;
    for (std::int64_t i = 0; i < distribution.num_values(); ++i) {
      const double value = distribution.value(i);
      sum += std::exp(estimator.log_density({&value, 1}));
    }
    EXPECT_NEAR(sum, 1, 1e-12) << text;
  }
}

TEST(Parzen, SamplesAsItsDensitySays) {
  const Distribution distribution = parse_distribution("int:0:9");
  const ParzenEstimator estimator({distribution, parse_distribution("cat:a,b,c")},
                                  {{3, 3, 8}, {0, 0, 2}});
  constexpr int kDraws = 20000;
  std::vector<double> counts(30);
  Rng rng(7);
  for (int i = 0; i < kDraws; ++i) {
    const Numbers point = estimator.sample(rng);
    counts[static_cast<std::size_t>(point[0] * 3 + point[1])] += 1.0 / kDraws;
  }
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const Numbers point{static_cast<double>(i / 3), static_cast<double>(i % 3)};
    const double p = std::exp(estimator.log_density(point));
    EXPECT_NEAR(counts[i], p, 5 * std::sqrt(p / kDraws)) << i;
  }
}

TEST(Parzen, TruncatedQuantilesInvertTheMass) {
  for (const auto& [a, b] : std::vector<std::pair<double, double>>{
           {-1, 1}, {-30, -20}, {5, 9}, {-0.001, 0.001}, {-3, 40}, {-40, 3}}) {
    for (const double q : {1e-6, 0.1, 0.5, 0.999}) {
      const double x = truncated_normal_quantile(q, a, b);
      EXPECT_GE(x, a);
      EXPECT_LE(x, b);
      EXPECT_NEAR(std::exp(log_normal_mass(a, x) - log_normal_mass(a, b)), q, 1e-7);
    }
  }
}

}  // namespace
}  // namespace mrec
