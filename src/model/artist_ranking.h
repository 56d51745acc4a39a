#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/aligned.h"
#include "base/matrix.h"
#include "model/recommend.h"

namespace mrec {

// The k best of all artists for one user vector, exactly, without looking at all of them: the
// artists stand in descending order of the lengths |q| of their vectors, and by Cauchy and Schwarz
// no artist behind a place scores more than |p| |q| + the largest bias that is still to come.
//
// Where that is not enough (many artists, lengths alike), `quantize` keeps the vectors as bytes,
// which are a quarter of the memory to read: q = s c + e with whole c in [-127, 127] and the length
// of e known, so that p . q <= s p . c + |p| |e|. Only artists for whom this bound reaches the
// k-th best score so far are scored in full, so that the lists are the same, bit for bit.
//
// A score is a sum over the dimensions in their order, then the rest: the same bits whichever way
// it is come by. Equal scores come in the order of the index. Safe for several threads.
class ArtistRanking {
 public:
  // `factors` [artists x d] and `bias` [artists] outlive this. `popularity` [artists], in [-1, 1].
  ArtistRanking(const Matrix& factors, const Vector& bias, std::span<const float> popularity,
                bool quantize = false);

  using Allows = std::function<bool(int artist)>;

  // By p . q + bias + popularity_weight * popularity; `allows` is asked only about artists who
  // would be taken.
  [[nodiscard]] std::vector<Scored> best(const RowVector& user, int k, float popularity_weight,
                                         const Allows& allows) const;
  // By the cosine of the vectors; zero vectors have cosine 0 with all.
  [[nodiscard]] std::vector<Scored> nearest(int artist, int k, const Allows& allows) const;

  // p . q + bias.
  [[nodiscard]] float score(const RowVector& user, int artist) const;

 private:
  static constexpr int kBlock = 64;  // artists that are scored before the limit is looked at
  struct Ask;                        // what is summed, and its bounds
  class List;                        // the k best so far
  void scan(const Ask& ask, List& list) const;
  void scan_block(const Ask& ask, int block, List& list) const;
  void scan_bytes(const Ask& ask, int block, List& list) const;

  const Matrix& factors_;
  const Vector& bias_;
  int num_artists_;
  int dim_;
  // By place, padded to whole blocks. "Place" is the position in the order of lengths.
  std::vector<std::int32_t> artist_;
  AlignedFloats length_;
  AlignedFloats bias_at_;
  AlignedFloats popularity_at_;
  std::vector<float> most_bias_;  // [blocks] the largest bias from this block on
  AlignedFloats vectors_;         // [blocks][d][kBlock]; without quantize
  // With quantize: c [places x stride_], s and |e|.
  std::size_t stride_ = 0;
  std::vector<std::int8_t, LineAllocator<std::int8_t>> bytes_;
  AlignedFloats scale_;
  AlignedFloats error_;
};

}  // namespace mrec
