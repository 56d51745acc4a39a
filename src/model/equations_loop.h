#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "model/kernel.h"
#include "model/row.h"

namespace mrec {
inline namespace MREC_LEVEL {

// Equations are worked on in tiles of eight rows by one vector of columns, whose sums stay in
// registers. No sum goes over the lanes of a vector, so that the results are the same bits whatever
// its length (row::dot has an order of its own).
inline constexpr int kTileRows = 8;

// A vector of a table whose rows are `stride` floats apart, in row r.
inline row::Vec& vector_at(float* tile, int stride, int r) {
  return *reinterpret_cast<row::Vec*>(tile + static_cast<std::ptrdiff_t>(r) * stride);
}
inline const row::Vec& vector_at(const float* tile, int stride, int r) {
  return *reinterpret_cast<const row::Vec*>(tile + static_cast<std::ptrdiff_t>(r) * stride);
}

// In blocks of 2 D by 2 D, swaps the upper right with the lower left quarter; then does so within
// the quarters.
template <int D, int... Lane>
void transpose_blocks(row::Vec* rows, std::integer_sequence<int, Lane...> lanes) {
  constexpr int kWidth = row::kWidth;
  for (int r = 0; r < kWidth; ++r) {
    if ((r & D) != 0) continue;
    const row::Vec upper = rows[r];
    const row::Vec lower = rows[r + D];
    rows[r] =
        __builtin_shufflevector(upper, lower, ((Lane & D) != 0 ? kWidth + Lane - D : Lane)...);
    rows[r + D] =
        __builtin_shufflevector(upper, lower, ((Lane & D) != 0 ? kWidth + Lane : Lane + D)...);
  }
  if constexpr (D > 1) transpose_blocks<D / 2>(rows, lanes);
}

inline void run_transpose(const float* from, int num_rows, int num_columns, float* to) {
  constexpr int kWidth = row::kWidth;
  for (int i = 0; i < num_rows; i += kWidth, from += std::ptrdiff_t{kWidth} * num_columns) {
    for (int j = 0; j < num_columns; j += kWidth) {
      row::Vec block[kWidth];
      for (int r = 0; r < kWidth; ++r) block[r] = vector_at(from + j, num_columns, r);
      transpose_blocks<kWidth / 2>(block, std::make_integer_sequence<int, kWidth>());
      for (int r = 0; r < kWidth; ++r) vector_at(to + i, num_rows, j + r) = block[r];
    }
  }
}

// tile[r][lane] += sign * (sum over k < count of values[k][i + r] * values[k][j + lane])
inline void add_products(const float* values, int count, int stride, int i, int j, float sign,
                         float* tile) {
  row::Vec sums[kTileRows] = {};
  const float* left = values + i;  // one register for all eight: offsets are constants
  const float* right = values + j;
  for (int k = 0; k < count; ++k, left += stride, right += stride) {
    const row::Vec columns = vector_at(right, stride, 0);
    for (int r = 0; r < kTileRows; ++r) sums[r] += left[r] * columns;
  }
  for (int r = 0; r < kTileRows; ++r) vector_at(tile, stride, r) += sign * sums[r];
}

inline void run_add_rows(const Equations& equations, const float* rows, int num_rows,
                         int num_columns) {
  const auto [values, size, stride] = equations;
  for (int i = 0; i < size; i += kTileRows) {
    float* row_of_tiles = values + static_cast<std::ptrdiff_t>(i) * stride;
    for (int j = i / row::kWidth * row::kWidth; j < num_columns; j += row::kWidth) {
      add_products(rows, num_rows, stride, i, j, 1, row_of_tiles + j);
    }
  }
}

// The same from the rows' transpose, by single products: for a few rows, of which tiles would be
// mostly padding.
inline void run_add_dots(const Equations& equations, const float* rows, int width) {
  const auto [values, size, stride] = equations;
  const auto at = [&](int r) { return rows + static_cast<std::ptrdiff_t>(r) * width; };
  for (int i = 0; i < size; ++i) {
    float* sums = values + static_cast<std::ptrdiff_t>(i) * stride;
    for (int j = i; j < size; j += 4) {
      const int last = size - 1;  // stands for what is behind it
      const float* const others[4] = {at(j), at(std::min(j + 1, last)), at(std::min(j + 2, last)),
                                      at(std::min(j + 3, last))};
      const row::Four dots = row::dots(others, at(i), width);
      for (int k = 0; k < std::min(4, size - j); ++k) sums[j + k] += dots[k];
    }
  }
}

// The Cholesky factor U of the eight by eight values at `corner`, on the diagonal.
struct CornerFactor {
  float above[kTileRows][kTileRows];  // the diagonal
  float inverse[kTileRows];           // of the diagonal; 0 where nothing is left

  CornerFactor(const float* corner, int stride) {
    float left[kTileRows][kTileRows];
    for (int r = 0; r < kTileRows; ++r) {
      std::copy_n(corner + static_cast<std::ptrdiff_t>(r) * stride, kTileRows, left[r]);
    }
    for (int r = 0; r < kTileRows; ++r) {
      inverse[r] = left[r][r] <= 0 ? 0 : 1 / std::sqrt(left[r][r]);
      for (int s = r + 1; s < kTileRows; ++s) above[r][s] = inverse[r] * left[r][s];
      for (int s = r + 1; s < kTileRows; ++s) {
        for (int t = r + 1; t < kTileRows; ++t) left[s][t] -= above[r][s] * above[r][t];
      }
    }
  }

  // Multiplies a tile by U'^-1.
  void divide(float* tile, int stride) const {
    row::Vec rows[kTileRows];
    for (int r = 0; r < kTileRows; ++r) rows[r] = vector_at(tile, stride, r);
    for (int r = 0; r < kTileRows; ++r) {
      rows[r] *= inverse[r];
      for (int s = r + 1; s < kTileRows; ++s) rows[s] -= above[r][s] * rows[r];
    }
    for (int r = 0; r < kTileRows; ++r) vector_at(tile, stride, r) = rows[r];
  }
};

// A = U'U becomes U, but for the diagonal, which is inverted, and the right side U'^-1 times it.
inline void factorize(const Equations& equations) {
  const auto [values, size, stride] = equations;
  for (int i = 0; i < size; i += kTileRows) {
    float* row_of_tiles = values + static_cast<std::ptrdiff_t>(i) * stride;
    const int first = i / row::kWidth * row::kWidth;
    for (int j = first; j <= size; j += row::kWidth) {
      add_products(values, i, stride, i, j, -1, row_of_tiles + j);
    }
    const CornerFactor corner(row_of_tiles + i, stride);
    for (int j = first; j <= size; j += row::kWidth) corner.divide(row_of_tiles + j, stride);
    for (int r = 0; r < kTileRows; ++r) {
      row_of_tiles[static_cast<std::ptrdiff_t>(r) * stride + i + r] = corner.inverse[r];
    }
  }
}

inline void run_solve(const Equations& equations, float* solution) {
  factorize(equations);
  const auto [values, size, stride] = equations;
  std::fill_n(solution, stride, 0.0F);
  for (int i = (size - 1) / kTileRows * kTileRows; i >= 0; i -= kTileRows) {
    // Unknowns i.. are still 0: the products with what is below the diagonal are, too.
    const int first = i / row::kLanes * row::kLanes;
    const int count = std::min(kTileRows, size - i);
    const float* factor = values + static_cast<std::ptrdiff_t>(i) * stride;
    float left[kTileRows];
    for (int r = 0; r < count; ++r, factor += stride) {
      left[r] = factor[size] - row::dot(factor + first, solution + first, stride - first);
    }
    for (int r = count - 1; r >= 0; --r) {
      factor -= stride;
      for (int s = r + 1; s < count; ++s) left[r] -= factor[i + s] * left[s];
      left[r] *= factor[i + r];
    }
    std::copy_n(left, count, solution + i);
  }
}

}  // namespace MREC_LEVEL
}  // namespace mrec
