#include <algorithm>
#include <cmath>
#include <limits>

#include "report/plot.h"
#include "report/study.h"
#include "report/text.h"
#include "tune/study_table.h"

namespace mrec::report {
namespace {

constexpr std::size_t kCells = 24;  // along an axis of numbers
constexpr int kShades = 5;          // t1 to t5 in style.cpp

// An axis of the contour: numbers, or choices side by side.
struct Side {
  const Param& param;
  bool has_choices;
  std::size_t num_cells;

  explicit Side(const Param& of)
      : param(of),
        has_choices(of.distribution.is_categorical()),
        num_cells(has_choices ? of.distribution.choices.size() : kCells) {}

  [[nodiscard]] bool is_log() const {
    return param.distribution.log && param.distribution.low < param.distribution.high;
  }
  [[nodiscard]] Scale scale() const {
    if (has_choices) return {.from = 0, .to = static_cast<double>(num_cells)};
    const Distribution& distribution = param.distribution;
    if (distribution.low == distribution.high) {
      return {.from = distribution.low - 1, .to = distribution.high + 1};
    }
    return {.from = distribution.low, .to = distribution.high};
  }
  // What lies at a share of the axis, for people and as the forest knows it.
  [[nodiscard]] double value_at(double share) const {
    const Scale all = scale();
    if (has_choices) return std::floor(share * all.to);
    if (is_log()) return all.from * std::pow(all.to / all.from, share);
    return all.from + share * (all.to - all.from);
  }
  [[nodiscard]] double place_at(double share) const {
    const double value = value_at(share);
    return has_choices ? value : unit_place(param.distribution, value);
  }
};

}  // namespace

std::optional<ContourPair> contour_pair(const Study& study) {
  const std::vector<Importance> ranked = importance_of(study);
  const Space& space = study.settings.space;
  std::vector<Importance> by_variance = ranked;
  std::ranges::stable_sort(by_variance, std::ranges::greater{}, &Importance::variance);
  std::optional<std::size_t> first;
  for (const Importance& one : by_variance) {
    const std::size_t param = space.index(one.param);
    if (!first) {
      first = param;
      continue;
    }
    const auto is_choice = [&](std::size_t p) {
      return space.params()[p].distribution.is_categorical();
    };
    if (is_choice(param) && is_choice(*first)) continue;
    return is_choice(param) ? ContourPair{param, *first} : ContourPair{*first, param};
  }
  return std::nullopt;
}

std::string contour_chart(const Study& study, const ContourPair& pair, const Forest& forest,
                          const std::vector<std::size_t>& trials) {
  const Side side_x(study.settings.space.params()[pair.x]);
  const Side side_y(study.settings.space.params()[pair.y]);
  const std::string metric = study.settings.metric.empty() ? "value" : study.settings.metric;
  const auto label = [](const Side& side) {
    return side.param.name + (side.is_log() ? " (log)" : "");
  };
  Plot plot({.title = side_x.param.name + " and " + side_y.param.name + " together",
             .description = "The deeper the colour the better the mean " + metric +
                            " over all other parameters; a ring is a trial.",
             .x = {.label = label(side_x), .log = side_x.is_log()},
             .y = {.label = label(side_y), .log = side_y.is_log()},
             .width = 860,
             .height = 380},
            side_x.scale(), side_y.scale(), {}, !side_x.has_choices);

  struct Cell {
    double x;  // shares of the axes, of the middle
    double y;
    double mean;
  };
  std::vector<Cell> cells;
  double worst = std::numeric_limits<double>::infinity();
  double best = -worst;
  const double sign = study.settings.maximize ? 1 : -1;
  for (std::size_t i = 0; i < side_x.num_cells; ++i) {
    for (std::size_t j = 0; j < side_y.num_cells; ++j) {
      const double x = (static_cast<double>(i) + 0.5) / static_cast<double>(side_x.num_cells);
      const double y = (static_cast<double>(j) + 0.5) / static_cast<double>(side_y.num_cells);
      const double mean = forest.marginal(pair.x, side_x.place_at(x), pair.y, side_y.place_at(y));
      cells.push_back({x, y, mean});
      worst = std::min(worst, sign * mean);
      best = std::max(best, sign * mean);
    }
  }
  const double width = (plot.x.end - plot.x.begin) / static_cast<double>(side_x.num_cells);
  const double height = (plot.y.begin - plot.y.end) / static_cast<double>(side_y.num_cells);
  for (const Cell& cell : cells) {
    const double share = best > worst ? (sign * cell.mean - worst) / (best - worst) : 0.5;
    const int shade = 1 + std::min(kShades - 1, static_cast<int>(share * kShades));
    const double left = plot.x.begin + cell.x * (plot.x.end - plot.x.begin) - width / 2;
    const double top = plot.y.begin - cell.y * (plot.y.begin - plot.y.end) - height / 2;
    const auto shown = [](const Side& side, double share_of_axis) {
      const double value = side.value_at(share_of_axis);
      return side.has_choices ? to_text(side.param.distribution, value) : figure(value);
    };
    plot.marks +=
        svg_bar(left, top, width, height, "t" + std::to_string(shade),
                side_x.param.name + " " + shown(side_x, cell.x) + ", " + side_y.param.name + " " +
                    shown(side_y, cell.y) + ": " + figure(cell.mean));
  }
  if (side_x.has_choices) {
    for (std::size_t c = 0; c < side_x.num_cells; ++c) {
      const auto signs = static_cast<std::size_t>(std::max(3.0, width / text_width("n") - 1));
      plot.marks += svg_text(plot.x(static_cast<double>(c) + 0.5), plot.y.begin + 16,
                             shortened(to_text(side_x.param.distribution.choices[c]), signs),
                             "text-anchor=\"middle\"");
    }
  }
  for (const std::size_t i : trials) {
    const Trial& trial = study.trials[i];
    const double x = trial.configuration[pair.x] + (side_x.has_choices ? 0.5 : 0);
    const double y = trial.configuration[pair.y];
    if (std::isnan(x) || std::isnan(y)) continue;
    plot.marks += "<circle class=\"ring\" cx=\"" + pixels(plot.x(x)) + "\" cy=\"" +
                  pixels(plot.y(y)) + "\" r=\"2.5\"><title>" +
                  escaped("trial " + std::to_string(trial.number) + ", " + metric + " " +
                          figure(trial.value)) +
                  "</title></circle>";
  }
  return plot.svg();
}

}  // namespace mrec::report
