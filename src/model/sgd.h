#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/matrix.h"
#include "model/kernel.h"
#include "model/optimizer.h"
#include "model/scorer.h"
#include "model/train_params.h"

namespace mrec {

// Stochastic gradient descent over the interactions of some users. An epoch visits them in chunks
// of a few of one user: each user's interactions are shuffled and cut into chunks, and the chunks
// are shuffled. Of a part of the artists, as engine rotate has it, every interaction is a chunk:
// those of one user would in turn compare the same few artists, which learns less
// (docs/benchmarks.md, "Many nodes").
class Sgd {
 public:
  // `weights` [users x artists] outlives this. `first_interaction` is the number of interactions of
  // all users before these: draws are keyed by (seed, epoch, interaction), so they do not depend on
  // how the users are divided among ranks. `places` [interactions]: where `weights` are a part of
  // what these users have, the places of its interactions among all of them; outlive this.
  Sgd(const TrainParams& params, const SparseMatrix& weights, std::int64_t first_interaction,
      const KernelLevel& level = best_level(), std::span<const int> places = {});

  // Visits the piece `window` of `num_windows` of the epoch's order, each interaction once per
  // epoch. `users` has a row for each row of `weights`. The model's metadata are the same at every
  // call. After the last piece the order is given back.
  PassResult pass(const ArtistModel& artists, const Embeddings& users, int epoch, int window,
                  int num_windows);

 private:
  void make_order(int epoch);
  // What keys the draws of interaction `k` of `weights`.
  [[nodiscard]] std::uint64_t key_of(std::size_t k) const;

  const TrainParams params_;
  const SparseMatrix& weights_;
  std::int64_t first_interaction_;
  const KernelLevel& level_;
  std::span<const int> places_;
  int chunk_size_;
  std::vector<std::uint16_t> order_;  // [interactions] as a PassTask's
  std::vector<Chunk> chunks_;         // in the epoch's order
  int ordered_ = -1;                  // that epoch; -1: there is no order
  MetadataRows metadata_;             // made at the first pass
};

// L2 as LightFM has it: at every step all rows shrink by (1 - alpha * mean learning rate). Done at
// once for many steps, whose mean learning rates add up to `rate`.
void shrink(const Embeddings& table, double alpha, double rate);

}  // namespace mrec
