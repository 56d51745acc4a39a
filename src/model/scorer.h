#pragma once

#include <vector>

#include "base/matrix.h"
#include "model/embeddings.h"
#include "model/metadata.h"
#include "model/row.h"

namespace mrec {

// What an artist is made of: row a of `features` is the identity of artist a, row A + f the
// embedding of metadata column f. An artist's representation is
//   q_a = e_a + sum_f x_af w_f,   bias b_a + sum_f x_af w_f'
struct ArtistModel {
  Embeddings features;  // [artists + metadata columns]
  int num_artists = 0;
  const Metadata* metadata = nullptr;  // null: identity only
  bool has_identity = true;

  // Representations of all artists [A x d] and their biases [A].
  [[nodiscard]] Matrix compose() const;
  [[nodiscard]] Vector compose_bias() const;
};

// Scores artists for one user at a time: q_a . p + b_a + b_user. With metadata, the products of p
// with the metadata embeddings are taken once per user, so that a further artist costs d + F
// multiplications and not F d.
class Scorer {
 public:
  explicit Scorer(const ArtistModel& model)
      : model_(model),
        projections_(model.metadata != nullptr
                         ? static_cast<std::size_t>(model.metadata->num_features())
                         : 0) {}

  void set_user(const Embeddings& users, int user) {
    user_ = users.row(user);
    user_bias_ = users.bias(user);
    const Embeddings& features = model_.features;
    for (std::size_t f = 0; f < projections_.size(); ++f) {
      const int r = model_.num_artists + static_cast<int>(f);
      projections_[f] = row::dot(features.row(r), user_, features.stride()) + features.bias(r);
    }
  }

  [[nodiscard]] float score(int artist) const {
    const Embeddings& features = model_.features;
    float score = user_bias_;
    if (model_.has_identity) {
      score += row::dot(features.row(artist), user_, features.stride()) + features.bias(artist);
    }
    if (!projections_.empty()) {
      score += row::dot(model_.metadata->values.row(artist).data(), projections_.data(),
                        static_cast<int>(projections_.size()));
    }
    return score;
  }

  [[nodiscard]] int num_artists() const { return model_.num_artists; }

 private:
  const ArtistModel& model_;
  const float* user_ = nullptr;
  float user_bias_ = 0;
  std::vector<float> projections_;  // [metadata columns] w_f . p + w_f'
};

}  // namespace mrec
