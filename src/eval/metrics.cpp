#include "eval/metrics.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace mrec {
namespace {

double num_hits(const Ranking& ranking) {
  return static_cast<double>(std::ranges::count(ranking.hits, true));
}

int ideal_hits(const Ranking& ranking) { return std::min(ranking.num_relevant, ranking.k); }

double discount(int position) { return 1 / std::log2(position + 2); }

constexpr RankingMetric kMetrics[] = {
    {"precision", precision}, {"recall", recall},       {"map", average_precision},
    {"ndcg", ndcg},           {"mrr", reciprocal_rank}, {"hit_rate", hit_rate},
};

}  // namespace

double precision(const Ranking& ranking) { return num_hits(ranking) / ranking.k; }

double recall(const Ranking& ranking) { return num_hits(ranking) / ranking.num_relevant; }

double average_precision(const Ranking& ranking) {
  double sum = 0;
  int hits = 0;
  for (std::size_t position = 0; position < ranking.hits.size(); ++position) {
    if (!ranking.hits[position]) continue;
    ++hits;
    sum += hits / static_cast<double>(position + 1);
  }
  return sum / ideal_hits(ranking);
}

double ndcg(const Ranking& ranking) {
  double gain = 0;
  for (std::size_t position = 0; position < ranking.hits.size(); ++position) {
    if (ranking.hits[position]) gain += discount(static_cast<int>(position));
  }
  double ideal = 0;
  for (int position = 0; position < ideal_hits(ranking); ++position) ideal += discount(position);
  return gain / ideal;
}

double reciprocal_rank(const Ranking& ranking) {
  const auto first = std::ranges::find(ranking.hits, true);
  return first == ranking.hits.end() ? 0
                                     : 1.0 / static_cast<double>(first - ranking.hits.begin() + 1);
}

double hit_rate(const Ranking& ranking) { return num_hits(ranking) > 0 ? 1 : 0; }

std::span<const RankingMetric> ranking_metrics() { return kMetrics; }

double auc(std::span<const float> scores, std::span<const int> relevant,
           std::span<const int> excluded) {
  // Sorted scores of the other artists; then two binary searches per held-out one.
  std::vector<float> others;
  others.reserve(scores.size());
  auto next_relevant = relevant.begin();
  auto next_excluded = excluded.begin();
  for (int artist = 0; std::cmp_less(artist, scores.size()); ++artist) {
    if (next_relevant != relevant.end() && *next_relevant == artist) {
      ++next_relevant;
    } else if (next_excluded != excluded.end() && *next_excluded == artist) {
      ++next_excluded;
    } else {
      others.push_back(scores[static_cast<std::size_t>(artist)]);
    }
  }
  if (others.empty() || relevant.empty()) return 0.5;
  std::ranges::sort(others);
  double pairs = 0;
  for (const int artist : relevant) {
    const auto [below, above] =
        std::ranges::equal_range(others, scores[static_cast<std::size_t>(artist)]);
    pairs += static_cast<double>(below - others.begin()) + 0.5 * static_cast<double>(above - below);
  }
  return pairs / (static_cast<double>(others.size()) * static_cast<double>(relevant.size()));
}

}  // namespace mrec
