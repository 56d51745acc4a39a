#pragma once

#include "base/aligned.h"
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
  int num_catalogue = 0;  // where the artists are a sample, of how many; 0: they are all

  // Representations of all artists [A x d] and their biases [A].
  [[nodiscard]] Matrix compose() const;
  [[nodiscard]] Vector compose_bias() const;
  // The same in place of the identities; from then on that is all that an artist is made of.
  void compose_in_place() const;
};

// What the kernel works with. Compiled once per level (row.h).
inline namespace MREC_LEVEL {

// Brings what the optimizer keeps of row r into the cache.
inline void fetch_state(const Embeddings& table, int r) {
  row::fetch(table.row_state(r), table.state_stride());
  row::fetch(table.bias_state(r), 1);
}

// Scores artists for one user at a time: q_a . p + b_a + b_user. With metadata, the products of p
// with the metadata embeddings are taken once per user, so that a further artist costs d + F
// multiplications and not F d.
class Scorer {
 public:
  explicit Scorer(const ArtistModel& model)
      : model_(model),
        own_rows_(model.metadata != nullptr ? MetadataRows(*model.metadata) : MetadataRows()),
        rows_(own_rows_),
        projections_(aligned_zeros(static_cast<std::size_t>(rows_.stride()))) {}

  // `rows` are the model's metadata and outlive this. `fetch_states`: fetch() brings what the
  // optimizer keeps of artists, too.
  Scorer(const ArtistModel& model, const MetadataRows& rows, bool fetch_states)
      : model_(model),
        rows_(rows),
        fetch_states_(fetch_states),
        projections_(aligned_zeros(static_cast<std::size_t>(rows.stride()))) {}
  Scorer(const Scorer&) = delete;
  Scorer& operator=(const Scorer&) = delete;

  void set_user(const Embeddings& users, int user) {
    start_user(users, user);
    const Embeddings& features = model_.features;
    for (int f = 0; f < rows_.num_features(); ++f) {
      const int r = model_.num_artists + f;
      projections_[static_cast<std::size_t>(f)] =
          row::dot(features.row(r), user_, features.stride()) + row::load_one(&features.bias(r));
    }
  }

  // The same in two steps, for who has the projections [metadata columns, padded] at hand.
  void start_user(const Embeddings& users, int user) {
    user_ = users.row(user);
    user_bias_ = row::load_one(&users.bias(user));
  }
  [[nodiscard]] float* projections() { return projections_.data(); }

  [[nodiscard, gnu::always_inline]] float score(int artist) const {
    float score = user_bias_;
    if (has_identity_) {
      score += row::dot(row_of(artist), user_, stride_) + row::load_one(biases_ + artist);
    }
    if (rows_.stride() > 0) {
      score += row::dot(rows_.row(artist), projections_.data(), rows_.stride());
    }
    return score;
  }

  // score() of two or four artists, followed by anything.
  template <int Count>
  [[nodiscard, gnu::always_inline]] row::Four scores(const int* artists) const {
    row::Four scores = row::Four{} + user_bias_;
    const float* rows[Count];
    if (has_identity_) {
      row::Four biases{};
      for (int i = 0; i < Count; ++i) {
        rows[i] = row_of(artists[i]);
        biases[i] = row::load_one(biases_ + artists[i]);
      }
      scores += row::dots(rows, user_, stride_) + biases;
    }
    if (rows_.stride() > 0) {
      for (int i = 0; i < Count; ++i) rows[i] = rows_.row(artists[i]);
      scores += row::dots(rows, projections_.data(), rows_.stride());
    }
    return scores;
  }

  // score(one) - score(other) but for rounding.
  [[nodiscard, gnu::always_inline]] float difference(int one, int other) const {
    float difference = 0;
    if (has_identity_) {
      difference = row::dot_difference(row_of(one), row_of(other), user_, stride_) +
                   (row::load_one(biases_ + one) - row::load_one(biases_ + other));
    }
    if (rows_.stride() > 0) {
      difference += row::dot_difference(rows_.row(one), rows_.row(other), projections_.data(),
                                        rows_.stride());
    }
    return difference;
  }

  // Brings what score() will read into the cache.
  void fetch(int artist) const { fetcher()(artist); }

  // And what the optimizer keeps of its identity.
  void fetch_state(int artist) const {
    if (has_identity_) mrec::fetch_state(model_.features, artist);
  }

  // What fetch() needs, by value, for a loop that stores, too.
  struct Fetcher {
    const float* artists;
    const float* biases;
    std::ptrdiff_t stride;
    const float* state;
    std::ptrdiff_t state_stride;
    const MetadataRows* rows;

    [[gnu::always_inline]] void operator()(int artist) const {
      if (artists != nullptr) {
        row::fetch(artists + artist * stride, static_cast<int>(stride));
        prefetch_line(biases + artist);
        if (state != nullptr) {
          row::fetch(state + artist * state_stride, static_cast<int>(state_stride));
        }
      }
      if (rows != nullptr) row::fetch(rows->row(artist), rows->stride());
    }
  };
  [[nodiscard, gnu::always_inline]] Fetcher fetcher() const {
    return {.artists = has_identity_ ? artists_ : nullptr,
            .biases = biases_,
            .stride = stride_,
            .state = fetch_states_ ? model_.features.row_state(0) : nullptr,
            .state_stride = model_.features.state_stride(),
            .rows = rows_.stride() > 0 ? &rows_ : nullptr};
  }

  [[nodiscard]] int num_artists() const { return model_.num_artists; }
  // How many artists those that are drawn stand for.
  [[nodiscard]] int num_catalogue() const {
    return model_.num_catalogue > 0 ? model_.num_catalogue : model_.num_artists;
  }

 private:
  [[nodiscard]] const float* row_of(int artist) const {
    return artists_ + static_cast<std::ptrdiff_t>(artist) * stride_;
  }

  const ArtistModel& model_;
  const float* artists_ = model_.features.row(0);
  const float* biases_ = model_.features.rows() > 0 ? &model_.features.bias(0) : nullptr;
  int stride_ = model_.features.stride();
  bool has_identity_ = model_.has_identity;
  MetadataRows own_rows_;
  const MetadataRows& rows_;
  bool fetch_states_ = false;
  const float* user_ = nullptr;
  float user_bias_ = 0;
  AlignedFloats projections_;  // [metadata columns, padded] w_f . p + w_f'
};

}  // namespace MREC_LEVEL
}  // namespace mrec
