#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/matrix.h"
#include "model/embeddings.h"

namespace mrec {

// What trainers that keep their rows in Embeddings have in common.

// Keys of the random starts.
inline constexpr std::uint64_t kArtistStarts = 2ULL << 32;
inline constexpr std::uint64_t kUserStarts = 3ULL << 32;

// pack(r, record): row r of a table as a record, with its sums behind it where there are any.
std::function<void(int r, std::span<float> record)> packer(const Embeddings& table,
                                                           std::vector<float>& sums);

// `count` records [count x size].
Matrix records(const std::function<void(int, std::span<float>)>& pack, int count, std::size_t size);
// The reverse. `sums` have their size.
void take_records(const Matrix& records, const Embeddings& table, std::vector<float>& sums);

void add_to(std::vector<float>& sums, std::span<const float> values);
// values := sums / count
void put_mean(std::span<float> values, const std::vector<float>& sums, int count);

// Throws a Verdict when the loss of all ranks is no longer finite.
void require_finite_loss(double loss, int epoch);

// Rows [first, last) of a table, and the biases of the first `count`.
Matrix factors_of(const Embeddings& table, int first, int last);
Vector bias_of(const Embeddings& table, int count);

}  // namespace mrec
