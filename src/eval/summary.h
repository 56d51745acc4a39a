#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "eval/evaluate.h"

namespace mrec {

// A metric over the evaluated users.
struct Summary {
  std::string metric;
  int k = 0;                  // 0: not of a list
  double mean = 0;            // over the users for whom it is defined
  double standard_error = 0;  // of the mean over users; 0 for what is no mean
  double low = 0;             // 95 % interval: percentile bootstrap over users (Efron, 1979)
  double high = 0;            // low == high == mean for what is no mean
  int num_users = 0;          // for whom it is defined

  [[nodiscard]] std::string label() const;  // "ndcg@10", "auc"
};

// What one scorer achieves.
struct Report {
  std::string name;                // "model", "popularity", "random"
  int num_users = 0;               // evaluated
  std::vector<Summary> summaries;  // as the columns; behind those of each k, unless others are
                                   // drawn, coverage (share of all artists that are in any list)
                                   // and the Gini index of how often artists are in lists

  // Throws Error when there is no such metric.
  [[nodiscard]] const Summary& at(const std::string& metric, int k) const;
};

// `values` of all users, from a task such as `task`. The same users are drawn for every report.
Report summarize(const std::string& name, const EvalTask& task, const UserValues& values);

// Two scorers by the same users.
struct Comparison {
  std::string metric;  // "ndcg@10"
  std::string first;
  std::string second;
  double difference = 0;  // mean of first - second
  double low = 0;         // 95 % interval, as above
  double high = 0;
  double p_value = 1;     // of no difference: randomization of the signs of the users' differences
                          // (Smucker, Allan, Carterette, 2007), two-sided, 10,000 rounds
  double adjusted_p = 1;  // for all comparisons made together (Holm, 1979)
};

// One scorer's values beside its name.
struct Contender {
  std::string name;
  UserValues values;
};

// Each pair of `contenders` [models first] of which the first is a model, by the accuracy metrics
// at the first k. Users for whom a metric is undefined under either are left out.
std::vector<Comparison> compare(std::span<const Contender> contenders, int num_models,
                                const EvalTask& task);

// [artists] in how many of the lists of length k an artist is.
std::vector<float> exposure(const EvalTask& task, const UserValues& values, int k);

}  // namespace mrec
