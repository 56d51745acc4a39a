#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/matrix.h"
#include "model/recommend.h"

namespace mrec {

// Trained users, as examples of how ratings lead to a user vector. All matrices outlive the
// examples.
struct TrainedUsers {
  const SparseMatrix& weights;  // [users x artists] train
  const Matrix& user_factors;   // [users x d]
  FactorRows artist_factors;    // [artists x d]
  const Vector& artist_bias;    // [artists]
  std::int64_t first_user = 0;  // index of the first of these users among all
  std::int64_t seed = 1;
  std::int64_t num_users = 0;  // of all ranks; 0: these are all
};

// Sums over users of m'm and m'p, where m = (mean of the representations of some heard artists, 1)
// and p is the user's vector: what the ridge regression of p on m needs. Sums of several ranks add
// up. As new users rate a few artists, m is made of up to ten drawn ones, several times per user.
struct FoldInSums {
  std::vector<double> gram;    // [(d + 1) x (d + 1)]
  std::vector<double> target;  // [(d + 1) x d]

  explicit FoldInSums(int dim);
  void add(const TrainedUsers& users);
};

// The map [(d + 1) x d] that minimizes sum |m M - p|^2 + ridge |M|^2, with the ridge a hundredth of
// the mean diagonal element of the gram matrix.
Matrix fit_fold_in_map(const FoldInSums& sums);

// What scores of folded-in users mean: how often an artist with this score is one that they listen
// to.
struct ScoreSample {
  float score = 0;   // raw
  float heard = 0;   // 1 or 0
  float weight = 1;  // how many artists of the catalogue it stands for
};
// Of each user: heard artists that were not among the drawn ones, and for each of them some random
// unheard ones, which stand for all unheard. Of more than kMostSampledUsers users only every n-th
// is taken, evenly: two numbers are fitted, and samples of a user take about two kilobytes.
inline constexpr std::int64_t kMostSampledUsers = 2'000;
using FoldIn = std::function<RowVector(std::span<const Rating>)>;
std::vector<ScoreSample> score_samples(const TrainedUsers& users, const FoldIn& fold_in);

// Platt's scaling (1999): P(heard | score) = 1 / (1 + exp(-(slope score + offset))).
struct Calibration {
  double slope = 1;
  double offset = 0;
};
// Maximum likelihood by Newton's method. No samples: slope 1, offset 0. The slope is kept positive,
// so that the order of scores stays. Where several ranks have samples, all call this together and
// `add_up` sums numbers over them, to the same bits for each.
Calibration fit_calibration(
    std::span<const ScoreSample> samples,
    const std::function<void(std::span<double>)>& add_up = [](std::span<double> /*own*/) {});

}  // namespace mrec
