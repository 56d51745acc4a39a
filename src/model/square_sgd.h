#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/aligned.h"
#include "base/matrix.h"
#include "model/embeddings.h"
#include "model/sgd.h"
#include "model/square_loss.h"
#include "model/train_params.h"

namespace mrec {

// Sums over all rows p'p and over all artists q'q, [d x d] each.
struct Grams {
  Matrix rows;
  Matrix artists;
};

// Stochastic gradient descent on the whole-data square loss (square_loss.h). A step takes some
// pairs of one row; the sum over all pairs, heard or not, comes in through the Gram matrices, so no
// negative is ever drawn. With n_r and n_a the pairs of a row and an artist, a pair pushes
//
//   q_a += c (t - s) p - (unheard (P'P) q_a + ridge_a q_a) / n_a,     p likewise,
//
// by adagrad steps that count the push itself, so that none is longer than the learning rate.
class SquareSgd {
 public:
  // `weights` [rows x artists] outlives this. `pairs_of_artist` [artists] and `num_rows` are
  // those of all ranks; `first_pair` is the number of pairs of all rows before, which keys draws.
  SquareSgd(const TrainParams& params, const SparseMatrix& weights,
            std::vector<float> pairs_of_artist, double num_rows, std::int64_t first_pair);

  // Visits the piece `window` of `num_windows` of the epoch's order, each pair once per epoch.
  // Embeddings have one state.
  PassResult pass(const Embeddings& artists, const Embeddings& rows, const Grams& grams, int epoch,
                  int window, int num_windows);

 private:
  // Pairs [first, last) of order_, all of one row.
  struct Chunk {
    int row;
    int first;
    int last;
  };
  void draw_order(int epoch);
  double step(const Embeddings& artists, const Embeddings& rows, const Grams& grams,
              const Chunk& chunk);

  const TrainParams params_;
  const SparseMatrix& weights_;
  std::vector<float> pairs_of_artist_;
  std::vector<float> decay_of_artist_;  // ridge_a / n_a
  std::int64_t first_pair_;
  SquareLoss row_loss_;
  std::vector<int> order_;  // [pairs] of each row in an order of their own
  std::vector<Chunk> chunks_;
  // Copies of the rows at work, and their steps [d], padded as embeddings are.
  AlignedFloats row_;
  AlignedFloats artist_;
  AlignedFloats row_push_;
  AlignedFloats artist_push_;
};

}  // namespace mrec
