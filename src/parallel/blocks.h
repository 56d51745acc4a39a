#pragma once

#include <cstdint>

#include "parallel/shard.h"

namespace mrec {

// An epoch's division of the artists into blocks of equal size, drawn anew each time: two artists
// that are in one block now are in different ones later. Artist a stands at place
//
//   (factor * a + shift) mod artists
//
// and a block is a range of places. Depends on the seed, the epoch and the number of blocks, and
// not on the number of nodes; nothing has to be kept or sent. (That artists have no order to begin
// with is what IdMap::hashed sees to.)
class Blocks {
 public:
  Blocks(std::int64_t seed, int epoch, int num_artists, int num_blocks);

  [[nodiscard]] int place_of(int artist) const { return modulo(factor_ * artist + shift_); }
  [[nodiscard]] int artist_at(int place) const {
    return modulo(inverse_ * modulo(place + num_artists_ - shift_));
  }
  // The places of a block, and those of blocks [first, last).
  [[nodiscard]] Shard places(int block) const { return places(block, block + 1); }
  [[nodiscard]] Shard places(int first, int last) const {
    return {begin_of(first), begin_of(last)};
  }
  // The block of a place.
  [[nodiscard]] int block_of(int place) const {
    return static_cast<int>(((std::int64_t{place} + 1) * num_blocks_ - 1) / num_artists_);
  }
  // Of the largest block.
  [[nodiscard]] static int most_artists(int num_artists, int num_blocks) {
    return (num_artists + num_blocks - 1) / num_blocks;
  }

 private:
  [[nodiscard]] int modulo(std::int64_t x) const { return static_cast<int>(x % num_artists_); }
  [[nodiscard]] int begin_of(int block) const {
    return static_cast<int>(std::int64_t{num_artists_} * block / num_blocks_);
  }

  int num_artists_;
  int num_blocks_;
  std::int64_t factor_ = 1;
  std::int64_t inverse_ = 1;
  std::int64_t shift_ = 0;
};

}  // namespace mrec
