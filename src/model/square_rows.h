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

// Weights of observed pairs become confidences: 1 + confidence * weight.
void to_confidences(SparseMatrix& weights, const TrainParams& params);

// Tags as rows beside the users, who have an artist as users do: [last - first x artists] of the
// columns [first, last) of `tags` [artists x tags]. A pair counts
//   tag_weight * sqrt(users who gave the tag).
SparseMatrix tag_rows(const SparseMatrix& tags, int first, int last, const TrainParams& params);

// Starts the factors [d] of an artist: normal draws of deviation 0.1 / sqrt(d), keyed by the
// artist.
void draw_start(std::int64_t seed, int artist, std::span<float> factors);

// Puts the rows of `below` under those of `above`; both have the same number of columns.
void append_rows(SparseMatrix& above, const SparseMatrix& below);

}  // namespace mrec
