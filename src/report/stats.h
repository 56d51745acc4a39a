#pragma once

#include <span>
#include <string>
#include <vector>

#include "report/chart.h"

namespace mrec::report {

// The value below which `share` of the finite values lie, between two by interpolation; NaN of
// none.
double quantile(std::span<const float> values, double share);

// "0.52, half of them between 0.31 and 0.7": the median and quartiles.
std::string middle_of(std::span<const float> values, const std::string& unit = "");

// The number that is there most often, and how often.
struct Mode {
  float value = 0;
  std::int64_t count = 0;
};
Mode mode_of(std::span<const float> values);

// Who gets how much, the greatest first: the cumulative share of amounts >= 0 over the share of
// those who get them. Starts at (0, 0), ends at (1, 1).
struct Concentration {
  std::vector<double> amounts;  // descending
  std::vector<double> sums;     // [size + 1] of the first i

  // Share of all that the greatest `share` gets.
  [[nodiscard]] double of_top(double share) const;
  // How many of the greatest get at least `part` of all.
  [[nodiscard]] std::int64_t holders_of(double part) const;
  // 0: all get the same; towards 1: one gets all.
  [[nodiscard]] double gini() const;
  [[nodiscard]] Series curve(const std::string& name) const;
};
Concentration concentration_of(std::span<const float> amounts);

}  // namespace mrec::report
