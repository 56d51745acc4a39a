#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/matrix.h"

namespace mrec {

// Scores without a trained model, each from the training interactions alone (which are taken as
// 0/1). Fills the scores [artists] of a user (a row of `train`).
struct Baseline {
  std::string name;
  std::function<void(int user, std::span<float> scores)> score;
};

// popularity  the number of listeners
// item-knn    sum over the user's artists of the cosine of their listeners with the artist's
//             (Sarwar et al., 2001, with all artists as neighbours)
// item-knn-bm25  the same with BM25 weights (k1 1.2, b 0.75; Robertson, Walker, 1994) of the
//             user's own and the neighbours' artists, and their product in place of the cosine
// ease        EASE^R (Steck, 2019) with an L2 of 100, solved exactly in its dual over the users: a
//             Cholesky of [users x users], so of use up to some thousand users
// random      uniform draws, keyed by the user
std::vector<std::string> baseline_names();

// `train` [users x artists] outlives the baseline. Throws InputError for an unknown name, and for
// ease with more users than it can be solved for.
Baseline make_baseline(const std::string& name, const SparseMatrix& train);

}  // namespace mrec
