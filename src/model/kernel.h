#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/matrix.h"
#include "model/metadata.h"
#include "model/scorer.h"
#include "model/train_params.h"

namespace mrec {

// What a pass over interactions did; sums over ranks give the whole.
struct PassResult {
  double loss = 0;         // sum over the interactions
  double steps = 0;        // interactions that taught something
  double user_rate = 0;    // sum over the steps of the mean learning rate of the user's row
  double artist_rate = 0;  // and of the artists' rows

  PassResult& operator+=(const PassResult& other) {
    loss += other.loss;
    steps += other.steps;
    user_rate += other.user_rate;
    artist_rate += other.artist_rate;
    return *this;
  }
};

// A few interactions of one user that are visited one after the other, while the user's row is in
// the cache: places [first, first + count) of an order of the interactions.
struct Chunk {
  int user = 0;
  int first = 0;
};

// Interactions of a chunk, as a rule. Longer ones are a little faster and learn a little less
// (docs/benchmarks.md).
inline constexpr int kChunkSize = 8;

// What a kernel works on.
struct PassTask {
  const TrainParams& params;
  const SparseMatrix& weights;  // [users x artists]
  const ArtistModel& artists;
  const MetadataRows& metadata;
  const Embeddings& users;
  // [interactions] a permutation of each user's own, as offsets from the first of each kSegment.
  std::span<const std::uint16_t> order;
  std::span<const Chunk> chunks;  // to visit
  int chunk_size = kChunkSize;    // interactions of a chunk, fewer where the user's end
  int epoch = 0;
  std::int64_t first_interaction = 0;  // number of interactions of all users before these
  // [interactions] their places among all of these users', where `weights` are a part of them.
  std::span<const int> places;
};

// Interactions of a user that are permuted among themselves; few users have more.
inline constexpr int kSegment = 1 << 16;

// The interaction at place `at` of the order, of a user whose first is `begin`.
inline int interaction_at(std::span<const std::uint16_t> order, int begin, int at) {
  return begin + (at - begin) / kSegment * kSegment + order[static_cast<std::size_t>(at)];
}

// Scores to be had: of artists whose factors lie in groups of 16, for a few users.
struct ScoreTask {
  const float* factors;  // [artists / 16][dim][16]
  const float* bias;     // [artists]
  int dim = 0;
  int num_artists = 0;                // a multiple of 16
  std::array<const float*, 8> users;  // each [dim]
  float* scores;                      // of user u and artist a at u * stride + a
  int stride = 0;                     // a multiple of 16
};

// Symmetric positive definite equations, A [size x size] and the right side in column `size`:
// [size, rounded up to eights, x stride], on a cache line. What is below A's diagonal, beyond the
// right side or below the last row may be anything finite.
struct Equations {
  float* values;
  int size;
  int stride;  // > size, a multiple of 16
};

// That of `size` equations and their right side.
constexpr int equations_stride(int size) { return size / 16 * 16 + 16; }

// The same arithmetic with vectors of another length; the results are the same bits.
struct KernelLevel {
  const char* name;  // "portable", "avx2", "avx512"
  bool (*supported)();
  PassResult (*pass)(const PassTask& task);
  void (*score)(const ScoreTask& task);
  // To [columns x rows] from [rows x columns], both on a cache line and in multiples of 16.
  void (*transpose)(const float* from, int num_rows, int num_columns, float* to);
  // Adds rows' rows to the first `num_columns` columns, of rows [num_rows x stride] on a cache
  // line.
  void (*add_rows)(const Equations& equations, const float* rows, int num_rows, int num_columns);
  // Adds rows rows', of as many rows [size x width] as there are equations, in multiples of 16 on a
  // cache line: faster for a few of them.
  void (*add_dots)(const Equations& equations, const float* rows, int width);
  // By Cholesky, which overwrites the equations. The solution [stride], on a cache line, ends in
  // zeros. An unknown that the others leave undetermined, but for rounding, is 0.
  void (*solve)(const Equations& equations, float* solution);
};

// What this program has, the longest vectors last; and the last one that this machine supports.
std::span<const KernelLevel> kernel_levels();
const KernelLevel& best_level();

}  // namespace mrec
