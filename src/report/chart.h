#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/matrix.h"

// Charts as inline SVG. Their text is escaped here, so labels may hold anything. Colours and fonts
// come from the classes that report/page.cpp styles: light, dark and on paper. Every chart has a
// role, a label and a description for those who do not see it, and tooltips for those who do.
namespace mrec::report {

struct Axis {
  std::string label;  // with its unit
  bool log = false;
  bool is_share = false;           // ticks as percent
  bool is_year = false;            // ticks without a thousands unit
  std::optional<int> digits = {};  // behind the point, in the values of bars
  std::optional<double> from = {};
  std::optional<double> to = {};
};

// What all charts have.
struct Frame {
  std::string title;        // the label that is read out
  std::string description;  // what one sees
  Axis x;
  Axis y;
  int width = 480;
  int height = 290;
};

// counts[i] values lie in [edges[i], edges[i + 1]), in the last bin also the upper edge.
struct Histogram {
  std::vector<double> edges;
  std::vector<std::int64_t> counts;
  std::int64_t outside = 0;  // values that no bin holds
};

// About `about` bins of equal, round width over the finite values; `whole` makes the width a whole
// number and puts the edges half-way between whole numbers. The `trim` share at each end is left
// outside when it would stretch the axis.
Histogram even_bins(std::span<const float> values, int about, bool whole = false, double trim = 0);
// Bins [1, 2), [2, 4), [4, 8), ...: for counts, drawn on a log axis. Smaller values are outside.
Histogram doubling_bins(std::span<const float> values);

std::string histogram_chart(const Frame& frame, const Histogram& histogram);

struct Series {
  std::string name;  // "" for none in the legend
  std::vector<double> x;
  std::vector<double> y;
  bool is_reference = false;  // drawn thin and dashed: a diagonal, a level
};
// Points without a place on a log axis (<= 0) are left out.
std::string line_chart(const Frame& frame, std::span<const Series> series);
std::string scatter_chart(const Frame& frame, std::span<const Series> series);

struct Bar {
  double value = 0;
  std::optional<double> low = {};  // of an interval around the value
  std::optional<double> high = {};
  bool is_quiet = false;  // drawn in grey, beside what the chart is about
};
struct BarSeries {
  std::string name;
  std::vector<Bar> bars;  // one per category
};
// Horizontal bars, the categories from top to bottom; the height follows from their number.
std::string bar_chart(const Frame& frame, std::span<const std::string> categories,
                      std::span<const BarSeries> series);
// Upright bars beside one another, or on top of one another when `stacked`.
std::string column_chart(const Frame& frame, std::span<const std::string> categories,
                         std::span<const BarSeries> series, bool stacked = false);

// Correlations in [-1, 1]: strong ones are deep, their sign is the colour.
std::string heatmap_chart(const Frame& frame, std::span<const std::string> names,
                          const Matrix& correlations);

}  // namespace mrec::report
