#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/matrix.h"
#include "model/loss.h"
#include "model/scorer.h"
#include "model/train_params.h"

namespace mrec {

// What a pass over interactions did; sums over ranks give the whole.
struct PassResult {
  double loss = 0;         // sum over the interactions
  double steps = 0;        // interactions that taught something
  double user_rate = 0;    // sum over the steps of the mean learning rate of the user's row
  double artist_rate = 0;  // and of the artists' rows

  PassResult& operator+=(const PassResult& other);
};

// Number of states per value that the optimizer keeps, and what they start at.
int optimizer_states(const TrainParams& params);
float initial_state(const TrainParams& params);

// Stochastic gradient descent over the interactions of some users.
class Sgd {
 public:
  // `weights` [users x artists] outlives this. `first_interaction` is the number of interactions of
  // all users before these: draws are keyed by (seed, epoch, interaction), so they do not depend on
  // how the users are divided among ranks.
  Sgd(const TrainParams& params, const SparseMatrix& weights, std::int64_t first_interaction);
  ~Sgd();

  // Visits the piece `window` of `num_windows` of the epoch's order, each interaction once per
  // epoch. `users` has a row for each row of `weights`.
  PassResult pass(const ArtistModel& artists, const Embeddings& users, int epoch, int window,
                  int num_windows);

 private:
  template <typename Optimizer>
  PassResult run(const Optimizer& optimizer, const ArtistModel& artists, const Embeddings& users,
                 int epoch, std::size_t first, std::size_t last);

  const TrainParams params_;
  const SparseMatrix& weights_;
  std::int64_t first_interaction_;
  std::unique_ptr<Loss> loss_;
  std::vector<int> user_of_;  // [interactions]
  std::vector<int> order_;    // [interactions] the epoch's order
};

// L2 as LightFM has it: at every step all rows shrink by (1 - alpha * mean learning rate). Done at
// once for many steps, whose mean learning rates add up to `rate`.
void shrink(const Embeddings& table, double alpha, double rate);

}  // namespace mrec
