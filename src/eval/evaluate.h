#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/matrix.h"
#include "eval/list_metrics.h"
#include "model/artist_scorer.h"

namespace mrec {

// What is to be predicted, and what is left out of the lists. All matrices [users x artists].
struct EvalTask {
  const SparseMatrix& held_out;
  std::vector<const SparseMatrix*> known = {};  // never recommended; empty: nothing is left out
  std::vector<int> ks = {10};                   // lengths of the lists
  int first_user = 0;                           // number of row 0 among the users of all ranks

  // What the lists are made of is judged by the facts of the artists and what the users have heard;
  // both null: not judged.
  const ArtistFacts* facts = nullptr;
  const SparseMatrix* history = nullptr;

  // 0: held-out artists are ranked among all. Otherwise among this many others, drawn for each user
  // alike, without return, for every scorer: cheap, but biased (Krichene, Rendle, 2020).
  int num_sampled = 0;
  std::uint64_t seed = 1;
};

// The artists of a user in a matrix [users x artists].
inline std::span<const int> artists_of(const SparseMatrix& matrix, int user) {
  const int begin = matrix.outerIndexPtr()[user];
  const int end = matrix.outerIndexPtr()[user + 1];
  return {matrix.innerIndexPtr() + begin, static_cast<std::size_t>(end - begin)};
}

// Fills the scores [artists] of a user (a row of the task's matrices).
using ScoreUser = std::function<void(int user, std::span<float> scores)>;

// Scores by factors: `users` [users x d], row by row as the task's matrices.
struct FactorScores {
  const ArtistScorer& artists;
  const Matrix& users;
};

// What the users with held-out artists got. Values of several ranks may be put behind one another.
struct UserValues {
  std::vector<int> users;      // [evaluated] numbers among the users of all ranks, ascending
  std::vector<double> values;  // [evaluated x columns]; not a number where a metric is undefined
  std::vector<int> lists;      // [evaluated x longest k] artists, best first; -1 behind the last
};
UserValues evaluate_users(const EvalTask& task, const ScoreUser& score);
UserValues evaluate_users(const EvalTask& task, const FactorScores& scores);

// Columns of UserValues::values: at every k all ranking metrics and, when the task has facts, those
// list metrics that they allow; then AUC.
struct Column {
  std::string metric;
  int k = 0;  // 0: not of a list

  [[nodiscard]] std::string label() const;  // "ndcg@10", "auc"
};
std::vector<Column> columns(const EvalTask& task);

// The usual single figure: mean NDCG@k of these users, and how many they are.
struct MeanNdcg {
  double sum = 0;
  double users = 0;
};
MeanNdcg sum_ndcg(const EvalTask& task, const ScoreUser& score);
MeanNdcg sum_ndcg(const EvalTask& task, const FactorScores& scores);

}  // namespace mrec
