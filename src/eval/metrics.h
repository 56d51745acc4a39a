#pragma once

#include <span>
#include <string>
#include <vector>

namespace mrec {

// One user's ranked list against the held-out artists.
struct Ranking {
  std::vector<bool> hits;  // [k] whether the artist at this position is held out, best first
  int num_relevant = 0;    // held-out artists in all, >= 1
  int k = 10;
};

// As in docs/design.md, "Metrics". Binary relevance; users without held-out artists are skipped.
double precision(const Ranking& ranking);          // hits / k
double recall(const Ranking& ranking);             // hits / relevant
double average_precision(const Ranking& ranking);  // sum of precision at hits / min(relevant, k)
double ndcg(const Ranking& ranking);               // ideal over min(relevant, k)
double reciprocal_rank(const Ranking& ranking);    // of the first hit within k, else 0
double hit_rate(const Ranking& ranking);           // 1 when there is a hit

struct RankingMetric {
  const char* name;
  double (*value)(const Ranking&);
};
// In the order of reports.
std::span<const RankingMetric> ranking_metrics();

// Area under the ROC curve: the share of (held-out, other) pairs in the right order, ties one half.
// `scores` [artists]; `relevant` and `excluded` are ascending and disjoint; excluded artists count
// for nothing.
double auc(std::span<const float> scores, std::span<const int> relevant,
           std::span<const int> excluded);

}  // namespace mrec
