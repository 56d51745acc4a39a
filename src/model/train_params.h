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
  double warmup = 0.1;
  std::string optimizer = "adagrad";
  std::string adagrad = "row";
  double adadelta_rho = 0.95;
  double adadelta_epsilon = 1e-6;
  std::string features = "identity";
  double metadata_scale = 0.05;
  bool standardize = true;
  bool sample_weights = true;
  int max_sampled = 10;
  int kos_k = 5;
  int kos_n = 10;
  int negatives = 1;
  std::string solver = "sgd";
  double unheard_weight = 0.065;
  double confidence = 0.6;
  double target_spread = 0.6;
  double regularization = 0.16;
  double regularization_exponent = 0.5;
  double artist_ridge = 1.56;
  double tag_weight = 0.39;
  double user_alpha = 0;
  double artist_alpha = 0;
  double averaging = 0.5;
  std::string engine = "hogwild";
  int blocks = 16;
  std::string sync = "auto";
  bool overlap = false;
  std::int64_t seed = 1;

  // The whole-data square loss instead of a loss of single interactions.
  [[nodiscard]] bool is_square() const { return loss == "ials"; }
  [[nodiscard]] bool rotates() const { return engine == "rotate"; }
  [[nodiscard]] bool has_identity() const { return features != "metadata"; }
  [[nodiscard]] bool has_metadata() const { return features != "identity"; }

  // Merges between nodes per epoch: `sync`, where auto merges whenever the nodes together have gone
  // through half as many interactions as there are artists, but at least 8 times and once per node
  // (docs/benchmarks.md, "Many nodes").
  [[nodiscard]] int merges_per_epoch(int num_nodes, double interactions_per_artist) const;

  // Rotation: how many times the `epoch`-th epoch takes every block to every node: `sync`, where
  // auto is once but for the first four epochs (docs/benchmarks.md, "Many nodes").
  [[nodiscard]] int sweeps(int epoch, int num_nodes) const;

  // That of the `epoch`-th: it rises evenly in the share `warmup` of the epochs, the first ones,
  // where the accumulators of adagrad are small and steps too long (docs/benchmarks.md).
  [[nodiscard]] double learning_rate_at(int epoch) const;

  // Throws InputError for options that do not go together.
  void check() const;

  Fields fields();
};

}  // namespace mrec
