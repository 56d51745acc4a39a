#pragma once

#include "base/random.h"
#include "model/toy.h"
#include "parallel/shard.h"

namespace mrec {

// Listeners with one of four tastes: three quarters of what they hear is from the 25 artists of
// their taste, the rest from anywhere. 240 users, 100 artists, 12 heard and 4 held out each.
struct Planted {
  static constexpr int kUsers = 240;
  static constexpr int kArtists = 100;
  SparseMatrix train;
  SparseMatrix test;

  Planted() {
    Matrix heard = Matrix::Zero(kUsers, kArtists);
    Matrix held_out = Matrix::Zero(kUsers, kArtists);
    for (int u = 0; u < kUsers; ++u) {
      Rng rng(4, 0, static_cast<std::uint64_t>(u));
      for (int i = 0; i < 16;) {
        const bool own = rng.uniform() < 0.75;
        const auto a = static_cast<int>(own ? rng.below(25) * 4 + static_cast<std::uint32_t>(u % 4)
                                            : rng.below(kArtists));
        if (heard(u, a) != 0 || held_out(u, a) != 0) continue;
        (i < 12 ? heard : held_out)(u, a) = 1;
        ++i;
      }
    }
    train = sparse(heard);
    test = sparse(held_out);
  }
};

// The rows [begin, end) of `matrix`.
inline SparseMatrix rows_of(const SparseMatrix& matrix, const Shard& shard) {
  return matrix.middleRows(shard.begin, shard.size());
}

}  // namespace mrec
