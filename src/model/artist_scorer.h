#pragma once

#include <algorithm>
#include <array>
#include <span>

#include "base/aligned.h"
#include "base/matrix.h"
#include "model/factor_rows.h"

namespace mrec {

// Scores of all artists for many users: q_a . p_u + b_a, tile by tile of artists, so that a tile's
// factors serve many users while they are in the cache and no user needs a row of all artists. The
// factors are laid out for the kernel a tile at a time, so that there is no second copy of them.
// A score is a sum over the dimensions in their order: the same bits wherever artist and user
// stand, so that artists with equal vectors tie, and any number of ranks gives the same lists.
class ArtistScorer {
 public:
  static constexpr int kTile = 512;   // artists of a tile
  static constexpr int kUsers = 8;    // users scored at once
  static constexpr int kBlock = 512;  // users that a tile serves before the next one is read

  // `factors` [artists x d] outlive this and stay as they are; `bias` [artists].
  ArtistScorer(const FactorRows& factors, const Vector& bias);
  ArtistScorer(const Matrix& factors, const Vector& bias) : ArtistScorer(view_of(factors), bias) {}
  ArtistScorer(const Matrix&& factors, const Vector& bias) = delete;

  [[nodiscard]] int num_artists() const { return static_cast<int>(factors_.rows()); }

  // One score; `user` [d].
  [[nodiscard]] float score(const float* user, int artist) const;

  // All scores of up to kBlock users, rows [first, first + count) of `users` [users x d]: calls
  // take(u, first_artist, scores) for u in [0, count), each u with ascending pieces of the artists.
  // `take` may overwrite the scores, which are gone when it returns.
  template <typename Take>
  void score_block(const Matrix& users, int first, int count, Take take) const {
    alignas(64) Scores scores;  // the kernel stores whole vectors
    Tile laid_out = empty_tile();
    for (int tile = 0; tile < num_artists(); tile += kTile) {
      const auto size = static_cast<std::size_t>(std::min(kTile, num_artists() - tile));
      lay_out(tile, laid_out);
      for (int u = 0; u < count; u += kUsers) {
        Users rows;
        for (int i = 0; i < kUsers; ++i) {
          rows[static_cast<std::size_t>(i)] = users.row(first + std::min(u + i, count - 1)).data();
        }
        score_tile(laid_out, static_cast<int>(size), rows, scores);
        for (int i = u; i < std::min(u + kUsers, count); ++i) {
          const auto at = static_cast<std::size_t>(i - u) * kTile;
          take(i, tile, std::span(scores).subspan(at, size));
        }
      }
    }
  }

 private:
  using Users = std::array<const float*, kUsers>;  // each [d]
  using Scores = std::array<float, static_cast<std::size_t>(kUsers) * kTile>;
  struct Tile {
    AlignedFloats factors;  // [kTile / 16][d][16]
    AlignedFloats bias;     // [kTile]
  };
  [[nodiscard]] Tile empty_tile() const;
  // What is behind the last artist keeps what it had.
  void lay_out(int first_artist, Tile& tile) const;
  void score_tile(const Tile& tile, int size, const Users& users, Scores& scores) const;

  FactorRows factors_;
  Vector bias_;  // [artists]
};

}  // namespace mrec
