#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "report/chart.h"
#include "report/plot.h"
#include "report/text.h"

namespace mrec::report {

std::string heatmap_chart(const Frame& frame, std::span<const std::string> names,
                          const Matrix& correlations) {
  constexpr std::size_t kMostCharacters = 24;
  constexpr double kKey = 40;  // height of the key to the colours
  const auto size = static_cast<Eigen::Index>(names.size());
  double label_width = 0;
  for (const std::string& name : names) {
    label_width = std::max(label_width, text_width(shortened(name, kMostCharacters)));
  }
  const double left = label_width + 8;
  const double cell =
      std::min(30.0, (frame.width - left) / static_cast<double>(std::max<Eigen::Index>(1, size)));
  const double top = 4;
  const double bottom = top + cell * static_cast<double>(size);
  Frame sized = frame;
  // Labels below stand upright.
  sized.height = static_cast<int>(std::ceil(bottom + label_width + 12 + kKey));

  std::string svg = svg_head(sized);
  for (Eigen::Index i = 0; i < size; ++i) {
    const std::string name = shortened(names[static_cast<std::size_t>(i)], kMostCharacters);
    const double middle = top + cell * (static_cast<double>(i) + 0.5);
    svg += svg_text(left - 6, middle + 4, name, "text-anchor=\"end\"");
    const double x = left + cell * (static_cast<double>(i) + 0.5) + 4;
    const std::string turn = "transform=\"rotate(-90 " + pixels(x) + " " + pixels(bottom + 6) +
                             ")\" text-anchor=\"end\"";
    svg += svg_text(x, bottom + 6, name, turn);
    for (Eigen::Index j = 0; j < size; ++j) {
      const double value = std::clamp(static_cast<double>(correlations(i, j)), -1.0, 1.0);
      const std::string strength = fixed(std::abs(value), 2);
      svg += "<rect class=\"" + std::string(value < 0 ? "minus" : "plus") + "\" x=\"" +
             pixels(left + cell * static_cast<double>(j)) + "\" y=\"" +
             pixels(top + cell * static_cast<double>(i)) + "\" width=\"" + pixels(cell - 1) +
             "\" height=\"" + pixels(cell - 1) + "\" fill-opacity=\"" + strength + "\"><title>" +
             escaped(shortened(names[static_cast<std::size_t>(i)], kMostCharacters) + ", " +
                     shortened(names[static_cast<std::size_t>(j)], kMostCharacters)) +
             ": " + fixed(value, 2) + "</title></rect>";
    }
  }
  constexpr int kSteps = 10;
  const double y = sized.height - 34.0;
  for (int step = -kSteps; step <= kSteps; ++step) {
    const double value = static_cast<double>(step) / kSteps;
    const double x = left + 12.0 * (step + kSteps);
    svg += "<rect class=\"" + std::string(step < 0 ? "minus" : "plus") + "\" x=\"" + pixels(x) +
           "\" y=\"" + pixels(y) + "\" width=\"12\" height=\"12\" fill-opacity=\"" +
           fixed(std::abs(value), 2) + "\"/>";
    if (step % kSteps == 0) {
      svg += svg_text(x + 6, y + 27,
                      step == 0  ? "0"
                      : step < 0 ? "−1"
                                 : "1",
                      "text-anchor=\"middle\"");
    }
  }
  return svg + "</svg>";
}

}  // namespace mrec::report
