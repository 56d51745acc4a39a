#include "report/plot.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "report/text.h"

namespace mrec::report {
namespace {

constexpr double kTextHeight = 12;
constexpr int kNumStyles = 6;

std::string line(double x1, double y1, double x2, double y2, std::string_view style) {
  return "<line class=\"" + std::string(style) + "\" x1=\"" + pixels(x1) + "\" y1=\"" + pixels(y1) +
         "\" x2=\"" + pixels(x2) + "\" y2=\"" + pixels(y2) + "\"/>";
}

}  // namespace

std::string svg_head(const Frame& frame) {
  return "<svg role=\"img\" viewBox=\"0 0 " + std::to_string(frame.width) + " " +
         std::to_string(frame.height) + "\" width=\"" + std::to_string(frame.width) +
         "\" height=\"" + std::to_string(frame.height) + "\" aria-label=\"" + escaped(frame.title) +
         "\"><desc>" + escaped(frame.description) + "</desc>";
}

std::string svg_text(double x, double y, std::string_view text, std::string_view attributes) {
  return "<text x=\"" + pixels(x) + "\" y=\"" + pixels(y) + "\"" +
         (attributes.empty() ? "" : " " + std::string(attributes)) + ">" + escaped(text) +
         "</text>";
}

std::string svg_bar(double x, double y, double width, double height, std::string_view style,
                    std::string_view tooltip) {
  return "<rect class=\"" + std::string(style) + "\" x=\"" + pixels(std::min(x, x + width)) +
         "\" y=\"" + pixels(std::min(y, y + height)) + "\" width=\"" + pixels(std::abs(width)) +
         "\" height=\"" + pixels(std::abs(height)) + "\"><title>" +
         escaped(shortened(tooltip, 120)) + "</title></rect>";
}

std::string series_style(std::size_t index) { return "s" + std::to_string(index % kNumStyles + 1); }

double text_width(std::string_view text) {
  constexpr double kPerCharacter = 7.1;
  constexpr double kMoreOfPercent = 4.5;
  return kPerCharacter * static_cast<double>(num_characters(text)) +
         kMoreOfPercent * static_cast<double>(std::ranges::count(text, '%'));
}

std::string tick_label(const Axis& axis, double value) {
  if (axis.is_year) return fixed(value, 0);
  if (axis.is_share) return compact(100 * value) + "\u00A0%";
  return compact(value);
}

Legend legend_of(std::span<const std::string> names, double left, double width, double top) {
  constexpr double kSwatch = 11;
  constexpr double kRow = 18;
  Legend legend{.bottom = top};
  double x = left;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) continue;
    const std::string name = shortened(names[i], 40);
    const double needed = kSwatch + 6 + text_width(name) + 14;
    if (legend.bottom == top || x + needed > left + width) {
      x = left;
      legend.bottom += kRow;
    }
    legend.svg += svg_bar(x, legend.bottom - kSwatch - 3, kSwatch, kSwatch, series_style(i), name);
    legend.svg += svg_text(x + kSwatch + 6, legend.bottom - 4, name);
    x += needed;
  }
  if (legend.bottom > top) legend.bottom += 4;
  return legend;
}

Plot::Plot(const Frame& frame, Scale x_scale, Scale y_scale, std::span<const std::string> legend,
           bool draw_x_ticks)
    : x(x_scale), y(y_scale), head_(svg_head(frame)) {
  x.log = frame.x.log;
  y.log = frame.y.log;
  x.from = frame.x.from.value_or(x.from);
  x.to = frame.x.to.value_or(x.to);
  y.from = frame.y.from.value_or(y.from);
  y.to = frame.y.to.value_or(y.to);

  const std::vector<double> y_ticks = ticks(y, std::max(3, frame.height / 50));
  double label_width = 0;
  for (const double value : y_ticks) {
    label_width = std::max(label_width, text_width(tick_label(frame.y, value)));
  }
  const bool has_y_label = !frame.y.label.empty();
  const double left = label_width + 12;
  const double right = frame.width - 16.0;
  const Legend names = legend_of(legend, left, right - left, 0);
  const double top = names.bottom + (has_y_label ? 22 : 8);
  const double bottom = frame.height - (frame.x.label.empty() ? 22.0 : 40.0);
  x.begin = left;
  x.end = right;
  y.begin = bottom;
  y.end = top;

  axes_ = names.svg;
  for (const double value : y_ticks) {
    axes_ += line(left, y(value), right, y(value), "grid");
    axes_ += svg_text(left - 6, y(value) + 4, tick_label(frame.y, value), "text-anchor=\"end\"");
  }
  // The label stands level above the axis: easier to read than along it.
  if (has_y_label) axes_ += svg_text(0, top - 10, frame.y.label, "class=\"label\"");
  axes_ += line(left, bottom, right, bottom, "axis");
  if (draw_x_ticks) {
    double free_from = 0;  // labels that would run into one another are left out
    for (const double value : ticks(x, std::max(2, frame.width / 75))) {
      const std::string text = tick_label(frame.x, value);
      const double half = text_width(text) / 2;
      axes_ += line(x(value), bottom, x(value), bottom + 4, "axis");
      if (x(value) - half < free_from) continue;
      free_from = x(value) + half + 6;
      const double at = std::min(x(value), frame.width - half);
      axes_ += svg_text(at, bottom + 4 + kTextHeight, text, "text-anchor=\"middle\"");
    }
  }
  if (!frame.x.label.empty()) {
    axes_ += svg_text((left + right) / 2, frame.height - 5.0, frame.x.label,
                      "class=\"label\" text-anchor=\"middle\"");
  }
}

std::string Plot::svg() const { return head_ + axes_ + marks + "</svg>"; }

}  // namespace mrec::report
