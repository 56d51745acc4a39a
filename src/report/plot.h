#pragma once

#include <span>
#include <string>
#include <string_view>

#include "report/chart.h"
#include "report/scale.h"

// What the charts share: the drawing area, its axes and the legend.
namespace mrec::report {

// The head of an <svg> with role, label and description; `extra` are further attributes.
std::string svg_head(const Frame& frame);

// <text>, escaped; `attributes` such as "text-anchor=\"end\"".
std::string svg_text(double x, double y, std::string_view text, std::string_view attributes = "");

// <rect> of a class with a tooltip; drawn from (x, y) whatever the signs of width and height.
std::string svg_bar(double x, double y, double width, double height, std::string_view style,
                    std::string_view tooltip);

// "s1" to "s6", the styles of series.
std::string series_style(std::size_t index);

// About how wide a text of the charts is.
double text_width(std::string_view text);

// Label of a tick.
std::string tick_label(const Axis& axis, double value);

// Rows of swatches from `top` on. `bottom` is where they end.
struct Legend {
  std::string svg;
  double bottom = 0;
};
Legend legend_of(std::span<const std::string> names, double left, double width, double top);

// A chart with two numeric axes: gridlines, ticks and labels are drawn, marks go on top.
class Plot {
 public:
  // The axes reach over [from, to] of x and y unless the frame says otherwise.
  Plot(const Frame& frame, Scale x, Scale y, std::span<const std::string> legend = {},
       bool draw_x_ticks = true);

  Scale x;
  Scale y;
  std::string marks;

  [[nodiscard]] std::string svg() const;

 private:
  std::string head_;
  std::string axes_;
};

}  // namespace mrec::report
