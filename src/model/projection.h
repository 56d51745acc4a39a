#pragma once

#include <array>
#include <span>

#include "base/matrix.h"

namespace mrec {

// Points of a plane and how much of the variance each of its axes explains, 0..1.
struct Projection {
  Matrix points;  // [rows x 2]
  std::array<double, 2> explained{};
};

// The given rows of `factors`, each brought to length 1, on their first two principal components:
// what is near in direction, as similar artists are, is near on the plane. The sign of an axis is
// such that its largest coefficient is positive. Costs rows * d^2.
Projection project(const Matrix& factors, std::span<const int> rows);

}  // namespace mrec
