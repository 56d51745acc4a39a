#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/matrix.h"

namespace mrec {

// What is to be predicted, and what is left out of the lists. All matrices [users x artists].
struct EvalTask {
  const SparseMatrix& held_out;
  std::vector<const SparseMatrix*> known;  // never recommended; empty: nothing is left out
  std::vector<int> ks = {10};              // lengths of the lists
};

// Fills the scores [artists] of a user (a row of the task's matrices).
using ScoreUser = std::function<void(int user, std::span<float> scores)>;

// Full ranking of all artists for the users with held-out artists. Values of several ranks may be
// put behind one another, `recommended` added.
struct UserValues {
  std::vector<double> values;      // [evaluated users x columns]
  std::vector<float> recommended;  // [ks x artists] how many lists an artist is in
};
UserValues evaluate_users(const EvalTask& task, const ScoreUser& score);

// Columns of UserValues::values: every ranking metric at every k, then AUC.
struct Column {
  std::string metric;
  int k = 0;  // 0: not of a list
};
std::vector<Column> columns(std::span<const int> ks);

struct Summary {
  std::string metric;
  int k = 0;
  double mean = 0;            // over the evaluated users
  double standard_error = 0;  // of the mean over users; 0 for coverage
};

// What one scorer achieves.
struct Report {
  std::string name;                // "model", "popularity", "random"
  int num_users = 0;               // evaluated
  std::vector<Summary> summaries;  // as the columns; coverage (share of all artists that are in any
                                   // list) behind the metrics of its k

  // Throws Error when there is no such metric.
  [[nodiscard]] const Summary& at(const std::string& metric, int k) const;
};
Report summarize(const std::string& name, const UserValues& all, std::span<const int> ks);

// The usual single figure: mean NDCG@k of these users, and how many they are.
struct MeanNdcg {
  double sum = 0;
  double users = 0;
};
MeanNdcg sum_ndcg(const EvalTask& task, const ScoreUser& score);

}  // namespace mrec
