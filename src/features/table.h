#pragma once

#include <limits>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"

namespace mrec::features {

inline constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

// What the feature steps work on: named columns of equal length. A row is a track of an artist
// until the tracks are brought together; from then on it is an artist.
struct Table {
  std::vector<int> artist;                                // [rows] artist index
  std::map<std::string, std::vector<float>> numbers;      // each [rows]; NaN = missing
  std::map<std::string, std::vector<std::string>> texts;  // each [rows]; "" = missing

  [[nodiscard]] std::size_t rows() const { return artist.size(); }

  // Throw Error naming the column and the step that makes it.
  [[nodiscard]] std::vector<float>& number(const std::string& name, const std::string& made_by) {
    return find(numbers, name, made_by);
  }
  [[nodiscard]] std::vector<std::string>& text(const std::string& name,
                                               const std::string& made_by) {
    return find(texts, name, made_by);
  }

 private:
  template <typename Columns>
  static typename Columns::mapped_type& find(Columns& columns, const std::string& name,
                                             const std::string& made_by) {
    const auto found = columns.find(name);
    if (found == columns.end()) {
      throw Error("needs the column " + name + ", which " + made_by + " makes; put it before");
    }
    return found->second;
  }
};

}  // namespace mrec::features
