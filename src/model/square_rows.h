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

// What the loss asks of an observed pair with the weight w:
//   of a user   confidence = 1 + confidence * w,   target = 1 + target_spread * (w - 1),
//   of a tag    confidence = tag_weight * w,       target likewise, w = sqrt(users who gave it).
// No target is below 0.1: what was heard counts for more than what was not.
// Weights of tags are kept with a minus sign, so that a pair tells what it is of.
PairFit fit_of(float weight, const TrainParams& params);

// Tags as rows beside the users, who have an artist as users do: weights [last - first x artists]
// of the columns [first, last) of `tags` [artists x tags].
SparseMatrix tag_rows(const SparseMatrix& tags, int first, int last);

// Starts the factors [d] of an artist: normal draws of deviation 0.1 / sqrt(d), keyed by the
// artist.
void draw_start(std::int64_t seed, int artist, std::span<float> factors);

// Puts the rows of `below` under those of `above`; both have the same number of columns.
void append_rows(SparseMatrix& above, const SparseMatrix& below);

}  // namespace mrec
