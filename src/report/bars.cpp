#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "report/chart.h"
#include "report/plot.h"
#include "report/text.h"

namespace mrec::report {
namespace {

const std::string kQuiet = "s5";

std::string shown(const Axis& axis, double value) {
  if (axis.is_share) return percent(value);
  return axis.digits ? fixed(value, *axis.digits) : figure(value);
}

std::string tooltip(const Axis& axis, const std::string& category, const BarSeries& series,
                    const Bar& bar) {
  std::string text =
      category + (series.name.empty() ? "" : ", " + series.name) + ": " + shown(axis, bar.value);
  if (bar.low && bar.high)
    text += " (" + shown(axis, *bar.low) + " to " + shown(axis, *bar.high) + ")";
  return text;
}

// From the smallest to the largest value or end of an interval, zero included.
Scale values_of(const Axis& axis, std::span<const BarSeries> series, bool stacked) {
  double from = 0;
  double to = 0;
  std::vector<double> tops;
  for (const BarSeries& one : series) {
    tops.resize(std::max(tops.size(), one.bars.size()));
    for (std::size_t i = 0; i < one.bars.size(); ++i) {
      const Bar& bar = one.bars[i];
      if (!std::isfinite(bar.value)) continue;
      tops[i] += bar.value;
      from = std::min({from, bar.value, bar.low.value_or(0)});
      to = std::max({to, bar.value, bar.high.value_or(0), stacked ? tops[i] : 0});
    }
  }
  from = axis.from.value_or(from);
  to = axis.to.value_or(to);
  if (from >= to) to = from + 1;
  const double step = nice_step((to - from) / 5);
  if (!axis.from) from = std::floor(from / step + 1e-9) * step;
  if (!axis.to) to = std::ceil(to / step - 1e-9) * step;
  return {.from = from, .to = to};
}

std::vector<std::string> names_of(std::span<const BarSeries> series) {
  std::vector<std::string> names;
  for (const BarSeries& one : series) names.push_back(one.name);
  return names;
}

std::string path(const std::string& points, std::string_view style) {
  return "<path class=\"" + std::string(style) + "\" d=\"" + points + "\"/>";
}

}  // namespace

std::string bar_chart(const Frame& frame, std::span<const std::string> categories,
                      std::span<const BarSeries> series) {
  constexpr double kBar = 15;
  constexpr double kGap = 9;
  constexpr std::size_t kMostCharacters = 24;
  constexpr double kFoot = 40;
  Scale x = values_of(frame.x, series, false);
  double label_width = 0;
  double value_width = 0;
  for (const std::string& category : categories) {
    label_width = std::max(label_width, text_width(shortened(category, kMostCharacters)));
  }
  for (const BarSeries& one : series) {
    for (const Bar& bar : one.bars) {
      value_width = std::max(value_width, text_width(shown(frame.x, bar.value)));
    }
  }
  x.begin = label_width + 10;
  x.end = frame.width - value_width - 10;
  const std::vector<std::string> names = names_of(series);
  const Legend legend = series.size() > 1 ? legend_of(names, 0, frame.width, 0) : Legend{};
  const double row = kBar * static_cast<double>(series.size()) + kGap;
  const double top = legend.bottom + 4;
  const double bottom = top + row * static_cast<double>(categories.size());
  Frame sized = frame;
  sized.height = static_cast<int>(bottom + kFoot - (frame.x.label.empty() ? 18 : 0));

  std::string svg = svg_head(sized) + legend.svg;
  double free_from = 0;
  for (const double value : ticks(x, std::max(2, static_cast<int>((x.end - x.begin) / 60)))) {
    const std::string text = tick_label(frame.x, value);
    svg += path("M" + pixels(x(value)) + " " + pixels(top) + "V" + pixels(bottom), "grid");
    if (x(value) - text_width(text) / 2 < free_from) continue;
    free_from = x(value) + text_width(text) / 2 + 6;
    svg += svg_text(x(value), bottom + 15, text, "text-anchor=\"middle\"");
  }
  for (std::size_t c = 0; c < categories.size(); ++c) {
    const double first = top + row * static_cast<double>(c) + kGap / 2;
    const double middle = first + (row - kGap) / 2;
    svg += svg_text(x.begin - 8, middle + 4, shortened(categories[c], kMostCharacters),
                    "class=\"name\" text-anchor=\"end\"");
    for (std::size_t s = 0; s < series.size(); ++s) {
      const Bar& bar = series[s].bars[c];
      if (!std::isfinite(bar.value)) continue;
      const double y = first + kBar * static_cast<double>(s);
      svg += svg_bar(x(0), y + 1, x(bar.value) - x(0), kBar - 2,
                     bar.is_quiet ? kQuiet : series_style(s),
                     tooltip(frame.x, categories[c], series[s], bar));
      double right = std::max(x(bar.value), x(0));
      if (bar.low && bar.high) {
        const double centre = y + kBar / 2;
        svg += path("M" + pixels(x(*bar.low)) + " " + pixels(centre - 3) + "v6m0 -3H" +
                        pixels(x(*bar.high)) + "m0 -3v6",
                    "interval");
        right = std::max(right, x(*bar.high));
      }
      svg += svg_text(right + 5, y + kBar / 2 + 4, shown(frame.x, bar.value));
    }
  }
  svg += path("M" + pixels(x(0)) + " " + pixels(top) + "V" + pixels(bottom), "axis");
  if (!frame.x.label.empty()) {
    svg += svg_text((x.begin + x.end) / 2, sized.height - 5.0, frame.x.label,
                    "class=\"label\" text-anchor=\"middle\"");
  }
  return svg + "</svg>";
}

std::string column_chart(const Frame& frame, std::span<const std::string> categories,
                         std::span<const BarSeries> series, bool stacked) {
  const std::vector<std::string> names = names_of(series);
  const auto count = static_cast<double>(categories.size());
  Plot plot(frame, {.from = 0, .to = std::max(1.0, count)}, values_of(frame.y, series, stacked),
            series.size() > 1 ? std::span(names) : std::span<const std::string>(), false);
  const double group = (plot.x.end - plot.x.begin) / std::max(1.0, count);
  const double width = 0.8 * group / (stacked ? 1 : static_cast<double>(series.size()));
  double free_from = 0;
  for (std::size_t c = 0; c < categories.size(); ++c) {
    const double left = plot.x(static_cast<double>(c)) + 0.1 * group;
    double below = 0;  // what the stack has reached
    for (std::size_t s = 0; s < series.size(); ++s) {
      const Bar& bar = series[s].bars[c];
      if (!std::isfinite(bar.value)) continue;
      const double x = left + (stacked ? 0 : width * static_cast<double>(s));
      const double base = plot.y(below);
      plot.marks += svg_bar(x, base, width - (width > 5 ? 1 : 0), plot.y(below + bar.value) - base,
                            series_style(s), tooltip(frame.y, categories[c], series[s], bar));
      if (bar.low && bar.high) {
        plot.marks += path("M" + pixels(x + width / 2) + " " + pixels(plot.y(*bar.low)) + "V" +
                               pixels(plot.y(*bar.high)),
                           "interval");
      }
      if (stacked) below += bar.value;
    }
    const double centre = left + 0.4 * group;
    const std::string text = shortened(categories[c], 14);
    if (centre - text_width(text) / 2 < free_from) continue;
    free_from = centre + text_width(text) / 2 + 4;
    plot.marks += svg_text(centre, plot.y.begin + 16, text, "text-anchor=\"middle\"");
  }
  return plot.svg();
}

}  // namespace mrec::report
