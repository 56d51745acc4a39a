#include "report/study.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/text.h"
#include "report/chart.h"
#include "report/text.h"
#include "tune/study_table.h"

namespace mrec::report {
namespace {

constexpr std::size_t kMostDots = 1000;       // of a large chart
constexpr std::size_t kMostSliceDots = 4000;  // of all slices together
constexpr std::size_t kMostThreads = 300;
constexpr std::size_t kMostAxes = 12;  // of parallel coordinates
constexpr std::size_t kMostRows = 20;  // of the table

std::string metric_of(const Study& study) {
  return study.settings.metric.empty() ? "value" : study.settings.metric;
}

std::string shown(double value) { return std::isnan(value) ? "-" : fixed(value, 4); }

std::int64_t count_of(const Study& study, TrialState state) {
  return std::ranges::count(study.trials, state, &Trial::state);
}

// Complete trials by number: the best twentieth, and of the others an even choice.
std::vector<std::size_t> chosen(const std::vector<std::size_t>& ranking, std::size_t most) {
  if (ranking.size() <= most) {
    std::vector<std::size_t> all = ranking;
    std::ranges::sort(all);
    return all;
  }
  const auto sure = static_cast<std::ptrdiff_t>(most / 20 + 1);
  std::vector<std::size_t> places(ranking.begin(), ranking.begin() + sure);
  std::vector<std::size_t> others(ranking.begin() + sure, ranking.end());
  std::ranges::sort(others);
  others = thinned(others, most - static_cast<std::size_t>(sure));
  places.insert(places.end(), others.begin(), others.end());
  std::ranges::sort(places);
  return places;
}

std::string drawn(std::size_t shown_trials, std::size_t all, const std::string& what) {
  if (shown_trials >= all) return "";
  return " " + grouped(static_cast<std::int64_t>(shown_trials)) + " of " +
         grouped(static_cast<std::int64_t>(all)) + " " + what + " are drawn.";
}

void add_overview(Page& page, const Study& study, const std::vector<std::size_t>& ranking) {
  page.section("Overview", "");
  std::vector<Tile> tiles;
  if (!ranking.empty()) {
    const Trial& best = study.trials[ranking.front()];
    tiles.push_back(
        {"Best " + metric_of(study), shown(best.value), "trial " + std::to_string(best.number)});
  }
  tiles.push_back({"Trials", grouped(std::ssize(study.trials)),
                   grouped(count_of(study, TrialState::kComplete)) + " complete, " +
                       grouped(count_of(study, TrialState::kPruned)) + " pruned, " +
                       grouped(count_of(study, TrialState::kFail)) + " failed"});
  const std::int64_t open =
      count_of(study, TrialState::kRunning) + count_of(study, TrialState::kWaiting);
  if (open > 0) {
    tiles.push_back({"Not finished", grouped(open),
                     grouped(count_of(study, TrialState::kRunning)) + " running, " +
                         grouped(count_of(study, TrialState::kWaiting)) + " waiting"});
  }
  double seconds = 0;
  for (const Trial& trial : study.trials) {
    const double one = seconds_of(trial);
    if (std::isfinite(one)) seconds += one;
  }
  constexpr double kMinute = 60;
  tiles.push_back({"Time in trials", figure(seconds < 10 * kMinute ? seconds : seconds / kMinute),
                   seconds < 10 * kMinute ? "seconds" : "minutes"});
  page.tiles(tiles);
  const std::int64_t failed = count_of(study, TrialState::kFail);
  if (failed > 0) {
    const auto first = std::ranges::find(study.trials, TrialState::kFail, &Trial::state);
    const auto why = first->attributes.find("failure");
    page.warning(counted(failed, "trial") + " failed; the first is trial " +
                 std::to_string(first->number) +
                 (why == first->attributes.end() ? "." : ": " + shortened(why->second, 200)));
  }
}

Table best_table(const Study& study, const std::vector<std::size_t>& ranking) {
  Table table{.columns = {{"Trial"}, {metric_of(study)}, {"Epochs"}, {"Seconds"}}};
  for (const Param& param : study.settings.space.params()) {
    table.columns.push_back({param.name, !param.distribution.is_categorical()});
  }
  for (std::size_t n = 0; n < std::min(ranking.size(), kMostRows); ++n) {
    const Trial& trial = study.trials[ranking[n]];
    const double seconds = seconds_of(trial);
    table.rows.push_back({std::to_string(trial.number), shown(trial.value),
                          std::to_string(epochs_of(trial)),
                          std::isnan(seconds) ? "-" : fixed(seconds, 1)});
    for (std::size_t p = 0; p < study.settings.space.size(); ++p) {
      const double value = trial.configuration[p];
      const Distribution& distribution = study.settings.space.params()[p].distribution;
      table.rows.back().push_back(std::isnan(value)               ? "-"
                                  : distribution.is_categorical() ? to_text(distribution, value)
                                                                  : figure(value));
    }
  }
  return table;
}

void add_history(Page& page, const Study& study, const std::vector<std::size_t>& ranking) {
  page.section("History", "What the search has found, trial after trial.");
  const std::vector<std::size_t> places = chosen(ranking, kMostDots);
  const Trial& best = study.trials[ranking.front()];
  const std::string caption = "The best value, " + shown(best.value) + ", was found by trial " +
                              std::to_string(best.number) + " of " +
                              grouped(std::ssize(study.trials)) + ". The line is the best so far." +
                              drawn(places.size(), ranking.size(), "complete trials");
  page.figures(Width::kFull, std::vector<Figure>{
                                 {"Optimization history", history_chart(study, places), caption}});
  page.table("The best trials", best_table(study, ranking));
}

void add_parameters(Page& page, const Study& study, const std::vector<std::size_t>& ranking) {
  const std::size_t num_params = study.settings.space.size();
  if (num_params == 0) return;
  page.section("Parameters", "Which of them matter, and where their good values lie.");

  const std::vector<Importance> importance = importance_of(study);
  std::vector<std::size_t> order;
  order.reserve(num_params);
  for (const Importance& one : importance) order.push_back(study.settings.space.index(one.param));
  if (order.empty()) {
    order.resize(num_params);
    std::iota(order.begin(), order.end(), std::size_t{0});
  } else {
    std::vector<std::string> names;
    BarSeries bars{.name = "being among the best tenth (PED-ANOVA)", .bars = {}};
    BarSeries variances{.name = "share of the variance, by itself (fANOVA)", .bars = {}};
    for (const Importance& one : importance) {
      names.push_back(one.param);
      bars.bars.push_back({one.share});
      variances.bars.push_back({one.variance});
    }
    const std::string caption =
        importance.front().param + " decides most on whether a trial is among the best tenth (" +
        percent(importance.front().share) +
        "): the divergence of its values in these from those in all (PED-ANOVA). What is missing "
        "from 1 in the variance (fANOVA) is what parameters do together.";
    page.figures(Width::kFull, std::vector<Figure>{{"Importance",
                                                    bar_chart({.title = "Importance of parameters",
                                                               .description = caption,
                                                               .x = {.digits = 3},
                                                               .width = 860},
                                                              names, std::vector{bars, variances}),
                                                    caption}});
  }

  std::vector<Figure> slices;
  const std::vector<std::size_t> dots =
      chosen(ranking, std::clamp<std::size_t>(kMostSliceDots / num_params, 40, 600));
  for (const std::size_t p : order) {
    const std::string& name = study.settings.space.params()[p].name;
    slices.push_back(
        {name, slice_chart(study, p, dots), "The best trial has " + [&] {
           const double value = study.trials[ranking.front()].configuration[p];
           if (std::isnan(value)) return std::string("none.");
           const Distribution& distribution = study.settings.space.params()[p].distribution;
           return (distribution.kind == Distribution::Kind::kFloat ? figure(value)
                                                                   : to_text(distribution, value)) +
                  ".";
         }()});
  }
  slices.front().caption += " The later a trial the deeper its colour." +
                            drawn(dots.size(), ranking.size(), "complete trials");
  page.heading("Values against each parameter");
  page.figures(Width::kHalf, slices);

  if (const auto pair = contour_pair(study)) {
    const std::string& x = study.settings.space.params()[pair->x].name;
    const std::string& y = study.settings.space.params()[pair->y].name;
    constexpr std::size_t kMostRings = 300;
    const std::vector<std::size_t> rings = chosen(ranking, kMostRings);
    page.figures(
        Width::kFull,
        std::vector<Figure>{
            {x + " and " + y + " together",
             contour_chart(study, *pair, Forest(study.settings.space, study.trials), rings),
             "The two that have most of the variance. The deeper the colour the better the mean "
             "over all other parameters, by a random forest; where no trial is it is a guess." +
                 drawn(rings.size(), ranking.size(), "complete trials")}});
  }

  order = thinned(order, std::min(order.size(), kMostAxes));
  const std::vector<std::size_t> threads = chosen(ranking, kMostThreads);
  const std::size_t num_best =
      std::max<std::size_t>(1, std::min<std::size_t>(20, ranking.size() / 10));
  const std::vector<std::size_t> best(ranking.begin(),
                                      ranking.begin() + static_cast<std::ptrdiff_t>(num_best));
  page.figures(
      Width::kFull,
      std::vector<Figure>{
          {"Parallel coordinates", parallel_chart(study, order, threads, best),
           "A line is a trial; the best " + grouped(static_cast<std::int64_t>(num_best)) +
               " are drawn strong. Axes are logarithmic where the search is; below its axis a "
               "line passes a parameter that the trial lacks." +
               drawn(threads.size(), ranking.size(), "complete trials")}});
}

void add_steps(Page& page, const Study& study, const std::vector<std::size_t>& ranking) {
  constexpr std::size_t kMostLines = 150;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < study.trials.size(); ++i) {
    if (!study.trials[i].intermediate.empty()) places.push_back(i);
  }
  if (places.empty() || ranking.empty()) return;
  const std::vector<std::size_t> lines = thinned(places, kMostLines);
  page.section("On the way", "What trials reported while they trained.");
  page.figures(Width::kFull,
               std::vector<Figure>{{"Values on the way", intermediate_chart(study, lines),
                                    grouped(count_of(study, TrialState::kPruned)) +
                                        " trials were given up; their lines are dashed and end in "
                                        "a ring." +
                                        (study.settings.identity.contains("rungs")
                                             ? " Upright lines are the rungs at which trials pause."
                                             : "") +
                                        drawn(lines.size(), places.size(), "trials")}});
}

void add_time(Page& page, const Study& study, const std::vector<std::size_t>& ranking) {
  const Timeline timeline = timeline_of(study);
  if (timeline.bars.empty()) return;
  page.section("Time", "Who trained when, and what it brought.");
  page.figures(
      Width::kFull,
      std::vector<Figure>{{"Timeline", timeline_chart(study, timeline),
                           "Busy " + percent(timeline.busy) + " of the time; the longest gap is " +
                               figure(timeline.longest_gap) + " seconds. " +
                               (timeline.lanes.front().starts_with("group")
                                    ? "A row is a group of ranks."
                                    : "Which ranks trained is not known: trials lie in as few rows "
                                      "as hold them.")}});
  if (ranking.empty()) return;

  std::vector<Figure> figures;
  Series cost{.name = "", .x = {}, .y = {}};
  const std::vector<std::size_t> places = chosen(ranking, kMostDots);
  for (const std::size_t i : places) {
    cost.x.push_back(seconds_of(study.trials[i]));
    cost.y.push_back(study.trials[i].value);
  }
  figures.push_back({"Seconds against value",
                     scatter_chart({.title = "Seconds of a trial against its value",
                                    .description = "A dot is a complete trial.",
                                    .x = {.label = "seconds (log)", .log = true},
                                    .y = {.label = metric_of(study)},
                                    .height = 320},
                                   std::vector{cost}),
                     "Whether good trials are dear ones."});
  Series shares{.name = "", .x = {}, .y = {}};
  for (const std::size_t i : ranking) shares.x.push_back(study.trials[i].value);
  std::ranges::sort(shares.x);
  for (std::size_t n = 0; n < shares.x.size(); ++n) {
    shares.y.push_back(static_cast<double>(n + 1) / static_cast<double>(shares.x.size()));
  }
  const double median = shares.x[shares.x.size() / 2];
  figures.push_back(
      {"How values are distributed",
       line_chart({.title = "Share of trials up to a value",
                   .description = "The empirical distribution of values.",
                   .x = {.label = metric_of(study)},
                   .y = {.label = "share of complete trials", .is_share = true, .from = 0, .to = 1},
                   .height = 320},
                  std::vector{shares}),
       "Half of the complete trials have up to " + shown(median) + "."});
  page.figures(Width::kHalf, figures);
}

}  // namespace

Page study_page(const Study& study) {
  Page page("Study " + study.settings.name,
            std::string(study.settings.maximize ? "The highest " : "The lowest ") +
                metric_of(study) + " over " +
                counted(static_cast<std::int64_t>(study.settings.space.size()), "parameter"));
  const std::vector<std::size_t> ranking = best_first(study);
  add_overview(page, study, ranking);
  if (ranking.empty()) {
    page.text("No trial is complete yet.");
  } else {
    add_history(page, study, ranking);
    add_parameters(page, study, ranking);
  }
  add_steps(page, study, ranking);
  add_time(page, study, ranking);
  return page;
}

}  // namespace mrec::report
