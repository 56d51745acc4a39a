#include "dataset/weighting.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace mrec {
namespace {

// Least weight of min-max: an interaction always counts for something.
constexpr double kFloor = 0.1;

struct UserStatistics {
  double mean_log = 0;
  double smallest = 0;
  double largest = 0;
  double total = 0;
  int count = 0;
};

std::vector<UserStatistics> statistics_of(const SparseMatrix& plays) {
  std::vector<UserStatistics> users(static_cast<std::size_t>(plays.rows()));
  for (int u = 0; u < plays.rows(); ++u) {
    UserStatistics& user = users[static_cast<std::size_t>(u)];
    for (SparseMatrix::InnerIterator it(plays, u); it; ++it) {
      const double value = it.value();
      user.smallest = user.count == 0 ? value : std::min(user.smallest, value);
      user.largest = std::max(user.largest, value);
      user.mean_log += std::log1p(value);
      user.total += value;
      ++user.count;
    }
    if (user.count > 0) user.mean_log /= user.count;
  }
  return users;
}

std::vector<int> users_per_artist(const SparseMatrix& plays) {
  std::vector<int> counts(static_cast<std::size_t>(plays.cols()));
  for (int u = 0; u < plays.rows(); ++u) {
    for (SparseMatrix::InnerIterator it(plays, u); it; ++it) {
      ++counts[static_cast<std::size_t>(it.col())];
    }
  }
  return counts;
}

double min_max(double plays, const UserStatistics& user) {
  if (user.largest <= user.smallest) return 1;
  const double share = std::clamp((plays - user.smallest) / (user.largest - user.smallest), 0., 1.);
  return kFloor + (1 - kFloor) * share;
}

}  // namespace

Fields WeightingParams::fields() {
  return {{.name = "weighting",
           .value = &weighting,
           .help = "how play counts become weights",
           .choices = {"log", "minmax", "bm25", "binary"}},
          {.name = "bm25_k1",
           .value = &bm25_k1,
           .help = "bm25: how soon more plays count less",
           .min = 0,
           .max = 1e6},
          {.name = "bm25_b",
           .value = &bm25_b,
           .help = "bm25: how much heavy listeners are scaled down",
           .min = 0,
           .max = 1}};
}

SparseMatrix weigh(const SparseMatrix& plays, const SparseMatrix& train_plays,
                   const WeightingParams& params) {
  const std::vector<UserStatistics> users = statistics_of(train_plays);
  const std::vector<int> listeners = users_per_artist(train_plays);
  double mean_total = 0;
  int active = 0;
  for (const UserStatistics& user : users) {
    mean_total += user.total;
    active += user.count > 0 ? 1 : 0;
  }
  mean_total /= std::max(1, active);

  // NOLINTNEXTLINE(performance-unnecessary-copy-initialization): changed through its iterators
  SparseMatrix weights = plays;
  for (int u = 0; u < weights.rows(); ++u) {
    const UserStatistics& user = users[static_cast<std::size_t>(u)];
    for (SparseMatrix::InnerIterator it(weights, u); it; ++it) {
      const double count = it.value();
      double weight = 1;
      if (user.count == 0 || params.weighting == "binary") {
        weight = 1;
      } else if (params.weighting == "log") {
        weight = std::log1p(count) / user.mean_log;
      } else if (params.weighting == "minmax") {
        weight = min_max(count, user);
      } else if (params.weighting == "bm25") {
        const double length = 1 - params.bm25_b + params.bm25_b * user.total / mean_total;
        const double frequency = count * (params.bm25_k1 + 1) / (count + params.bm25_k1 * length);
        const double df = listeners[static_cast<std::size_t>(it.col())];
        // With 1 inside the logarithm (as Lucene has it), so that no weight is negative.
        weight = frequency * std::log(1 + (active - df + 0.5) / (df + 0.5));
      } else {
        throw InputError("weighting '" + params.weighting + "' is unknown");
      }
      it.valueRef() = static_cast<float>(weight);
    }
  }
  return weights;
}

}  // namespace mrec
