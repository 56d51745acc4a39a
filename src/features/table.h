#pragma once

#include <map>
#include <string>
#include <vector>

namespace mrec::features {

// What the feature steps work on: named columns of equal length. A row is a track until
// `aggregate_tracks`, from then on an artist.
struct Table {
  std::vector<int> artist;                                // [rows] artist index of each row
  std::map<std::string, std::vector<float>> numbers;      // [rows]; NaN = missing
  std::map<std::string, std::vector<std::string>> texts;  // [rows]; "" = missing

  [[nodiscard]] std::size_t rows() const { return artist.size(); }
};

}  // namespace mrec::features
