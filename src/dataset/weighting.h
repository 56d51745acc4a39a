#pragma once

#include <string>

#include "base/matrix.h"
#include "base/params.h"

namespace mrec {

struct WeightingParams {
  std::string weighting = "log";
  double bm25_k1 = 1.2;
  double bm25_b = 0.75;

  Fields fields();
};

// Turns raw plays > 0 [users x artists] into interaction weights > 0 of the same pattern. Fitted on
// train, applied to every part; a user who is not in train gets weight 1.
//   log     log1p(plays) / mean of log1p(plays) over the user's train entries
//   minmax  0.1 + 0.9 (plays - min) / (max - min) over the user's train entries, cut at the ends
//           (the original's scaling, but that the least played artist keeps a weight); 1 where all
//           counts are equal
//   bm25    Robertson and Zaragoza 2009 with users as documents and artists as terms
//   binary  1
SparseMatrix weigh(const SparseMatrix& plays, const SparseMatrix& train_plays,
                   const WeightingParams& params);

}  // namespace mrec
