#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/matrix.h"
#include "model/artifact.h"
#include "model/factor_rows.h"

namespace mrec {

struct Scored {
  int artist = 0;
  float score = 0;  // raw: user vector . artist factors + artist bias
};

// The k best of scores that come in ascending pieces of the artists. Of equal scores the one of the
// lower index is taken: the order of the artists is that of a keyed hash.
class TopK {
 public:
  // `excluded` artists are ascending, may repeat, and outlive this.
  TopK(int k, std::span<const int> excluded)
      : k_(static_cast<std::size_t>(k)), excluded_(excluded) {}

  // Scores of the artists from `first_artist` on; those of excluded ones become -infinity, which is
  // never taken.
  void add(int first_artist, std::span<float> scores);
  // Best first.
  [[nodiscard]] std::vector<Scored> list() &&;

 private:
  std::size_t k_;
  std::span<const int> excluded_;  // those still to come
  std::vector<Scored> best_;       // a heap, the worst on top
};

// The k best of `scores` [artists], best first; `excluded` artists (any order, repeats allowed) are
// left out. Equal scores come in the order of the index, which is that of a keyed hash.
std::vector<Scored> top_k(std::span<const float> scores, std::span<const int> excluded, int k);

// Scores of all artists for a user vector [d]: factors . user + bias.
void score_artists(const Artifact& model, const RowVector& user, std::span<float> scores);

// One rated artist of a new user and how much it counts (> 0).
struct Rating {
  int artist = 0;
  float weight = 1;
};

// The seed's weights: rank 1 -> 1.0, 2 -> 0.9, ..., 10 -> 0.1.
float rank_weight(int rank);

// A user vector [d] for ratings of a person who is not in training, as the loss would have it
// (docs/design.md, "Fold-in"). With the square loss: what it gives a user with these artists,
// exactly. With ranking losses: the weighted mean of the artist representations, carried to the
// trained users by the ridge map that training stored. Throws InputError for no ratings.
RowVector fold_in(const Artifact& model, std::span<const Rating> ratings);
// The same where the artists' factors lie elsewhere than in `model`.
RowVector fold_in(const FactorRows& artist_factors, const Artifact& model,
                  std::span<const Rating> ratings);
// The seed's way: the plain weighted mean.
RowVector fold_in_mean(const Artifact& model, std::span<const Rating> ratings);

// Where a user vector comes from: rows [ratings + 1 x d] that add up to it, row j what rating j
// gives, the last one what everybody has. As a score is linear in the user vector, the products of
// the rows with an artist's factors say how much each rated artist contributed to it. All ways of
// folding in are linear in this sense: with the square loss the system is fixed by which artists
// were rated, and its right-hand side is a sum over them.
Matrix fold_in_parts(const Artifact& model, std::span<const Rating> ratings);
Matrix fold_in_mean_parts(const Artifact& model, std::span<const Rating> ratings);

// Monotone in the raw score, 0..1: how probable it is that the person listens to an artist with
// this score. Fitted on the training users, so rather too high than too low.
float calibrated(const Artifact& model, float raw);

}  // namespace mrec
