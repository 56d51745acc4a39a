#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/matrix.h"

namespace mrec {

// A plain scalar trainer that does what LightFM 1.17 does, step for step: a thing's representation
// is summed from its features again whenever it is needed, also for every candidate; loops walk
// rows with a stride known at run time only, so nothing is vectorized; steps are element-wise
// adagrad with a square root and a division in double for every component; interactions are visited
// in random order; the user's bias takes part; BPR draws negatives from the interactions. It is
// what our kernel is measured against where LightFM itself is not installed.
class LightfmYardstick {
 public:
  struct Params {
    std::string loss = "warp";
    int dim = 64;
    double learning_rate = 0.05;
    int max_sampled = 10;
    int kos_k = 5;
    int kos_n = 10;
    unsigned seed = 1;
  };

  // `weights` [users x artists] and `metadata` [artists x features], or null, outlive this.
  LightfmYardstick(const SparseMatrix& weights, const Matrix* metadata, const Params& params);

  void epoch();
  // [users or artists x dim + 1], biases last.
  [[nodiscard]] Matrix user_rows() const { return represent_all(user_features_, users_); }
  [[nodiscard]] Matrix artist_rows() const { return represent_all(artist_features_, artists_); }

 private:
  // Embeddings and biases with what adagrad remembers of them.
  struct Table {
    Table(int rows, int dim, unsigned& seed);
    std::vector<float> values, gradients, biases, bias_gradients;
  };
  // The features of users or artists as CSR: (feature, weight) pairs.
  struct Features {
    std::vector<std::int64_t> start{0};
    std::vector<int> feature;
    std::vector<float> weight;
  };
  struct Triple {
    int user;
    int positive;
    int negative;
  };

  void represent(const Features& features, const Table& table, int thing,
                 std::vector<float>& to) const;
  [[nodiscard]] Matrix represent_all(const Features& features, const Table& table) const;
  [[nodiscard]] double predict(const std::vector<float>& artist) const;
  [[nodiscard]] bool is_heard(int user, int artist) const;
  void step(float& value, float& gradients, float weight, double gradient);
  void step_bias(const Features& features, Table& table, int thing, double gradient);
  void step_component(const Features& features, Table& table, int thing, int component,
                      double gradient);
  void update_pair(const Triple& triple, double loss);
  void update_single(int user, int artist, double loss);
  void visit_warp(int user, int positive, double weight);
  void visit_kos(int user, double weight);
  void visit_bpr(int user, int positive, double weight);
  void visit_logistic(int user, int artist, double weight, bool heard);
  void find_violator(int user, int positive, double positive_score, double weight);
  [[nodiscard]] unsigned below(std::size_t n);

  const SparseMatrix& weights_;
  Params params_;
  std::ptrdiff_t stride_;  // between components: 1, but the compiler must not know
  Features user_features_;
  Features artist_features_;
  Table users_;
  Table artists_;
  std::vector<int> user_ids_;  // [interactions]
  std::vector<int> order_;     // [interactions]
  std::vector<float> user_;    // [dim + 1] representations with their biases
  std::vector<float> positive_;
  std::vector<float> negative_;
  double mean_rate_ = 0;  // LightFM sums learning rates for its L2
};

}  // namespace mrec
