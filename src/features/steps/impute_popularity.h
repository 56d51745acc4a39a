#pragma once

#include <algorithm>
#include <cmath>

#include "features/table.h"

namespace mrec::features {

// Where popularity (0..100) is missing: the artist's listeners, min-max scaled to 0..100.
inline void impute_popularity(Table& table) {
  const std::vector<float>& listeners = table.number("listeners", "join_listeners");
  std::vector<float>& popularity = table.numbers["popularity"];
  popularity.resize(table.rows(), kMissing);
  if (table.rows() == 0) return;
  const auto [least, most] = std::ranges::minmax(listeners);
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (!std::isnan(popularity[row])) continue;
    popularity[row] = most > least ? 100 * (listeners[row] - least) / (most - least) : 0;
  }
}

}  // namespace mrec::features
