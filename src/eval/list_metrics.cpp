#include "eval/list_metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace mrec {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();
constexpr double kHeadShare = 0.5;   // of the interactions
constexpr double kSmoothing = 0.01;  // alpha of Steck (2018)

constexpr ListMetric kMetrics[] = {
    {"arp", average_popularity, false},    {"aplt", tail_share, false},
    {"novelty", novelty, false},           {"diversity", diversity, true},
    {"calibration", miscalibration, true},
};

template <typename Value>
double mean_over(std::span<const int> artists, Value value) {
  if (artists.empty()) return kUndefined;
  double sum = 0;
  for (const int artist : artists) sum += value(artist);
  return sum / static_cast<double>(artists.size());
}

std::vector<bool> outside_short_head(const std::vector<float>& listeners) {
  std::vector<int> order(listeners.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::greater{},
                           [&](int a) { return listeners[static_cast<std::size_t>(a)]; });
  const double total = std::accumulate(listeners.begin(), listeners.end(), 0.0);
  std::vector<bool> is_tail(listeners.size());
  double before = 0;
  for (const int artist : order) {
    const auto a = static_cast<std::size_t>(artist);
    is_tail[a] = before >= kHeadShare * total;
    before += static_cast<double>(listeners[a]);
  }
  return is_tail;
}

}  // namespace

ArtistFacts make_artist_facts(const SparseMatrix& train, const SparseMatrix& labels,
                              const std::vector<std::string>& genre_names) {
  ArtistFacts facts{.num_users = static_cast<int>(train.rows()),
                    .listeners = std::vector<float>(static_cast<std::size_t>(train.cols())),
                    .is_tail = {},
                    .genres = labels,
                    .genre_names = genre_names};
  for (Eigen::Index k = 0; k < train.nonZeros(); ++k) {
    ++facts.listeners[static_cast<std::size_t>(train.innerIndexPtr()[k])];
  }
  facts.is_tail = outside_short_head(facts.listeners);
  for (int a = 0; a < labels.rows(); ++a) {
    float sum = 0;
    for (SparseMatrix::InnerIterator it(facts.genres, a); it; ++it) sum += it.value();
    for (SparseMatrix::InnerIterator it(facts.genres, a); it; ++it) it.valueRef() /= sum;
  }
  return facts;
}

double average_popularity(const ListedUser& user) {
  return mean_over(user.list, [&](int artist) {
    return static_cast<double>(user.facts.listeners[static_cast<std::size_t>(artist)]);
  });
}

double tail_share(const ListedUser& user) {
  return mean_over(user.list, [&](int artist) {
    return user.facts.is_tail[static_cast<std::size_t>(artist)] ? 1.0 : 0.0;
  });
}

double novelty(const ListedUser& user) {
  return mean_over(user.list, [&](int artist) {
    const float listeners = user.facts.listeners[static_cast<std::size_t>(artist)];
    return std::log2(user.facts.num_users / std::max(1.0, static_cast<double>(listeners)));
  });
}

double diversity(const ListedUser& user) {
  const SparseMatrix& genres = user.facts.genres;
  double sum = 0;
  int pairs = 0;
  for (std::size_t i = 0; i < user.list.size(); ++i) {
    const auto one = genres.row(user.list[i]);
    const float length = one.norm();
    if (length == 0) continue;
    for (std::size_t j = 0; j < i; ++j) {
      const auto other = genres.row(user.list[j]);
      const float other_length = other.norm();
      if (other_length == 0) continue;
      sum += 1 - static_cast<double>(one.dot(other) / (length * other_length));
      ++pairs;
    }
  }
  return pairs == 0 ? kUndefined : sum / pairs;
}

double miscalibration(const ListedUser& user) {
  const std::vector<double> p = genre_shares(user.facts, user.history);
  const std::vector<double> q = genre_shares(user.facts, user.list);
  const auto is_known = [](const std::vector<double>& shares) {
    return std::ranges::any_of(shares, [](double share) { return share > 0; });
  };
  if (!is_known(p) || !is_known(q)) return kUndefined;
  double divergence = 0;
  for (std::size_t g = 0; g < p.size(); ++g) {
    if (p[g] > 0) {
      divergence += p[g] * std::log(p[g] / ((1 - kSmoothing) * q[g] + kSmoothing * p[g]));
    }
  }
  return divergence;
}

std::span<const ListMetric> list_metrics() { return kMetrics; }

std::vector<double> genre_shares(const ArtistFacts& facts, std::span<const int> artists) {
  std::vector<double> shares(static_cast<std::size_t>(facts.genres.cols()));
  int known = 0;
  for (const int artist : artists) {
    bool has_genre = false;
    for (SparseMatrix::InnerIterator it(facts.genres, artist); it; ++it) {
      shares[static_cast<std::size_t>(it.col())] += static_cast<double>(it.value());
      has_genre = true;
    }
    if (has_genre) ++known;
  }
  for (double& share : shares) share /= std::max(1, known);
  return shares;
}

double gini(std::span<const float> amounts) {
  std::vector<float> sorted(amounts.begin(), amounts.end());
  std::ranges::sort(sorted);
  double total = 0;
  double weighted = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    total += static_cast<double>(sorted[i]);
    weighted += static_cast<double>(2 * (i + 1)) * static_cast<double>(sorted[i]);
  }
  if (total == 0) return 0;
  const auto n = static_cast<double>(sorted.size());
  return weighted / (n * total) - (n + 1) / n;
}

}  // namespace mrec
