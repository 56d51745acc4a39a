#pragma once

#include <cstdint>
#include <span>

#include "base/matrix.h"
#include "model/square_loss.h"
#include "model/train_params.h"

namespace mrec {

// The options of the whole-data square loss.
SquareLoss square_loss(const TrainParams& params);
// The same for the artists' side, whose ridge is `artist_ridge` times as strong.
SquareLoss square_loss_of_artists(const TrainParams& params);

// Confidences of observed pairs [users x artists]: 1 + confidence * weight, in place of the
// weights.
SparseMatrix confidences(const SparseMatrix& weights, const TrainParams& params);

// Tags as rows beside the users, who have an artist as users do: [last - first x artists] of the
// columns [first, last) of `tags` [artists x tags]. A pair counts
//   tag_weight * sqrt(users who gave the tag).
SparseMatrix tag_rows(const SparseMatrix& tags, int first, int last, const TrainParams& params);

// Starts the factors [d] of an artist: normal draws of deviation 0.1 / sqrt(d), keyed by the
// artist.
void draw_start(std::int64_t seed, int artist, std::span<float> factors);

// The rows of `below` under those of `above`; both have the same number of columns.
SparseMatrix stacked(const SparseMatrix& above, const SparseMatrix& below);

}  // namespace mrec
