#pragma once

#include <algorithm>
#include <cmath>

#include "features/table.h"

namespace mrec::features {

// Drops number columns of which more than `max_missing` (0..1) is missing.
struct DropSparseColumns {
  double max_missing = 0.8;

  void operator()(Table& table) const {
    const auto most = max_missing * static_cast<double>(table.rows());
    std::erase_if(table.numbers, [most](const auto& named) {
      const auto missing =
          std::ranges::count_if(named.second, [](float value) { return std::isnan(value); });
      return static_cast<double>(missing) > most;
    });
  }
};

}  // namespace mrec::features
