#pragma once

#include <cmath>

#include "features/steps/aggregate_tracks.h"
#include "features/table.h"

namespace mrec::features {

// Missing numbers become the mean of the known ones, missing indicators the more frequent value. A
// column without any value goes.
inline void impute_mean(Table& table) {
  for (auto at = table.numbers.begin(); at != table.numbers.end();) {
    std::vector<float>& column = at->second;
    double sum = 0;
    double count = 0;
    for (const float value : column) {
      if (std::isnan(value)) continue;
      sum += value;
      count += 1;
    }
    if (count == 0) {
      at = table.numbers.erase(at);
      continue;
    }
    const double mean = sum / count;
    const auto fill = static_cast<float>(is_indicator(column) ? (mean >= 0.5 ? 1 : 0) : mean);
    for (float& value : column) {
      if (std::isnan(value)) value = fill;
    }
    ++at;
  }
}

}  // namespace mrec::features
