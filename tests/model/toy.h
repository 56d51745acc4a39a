#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/random.h"
#include "model/artifact.h"
#include "model/scorer.h"
#include "model/sgd.h"

namespace mrec {

// A table of embeddings that owns its memory.
class OwnedTable {
 public:
  OwnedTable(int rows, int dim, StateShape states, float initial_state = 1)
      : memory_(Embeddings::size(rows, dim, states)), table_(memory_, rows, dim, states) {
    table_.initialize(1, 0, 0, initial_state);
  }
  [[nodiscard]] const Embeddings& table() const { return table_; }

 private:
  AlignedFloats memory_;
  Embeddings table_;
};

// One user and artists whose scores for that user are given: dim 1, the user's vector is 1.
struct ScoredToy {
  explicit ScoredToy(const std::vector<float>& scores)
      : artists(static_cast<int>(scores.size()), 1, 1), users(1, 1, 1) {
    for (std::size_t a = 0; a < scores.size(); ++a) {
      artists.table().row(static_cast<int>(a))[0] = scores[a];
    }
    users.table().row(0)[0] = 1;
    model = {.features = artists.table(), .num_artists = static_cast<int>(scores.size())};
    scorer = std::make_unique<Scorer>(model);
    scorer->set_user(users.table(), 0);
  }

  OwnedTable artists;
  OwnedTable users;
  ArtistModel model;
  std::unique_ptr<Scorer> scorer;
};

// Uniform in [-1, 1).
inline Matrix random_matrix(int rows, int cols, std::uint64_t seed) {
  Rng rng(seed);
  Matrix matrix(rows, cols);
  for (float& value : matrix.reshaped()) value = static_cast<float>(2 * rng.uniform() - 1);
  return matrix;
}

inline SparseMatrix sparse(const Matrix& dense) { return dense.sparseView(); }

// A small sound model: 4 artists, 2 users, dim 2.
inline Artifact small_artifact() {
  Artifact model;
  model.params.dim = 2;
  model.artists = IdMap({10, 20, 30, 40});
  model.artist_names = {"Björk", "AC/DC", "宇多田ヒカル", "!!!"};
  model.artist_genres = {"art pop", "rock", "", "dance-punk"};
  model.artist_listeners = {5, 9, 2, 0};
  model.artist_factors = Matrix{{1, 0}, {0, 1}, {1, 1}, {-1, 0}};
  model.artist_bias = Vector{{0, 0.5F, 0, 0}};
  model.users = IdMap({7, 8});
  model.user_factors = Matrix{{1, 2}, {3, 4}};
  model.user_bias = Vector{{0.5F, -0.5F}};
  model.feature_names = {"energy"};
  model.feature_factors = Matrix{{0.25F, 0.5F}};
  model.feature_bias = Vector{{0.125F}};
  model.fold_in_map = Matrix{{2, 0}, {0, 2}, {0.5F, -0.5F}};
  model.new_artists = {.tag_names = {"rock", "jazz"},
                       .feature_names = {"energy"},
                       .feature_mean = Vector{{0.5F}},
                       .map = Matrix{{1, 0, 0.5F}, {0, 1, 0}, {1, 1, 0}, {0, 0, -1}}};
  model.calibration_slope = 2;
  model.calibration_offset = -1;
  model.survey = {{1, "Rock"}, {0, "Art Pop"}};
  model.metrics = {{"validation_ndcg@10", "0.2"}};
  model.provenance = {{"created_by", "a test"}};
  return model;
}

}  // namespace mrec
