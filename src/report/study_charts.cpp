#include <algorithm>
#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>
#include <sstream>

#include "base/text.h"
#include "report/plot.h"
#include "report/study.h"
#include "report/text.h"
#include "tune/study_table.h"

namespace mrec::report {
namespace {

constexpr int kShades = 5;  // of trials by number, in style.cpp: t1 to t5

std::string circle(double x, double y, double radius, const std::string& style,
                   const std::string& tooltip) {
  return "<circle class=\"" + style + "\" cx=\"" + pixels(x) + "\" cy=\"" + pixels(y) + "\" r=\"" +
         pixels(radius) + "\"><title>" + escaped(shortened(tooltip, 120)) + "</title></circle>";
}

std::string path(const std::string& d, const std::string& style) {
  return "<path class=\"" + style + "\" d=\"" + d + "\"/>";
}

std::string point(const std::string& before, double x, double y) {
  return (before.empty() ? "M" : "L") + pixels(x) + " " + pixels(y);
}

std::string metric_of(const Study& study) {
  return study.settings.metric.empty() ? "value" : study.settings.metric;
}

std::string tooltip_of(const Study& study, const Trial& trial) {
  const double value = trial.value;
  return "trial " + std::to_string(trial.number) + ", " + std::string(name_of(trial.state)) +
         (std::isnan(value) ? "" : ", " + metric_of(study) + " " + figure(value));
}

// Over values on round numbers, and never of no width.
Scale scale_of(const std::vector<double>& values) {
  double from = INFINITY;
  double to = -INFINITY;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    from = std::min(from, value);
    to = std::max(to, value);
  }
  if (from > to) return {.from = 0, .to = 1};
  if (from == to) {
    const double room = from == 0 ? 1 : std::abs(from) / 10;
    from -= room;
    to += room;
  }
  const double step = nice_step((to - from) / 5);
  return {.from = std::floor(from / step + 1e-9) * step, .to = std::ceil(to / step - 1e-9) * step};
}

Scale value_scale(const Study& study, const std::vector<std::size_t>& trials) {
  std::vector<double> values;
  values.reserve(trials.size());
  for (const std::size_t i : trials) values.push_back(study.trials[i].value);
  return scale_of(values);
}

// The later a trial the deeper its colour.
std::string shade_of(const Study& study, const Trial& trial) {
  const auto size = static_cast<std::int64_t>(study.trials.size());
  return "t" + std::to_string(1 + trial.number * kShades / std::max<std::int64_t>(1, size));
}

// Where a value lies between the ends of its parameter, from 0 to 1.
double place_of(const Distribution& distribution, double value) {
  if (distribution.is_categorical()) {
    return (value + 0.5) / static_cast<double>(distribution.choices.size());
  }
  if (distribution.low == distribution.high) return 0.5;
  Scale scale{.from = distribution.low, .to = distribution.high, .log = distribution.log};
  return scale(value);
}

}  // namespace

std::vector<std::size_t> thinned(const std::vector<std::size_t>& places, std::size_t most) {
  if (places.size() <= most) return places;
  std::vector<std::size_t> kept;
  for (std::size_t n = 0; n < most; ++n) {
    kept.push_back(places[most < 2 ? 0 : n * (places.size() - 1) / (most - 1)]);
  }
  return kept;
}

std::string history_chart(const Study& study, const std::vector<std::size_t>& trials) {
  const double last = study.trials.empty() ? 1 : static_cast<double>(study.trials.size() - 1);
  Plot plot({.title = "Value of every trial",
             .description = "Values by number of the trial, and the best so far as a line.",
             .x = {.label = "trial"},
             .y = {.label = metric_of(study)},
             .width = 860,
             .height = 320},
            {.from = 0, .to = std::max(1.0, last)}, value_scale(study, trials));
  std::string line;
  double best = NAN;
  for (const Trial& trial : study.trials) {
    if (trial.state != TrialState::kComplete || std::isnan(trial.value)) continue;
    const bool is_better =
        std::isnan(best) || (study.settings.maximize ? trial.value > best : trial.value < best);
    if (!is_better) continue;
    const double x = plot.x(static_cast<double>(trial.number));
    line += line.empty() ? point(line, x, plot.y(trial.value))
                         : "H" + pixels(x) + "V" + pixels(plot.y(trial.value));
    best = trial.value;
  }
  if (!line.empty()) line += "H" + pixels(plot.x(last));
  for (const std::size_t i : trials) {
    const Trial& trial = study.trials[i];
    plot.marks += circle(plot.x(static_cast<double>(trial.number)), plot.y(trial.value), 3.5,
                         "dot s1", tooltip_of(study, trial));
  }
  plot.marks += path(line, "line s3");
  return plot.svg();
}

std::string slice_chart(const Study& study, std::size_t param,
                        const std::vector<std::size_t>& trials) {
  const auto& [name, distribution, when] = study.settings.space.params()[param];
  const bool has_choices = distribution.is_categorical();
  Scale x{.from = distribution.low, .to = distribution.high};
  if (has_choices) x = {.from = 0, .to = static_cast<double>(distribution.choices.size())};
  if (x.from == x.to) x = {.from = x.from - 1, .to = x.to + 1};
  const bool is_log = distribution.log && distribution.low < distribution.high;
  Plot plot({.title = "Value against " + name,
             .description = "A dot is a trial; later ones are deeper in colour.",
             .x = {.label = name + (is_log ? " (log)" : ""), .log = is_log},
             .y = {.label = metric_of(study)},
             .height = 260},
            x, value_scale(study, trials), {}, !has_choices);
  if (has_choices) {
    const double width = (plot.x.end - plot.x.begin) / x.to;
    const auto signs = static_cast<std::size_t>(std::max(3.0, width / text_width("n") - 1));
    double free_from = 0;
    for (std::size_t c = 0; c < distribution.choices.size(); ++c) {
      const std::string text = shortened(to_text(distribution.choices[c]), signs);
      const double at = plot.x(static_cast<double>(c) + 0.5);
      if (at - text_width(text) / 2 < free_from) continue;
      free_from = at + text_width(text) / 2 + 4;
      plot.marks += svg_text(at, plot.y.begin + 16, text, "text-anchor=\"middle\"");
    }
  }
  for (const std::size_t i : trials) {
    const Trial& trial = study.trials[i];
    double value = trial.configuration[param];
    if (std::isnan(value)) continue;
    // Trials of a choice stand beside one another, by the golden ratio.
    if (has_choices) {
      constexpr double kGolden = 0.618034;
      value += 0.2 + 0.6 * std::fmod(static_cast<double>(trial.number) * kGolden, 1.0);
    }
    plot.marks += circle(plot.x(value), plot.y(trial.value), 3.5, shade_of(study, trial),
                         tooltip_of(study, trial) + ", " + name + " " +
                             to_text(distribution, trial.configuration[param]));
  }
  return plot.svg();
}

std::string parallel_chart(const Study& study, const std::vector<std::size_t>& params,
                           const std::vector<std::size_t>& trials,
                           const std::vector<std::size_t>& best) {
  const Frame frame{.title = "Parallel coordinates",
                    .description =
                        "A line is a trial, an axis a parameter; the best trials are "
                        "drawn strong.",
                    .x = {},
                    .y = {},
                    .width = 900,
                    .height = 380};
  constexpr double kLeft = 60;
  constexpr double kTop = 44;
  const double bottom = frame.height - 48.0;
  const double inactive = frame.height - 20.0;  // where a trial lacks the parameter
  const double gap =
      (frame.width - 2 * kLeft) / static_cast<double>(std::max<std::size_t>(1, params.size()));
  const auto signs = static_cast<std::size_t>(std::max(4.0, gap / text_width("n") - 1));
  const Scale values = value_scale(study, trials);
  const auto x = [&](std::size_t axis) { return kLeft + gap * static_cast<double>(axis); };
  const auto y = [&](double share) { return bottom - share * (bottom - kTop); };

  std::string svg = svg_head(frame);
  const auto draw = [&](const std::vector<std::size_t>& some, const std::string& style) {
    for (const std::size_t i : some) {
      const Trial& trial = study.trials[i];
      std::string line;
      for (std::size_t axis = 0; axis < params.size(); ++axis) {
        const double value = trial.configuration[params[axis]];
        const Distribution& distribution = study.settings.space.params()[params[axis]].distribution;
        line +=
            point(line, x(axis), std::isnan(value) ? inactive : y(place_of(distribution, value)));
      }
      line +=
          point(line, x(params.size()), y((trial.value - values.from) / (values.to - values.from)));
      svg += "<path class=\"" + style + "\" d=\"" + line + "\"><title>" +
             escaped(tooltip_of(study, trial)) + "</title></path>";
    }
  };
  draw(trials, "thread");
  draw(best, "thread strong");
  const auto axis_at = [&](std::size_t axis, const std::string& name, const std::string& low,
                           const std::string& high) {
    const std::string middle = "text-anchor=\"middle\"";
    svg += path("M" + pixels(x(axis)) + " " + pixels(kTop) + "V" + pixels(bottom), "axis");
    svg += svg_text(x(axis), 14, shortened(name, signs), "class=\"label\" " + middle);
    svg += svg_text(x(axis), kTop - 10, shortened(high, signs), middle);
    svg += svg_text(x(axis), bottom + 16, shortened(low, signs), middle);
  };
  for (std::size_t axis = 0; axis < params.size(); ++axis) {
    const auto& [name, distribution, when] = study.settings.space.params()[params[axis]];
    if (distribution.is_categorical()) {
      axis_at(axis, name, to_text(distribution.choices.front()),
              to_text(distribution.choices.back()));
    } else {
      axis_at(axis, name, compact(distribution.low), compact(distribution.high));
    }
  }
  axis_at(params.size(), metric_of(study), compact(values.from), compact(values.to));
  return svg + "</svg>";
}

std::string intermediate_chart(const Study& study, const std::vector<std::size_t>& trials) {
  constexpr std::size_t kMostSteps = 40;
  std::vector<double> values;
  double first = INFINITY;
  double last = 0;
  for (const std::size_t i : trials) {
    for (const auto& [step, value] : study.trials[i].intermediate) {
      values.push_back(value);
      first = std::min(first, static_cast<double>(step));
      last = std::max(last, static_cast<double>(step));
    }
  }
  if (first >= last) first = 0;
  const std::vector<std::string> names{"complete", "pruned", "best"};
  Plot plot({.title = "Values on the way",
             .description = "A line is a trial; those given up end in a ring.",
             .x = {.label = "epochs"},
             .y = {.label = metric_of(study)},
             .width = 860,
             .height = 340},
            {.from = first, .to = std::max(last, first + 1)}, scale_of(values), names);
  if (const auto rungs = study.settings.identity.find("rungs");
      rungs != study.settings.identity.end()) {
    std::istringstream steps(rungs->second);
    for (int step = 0; steps >> step;) {
      if (step < first || step > last) continue;
      plot.marks +=
          path("M" + pixels(plot.x(step)) + " " + pixels(plot.y.begin) + "V" + pixels(plot.y.end),
               "axis rung");
    }
  }
  const std::vector<std::size_t> ranking = best_first(study);
  const auto draw = [&](const Trial& trial, const std::string& style) {
    std::vector<std::pair<int, double>> steps(trial.intermediate.begin(), trial.intermediate.end());
    std::string line;
    for (std::size_t n = 0; n < std::min(steps.size(), kMostSteps); ++n) {
      const auto& [step, value] =
          steps[steps.size() <= kMostSteps ? n : n * (steps.size() - 1) / (kMostSteps - 1)];
      if (std::isfinite(value)) line += point(line, plot.x(step), plot.y(value));
    }
    if (line.empty()) return;
    plot.marks += "<path class=\"" + style + "\" d=\"" + line + "\"><title>" +
                  escaped(tooltip_of(study, trial)) + "</title></path>";
    const auto& [step, value] = steps.back();
    if (trial.state == TrialState::kPruned && std::isfinite(value)) {
      plot.marks += circle(plot.x(step), plot.y(value), 3.5, "ring", tooltip_of(study, trial));
    }
  };
  for (const std::size_t i : trials) {
    const Trial& trial = study.trials[i];
    draw(trial, trial.state == TrialState::kPruned ? "thread pruned" : "thread complete");
  }
  if (!ranking.empty()) draw(study.trials[ranking.front()], "line s3");
  return plot.svg();
}

namespace {

// A time during which a trial was trained.
struct Span {
  std::size_t trial;  // place
  std::int64_t start;
  std::int64_t end;
  std::string group;  // "": not known
};

// Of each trial: what it tells of its runs, where it was put aside in between, else from its start
// to its end, or to `last`.
std::vector<Span> spans_of(const Study& study, std::int64_t last) {
  std::vector<Span> spans;
  for (std::size_t i = 0; i < study.trials.size(); ++i) {
    const Trial& trial = study.trials[i];
    if (trial.start == 0) continue;
    const auto runs = trial.attributes.find("runs");
    std::istringstream words(runs == trial.attributes.end() ? "" : runs->second);
    for (std::string word; words >> word;) {
      Span span{.trial = i, .start = 0, .end = 0, .group = word.substr(0, word.find(':'))};
      if (std::sscanf(word.c_str(), "%*[^:]:%" SCNd64 ":%" SCNd64, &span.start, &span.end) == 2) {
        spans.push_back(std::move(span));
      }
    }
    if (!spans.empty() && spans.back().trial == i) continue;
    const auto group = trial.attributes.find("group");
    spans.push_back({.trial = i,
                     .start = trial.start,
                     .end = is_finished(trial.state) ? std::max(trial.end, trial.start) : last,
                     .group = group == trial.attributes.end() ? "" : group->second});
  }
  std::ranges::stable_sort(spans, {}, &Span::start);
  return spans;
}

}  // namespace

Timeline timeline_of(const Study& study) {
  Timeline timeline;
  std::int64_t last = 0;
  for (const Trial& trial : study.trials) last = std::max({last, trial.start, trial.end});
  const std::vector<Span> spans = spans_of(study, last);
  if (spans.empty()) return timeline;
  const std::int64_t first = spans.front().start;
  bool has_groups = true;
  std::set<std::pair<std::size_t, std::string>> groups;  // by length, so that 10 follows 9
  for (const Span& span : spans) {
    if (span.group.empty()) {
      has_groups = has_groups && !is_finished(study.trials[span.trial].state);
    } else {
      groups.emplace(span.group.size(), span.group);
    }
    last = std::max(last, span.end);
  }
  has_groups = has_groups && !groups.empty();
  std::map<std::string, std::size_t> lane_of;
  std::vector<double> free_from;  // of each lane
  if (has_groups) {
    for (const auto& [length, name] : groups) {
      lane_of[name] = timeline.lanes.size();
      timeline.lanes.push_back("group " + name);
      free_from.push_back(0);
    }
  }
  constexpr double kSecond = 1e6;
  timeline.length = static_cast<double>(last - first) / kSecond;
  double busy = 0;
  for (const Span& span : spans) {
    const double start = static_cast<double>(span.start - first) / kSecond;
    const double end = static_cast<double>(span.end - first) / kSecond;
    std::size_t lane = 0;
    if (has_groups && !span.group.empty()) {
      lane = lane_of[span.group];
    } else {  // the lane that has been free for the shortest time leaves the others' gaps whole
      lane = free_from.size();
      for (std::size_t l = 0; l < free_from.size(); ++l) {
        const bool is_later = lane == free_from.size() || free_from[l] > free_from[lane];
        if (free_from[l] <= start && is_later) lane = l;
      }
      if (lane == free_from.size()) {
        free_from.push_back(0);
        timeline.lanes.push_back("lane " + std::to_string(lane + 1));
      }
    }
    timeline.longest_gap = std::max(timeline.longest_gap, start - free_from[lane]);
    busy += std::max(0.0, end - std::max(start, free_from[lane]));
    free_from[lane] = std::max(free_from[lane], end);
    timeline.bars.push_back({span.trial, lane, start, end});
  }
  const double all = timeline.length * static_cast<double>(timeline.lanes.size());
  timeline.busy = all > 0 ? busy / all : 0;
  return timeline;
}

std::string timeline_chart(const Study& study, const Timeline& timeline) {
  constexpr std::size_t kMostLanes = 64;
  constexpr std::size_t kMostBars = 1500;
  constexpr double kMinute = 60;
  const std::size_t lanes = std::min(timeline.lanes.size(), kMostLanes);
  const bool in_minutes = timeline.length > 10 * kMinute;
  const double unit = in_minutes ? kMinute : 1;
  const std::vector<std::string> names{"complete", "pruned", "failed", "not finished"};
  Frame frame{.title = "Who trained when",
              .description = "A bar is a trial, a row what trains one after another.",
              .x = {.label = in_minutes ? "minutes" : "seconds"},
              .y = {.label = "groups of ranks, one above another"},
              .width = 860,
              .height = static_cast<int>(110 + 20 * lanes)};
  Plot plot(frame, {.from = 0, .to = std::max(timeline.length / unit, 1e-3)},
            {.from = 0, .to = static_cast<double>(std::max<std::size_t>(1, lanes))}, names);
  const double height =
      (plot.y.begin - plot.y.end) / static_cast<double>(std::max<std::size_t>(1, lanes));
  const std::size_t every = timeline.bars.size() / kMostBars + 1;
  for (std::size_t n = 0; n < timeline.bars.size(); n += every) {
    const auto& [trial, lane, start, end] = timeline.bars[n];
    if (lane >= lanes) continue;
    const TrialState state = study.trials[trial].state;
    const std::string style = state == TrialState::kComplete ? "s1"
                              : state == TrialState::kPruned ? "s2"
                              : state == TrialState::kFail   ? "s3"
                                                             : "s4";
    const double left = plot.x(start / unit);
    plot.marks += svg_bar(left, plot.y(static_cast<double>(lane + 1)) + 2,
                          std::max(0.7, plot.x(end / unit) - left - 0.5), height - 4, style,
                          timeline.lanes[lane] + ": " + tooltip_of(study, study.trials[trial]) +
                              ", " + figure(end - start) + " s");
  }
  return plot.svg();
}

}  // namespace mrec::report
