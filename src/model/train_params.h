#pragma once

#include <cstdint>
#include <string>

#include "base/params.h"

namespace mrec {

// Everything that decides what is learnt. Names and meanings follow LightFM's where it has them.
struct TrainParams {
  std::string loss = "warp";
  int dim = 64;
  int epochs = 30;
  double learning_rate = 0.05;
  std::string optimizer = "adagrad";  // adagrad | adadelta
  double adadelta_rho = 0.95;
  double adadelta_epsilon = 1e-6;
  std::string features = "identity";  // identity | metadata | identity+metadata
  double metadata_scale = 1.0;        // factor on the metadata columns
  bool sample_weights = true;         // scale each step by the interaction's weight
  int max_sampled = 10;               // WARP, k-OS: negatives drawn at most per positive
  int kos_k = 5;                      // k-OS: train on the k-th best ...
  int kos_n = 10;                     // ... of n positives of the user
  int negatives = 1;                  // logistic: unheard artists drawn per positive
  double user_alpha = 0;              // L2 on users
  double artist_alpha = 0;            // L2 on artist features
  double averaging = 0;               // share of the last epochs whose parameters are averaged
  int windows = 8;                    // merges between nodes per epoch
  std::int64_t seed = 1;

  Fields fields();
};

}  // namespace mrec
