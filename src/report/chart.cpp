#include "report/chart.h"

#include <algorithm>
#include <cmath>

#include "report/plot.h"
#include "report/text.h"

namespace mrec::report {
namespace {

constexpr std::size_t kMostPoints = 240;  // of a line; more are thinned out

// The smallest and largest of some values, with a little room, and never of no width.
Scale range_of(std::span<const Series> series, const std::vector<double> Series::*values,
               const Axis& axis) {
  double from = INFINITY;
  double to = -INFINITY;
  for (const Series& one : series) {
    for (const double value : one.*values) {
      if (!std::isfinite(value) || (axis.log && value <= 0)) continue;
      from = std::min(from, value);
      to = std::max(to, value);
    }
  }
  if (from > to) return axis.log ? Scale{.from = 1, .to = 10} : Scale{};
  if (axis.log) return {.from = from, .to = std::max(to, from * 10)};
  if (from == to) return {.from = from - 1, .to = to + 1};
  return {.from = from, .to = to};
}

// On round values.
Scale widened(Scale scale, const Axis& axis) {
  if (axis.log) return scale;
  const double step = nice_step((scale.to - scale.from) / 5);
  scale.from = std::floor(scale.from / step + 1e-9) * step;
  scale.to = std::ceil(scale.to / step - 1e-9) * step;
  return scale;
}

std::string point_text(const Frame& frame, const Series& series, std::size_t i) {
  const auto shown = [](const Axis& axis, double value) {
    if (axis.is_share) return percent(value);
    return axis.is_year ? std::to_string(std::llround(value)) : figure(value);
  };
  return (series.name.empty() ? "" : series.name + ": ") + shown(frame.x, series.x[i]) + ", " +
         shown(frame.y, series.y[i]);
}

bool has_place(const Frame& frame, const Series& series, std::size_t i) {
  const double x = series.x[i];
  const double y = series.y[i];
  return std::isfinite(x) && std::isfinite(y) && (!frame.x.log || x > 0) && (!frame.y.log || y > 0);
}

std::string circle(double x, double y, double radius, const std::string& style,
                   const std::string& tooltip) {
  return "<circle class=\"" + style + "\" cx=\"" + pixels(x) + "\" cy=\"" + pixels(y) + "\" r=\"" +
         pixels(radius) + "\"><title>" + escaped(shortened(tooltip, 120)) + "</title></circle>";
}

std::vector<std::string> names_of(std::span<const Series> series) {
  std::vector<std::string> names;
  for (const Series& one : series) names.push_back(one.is_reference ? "" : one.name);
  return names;
}

}  // namespace

Histogram even_bins(std::span<const float> values, int about, bool whole, double trim) {
  std::vector<float> sorted;
  for (const float value : values) {
    if (std::isfinite(value)) sorted.push_back(value);
  }
  if (sorted.empty()) return {};
  std::ranges::sort(sorted);
  const auto skipped = static_cast<std::size_t>(trim * static_cast<double>(sorted.size()));
  const double low = sorted[skipped];
  const double high = sorted[sorted.size() - 1 - skipped];
  double width = low < high ? nice_step((high - low) / about) : std::max(1.0, std::abs(low));
  if (whole) width = low < high ? std::max(1.0, std::ceil((high - low + 1) / about)) : 1;
  const double first = whole ? low - 0.5 : std::floor(low / width + 1e-6) * width;
  const int bins = std::max(1, static_cast<int>(std::ceil((high - first) / width - 1e-6)));
  Histogram histogram;
  for (int i = 0; i <= bins; ++i) histogram.edges.push_back(first + i * width);
  histogram.counts.assign(static_cast<std::size_t>(bins), 0);
  for (const float value : sorted) {
    // A value such as 0.3F lies a hair beside the edge that people see.
    const double at = std::floor((value - first) / width + 1e-6);
    if (at < 0 || at > bins || value > histogram.edges.back() + 1e-6 * width) {
      ++histogram.outside;
    } else {
      ++histogram.counts[static_cast<std::size_t>(std::min(at, bins - 1.0))];
    }
  }
  return histogram;
}

Histogram doubling_bins(std::span<const float> values) {
  Histogram histogram;
  float largest = 0;
  for (const float value : values) {
    if (std::isfinite(value)) largest = std::max(largest, value);
  }
  if (largest < 1) return {.outside = static_cast<std::int64_t>(values.size())};
  const int bins = std::ilogb(largest) + 1;
  for (int i = 0; i <= bins; ++i) histogram.edges.push_back(std::ldexp(1, i));
  histogram.counts.assign(static_cast<std::size_t>(bins), 0);
  for (const float value : values) {
    if (!(value >= 1) || !std::isfinite(value)) {
      ++histogram.outside;
    } else {
      ++histogram.counts[static_cast<std::size_t>(std::ilogb(value))];
    }
  }
  return histogram;
}

std::string histogram_chart(const Frame& frame, const Histogram& histogram) {
  if (histogram.counts.empty()) return Plot(frame, {.from = 1, .to = 10}, {}).svg();
  const std::int64_t most = std::max<std::int64_t>(1, std::ranges::max(histogram.counts));
  Plot plot(frame, {.from = histogram.edges.front(), .to = histogram.edges.back()},
            widened({.from = 0, .to = static_cast<double>(most)}, frame.y));
  const bool whole = histogram.edges.front() != std::floor(histogram.edges.front()) &&
                     histogram.edges.front() + 0.5 == std::floor(histogram.edges.front() + 0.5) &&
                     histogram.edges[1] - histogram.edges[0] >= 1;
  for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
    if (histogram.counts[i] == 0) continue;
    const double low = histogram.edges[i] + (whole ? 0.5 : 0);
    const double high = histogram.edges[i + 1] - (whole ? 0.5 : 0);
    const std::string from = tick_label(frame.x, low);
    const std::string range = low == high ? from : from + " to " + tick_label(frame.x, high);
    const double left = plot.x(histogram.edges[i]);
    const double right = plot.x(histogram.edges[i + 1]);
    const double top = plot.y(static_cast<double>(histogram.counts[i]));
    const double gap = right - left > 4 ? 0.5 : 0;
    plot.marks += svg_bar(left + gap, top, right - left - 2 * gap, plot.y.begin - top, "s1",
                          range + ": " + grouped(histogram.counts[i]));
  }
  return plot.svg();
}

std::string line_chart(const Frame& frame, std::span<const Series> series) {
  const std::vector<std::string> names = names_of(series);
  Plot plot(frame, range_of(series, &Series::x, frame.x),
            widened(range_of(series, &Series::y, frame.y), frame.y),
            series.size() > 1 ? std::span(names) : std::span<const std::string>());
  for (std::size_t s = 0; s < series.size(); ++s) {
    const Series& one = series[s];
    std::string path;
    std::string points;
    const std::size_t size = one.x.size();
    const std::size_t shown = std::min(size, kMostPoints);
    for (std::size_t n = 0; n < shown; ++n) {
      const std::size_t i = shown < 2 ? 0 : n * (size - 1) / (shown - 1);
      if (!has_place(frame, one, i)) continue;
      const double x = plot.x(one.x[i]);
      const double y = plot.y(one.y[i]);
      path += (path.empty() ? "M" : "L") + pixels(x) + " " + pixels(y);
      if (!one.is_reference && (n % (shown / 40 + 1) == 0 || n + 1 == shown)) {
        points += circle(x, y, size <= 24 ? 3 : 6, size <= 24 ? series_style(s) : "hover",
                         point_text(frame, one, i));
      }
    }
    const std::string style = one.is_reference ? "reference" : "line " + series_style(s);
    plot.marks += "<path class=\"" + style + "\" d=\"" + path + "\"/>" + points;
  }
  return plot.svg();
}

std::string scatter_chart(const Frame& frame, std::span<const Series> series) {
  const std::vector<std::string> names = names_of(series);
  Plot plot(frame, widened(range_of(series, &Series::x, frame.x), frame.x),
            widened(range_of(series, &Series::y, frame.y), frame.y),
            series.size() > 1 ? std::span(names) : std::span<const std::string>());
  for (std::size_t s = 0; s < series.size(); ++s) {
    const Series& one = series[s];
    std::string path;
    for (std::size_t i = 0; i < one.x.size(); ++i) {
      if (!has_place(frame, one, i)) continue;
      const double x = plot.x(one.x[i]);
      const double y = plot.y(one.y[i]);
      if (one.is_reference) {
        path += (path.empty() ? "M" : "L") + pixels(x) + " " + pixels(y);
      } else {
        plot.marks += circle(x, y, 3.5, "dot " + series_style(s), point_text(frame, one, i));
      }
    }
    if (one.is_reference) plot.marks += "<path class=\"reference\" d=\"" + path + "\"/>";
  }
  return plot.svg();
}

}  // namespace mrec::report
