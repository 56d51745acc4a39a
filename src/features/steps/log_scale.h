#pragma once

#include <algorithm>
#include <cmath>
#include <set>

#include "features/table.h"

namespace mrec::features {

// Columns with more than two values go to 0..1: strictly positive ones by log(x + 1e-10) and
// min-max, others (loudness) by min-max.
inline void log_scale(Table& table) {
  for (auto& [name, column] : table.numbers) {
    if (std::ranges::any_of(column, [](float value) { return std::isnan(value); })) {
      throw Error("column " + name + " has missing values; impute_mean fills them: put it before");
    }
    std::set<float> values;
    for (std::size_t row = 0; row < column.size() && values.size() <= 2; ++row) {
      values.insert(column[row]);
    }
    if (values.size() <= 2) continue;
    if (std::ranges::min(column) > 0) {
      for (float& value : column) value = static_cast<float>(std::log(value + 1e-10));
    }
    const auto [least, most] = std::ranges::minmax(column);
    // The logarithms of values that differ in their last digits may be equal.
    const float range = most > least ? most - least : 1;
    for (float& value : column) value = (value - least) / range;
  }
}

}  // namespace mrec::features
