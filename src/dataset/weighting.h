#pragma once

#include <string>
#include <vector>

#include "base/matrix.h"
#include "base/params.h"

namespace mrec {

struct WeightingParams {
  std::string weighting = "log";  // log | minmax | bm25 | binary
  double bm25_k1 = 1.2;
  double bm25_b = 0.75;

  Fields fields();
};

// Turns raw plays [users x artists] into interaction weights > 0 of the same pattern; fitted on
// train, applied to every part (a user who is not in train gets weight 1).
//   log     log1p(plays) / mean of log1p(plays) over the user's train entries
//   minmax  plays scaled per user to [floor, 1] (the original's; a user with one value gets 1)
//   bm25    Robertson's term weight with users as documents, artists as terms
//   binary  1
SparseMatrix weigh(const SparseMatrix& plays, const SparseMatrix& train_plays,
                   const WeightingParams& params);

}  // namespace mrec
