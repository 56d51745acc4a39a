#pragma once

#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace mrec::features {

inline constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

// What the feature steps work on: named columns with a value for every artist.
struct Table {
  int num_artists = 0;
  std::map<std::string, std::vector<float>> numbers;  // each [artists]; NaN = missing

  // Throws Error when there is such a column.
  std::vector<float>& add(const std::string& name, float value = kMissing) {
    const auto [column, is_new] = numbers.try_emplace(name);
    if (!is_new) throw Error("column " + name + " is there already, made by an earlier step");
    column->second.assign(static_cast<std::size_t>(num_artists), value);
    return column->second;
  }
};

// Whether a column has no value but 0, 1 and missing.
bool is_indicator(const std::vector<float>& column);

}  // namespace mrec::features
