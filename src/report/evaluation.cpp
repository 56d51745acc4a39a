#include "report/evaluation.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "report/stats.h"
#include "report/text.h"

namespace mrec::report {
namespace {

// What a metric is called and what it tells.
struct MetricText {
  const char* name;  // without @k
  const char* heading;
  const char* meaning;
  bool is_accuracy;
};
constexpr std::array kMetrics{
    MetricText{"ndcg", "NDCG", "Held-out artists in the list; a high place counts more.", true},
    MetricText{"precision", "Precision", "Share of the list that is held out.", true},
    MetricText{"recall", "Recall", "Share of the held-out artists that the list holds.", true},
    MetricText{"map", "MAP", "Mean of the precision at every hit.", true},
    MetricText{"mrr", "MRR", "One over the place of the first hit.", true},
    MetricText{"hit_rate", "Hit rate", "Users with a hit at all.", true},
    MetricText{"auc", "AUC", "Share of pairs of held-out and other artists in the right order.",
               true},
    MetricText{"coverage", "Coverage", "Share of the catalogue that is in any list.", false},
    MetricText{"arp", "Popularity (ARP)", "Mean listeners of the recommended artists.", false},
    MetricText{"aplt", "Long tail (APLT)", "Share of the lists that is of the long tail.", false},
    MetricText{"gini", "Gini index", "0: all artists are recommended alike; 1: one artist only.",
               false},
    MetricText{"novelty", "Novelty", "Bits that tell a recommended artist from the others.", false},
    MetricText{"diversity", "Diversity in the list", "How much the artists of a list differ.",
               false},
    MetricText{"calibration", "Miscalibration",
               "Divergence of the list's genres from the user's; 0 is the same.", false},
};

// The text of "ndcg@10"; an unknown metric is called by its name.
MetricText text_of(const std::string& name) {
  const std::string stem = name.substr(0, name.find('@'));
  for (const MetricText& text : kMetrics) {
    if (stem == text.name) return text;
  }
  return {.name = "", .heading = nullptr, .meaning = "", .is_accuracy = false};
}

std::string heading_of(const std::string& name) {
  const MetricText text = text_of(name);
  if (text.heading == nullptr) return name;
  const std::size_t at = name.find('@');
  return text.heading + (at == std::string::npos ? "" : name.substr(at));
}

// All values of a metric are shown with as many digits, four of them where they are below 1.
int digits_of(double largest) { return largest < 1.5 ? 4 : largest < 15 ? 2 : 1; }
int digits_of(const std::vector<Bar>& bars) {
  return digits_of(std::abs(std::ranges::max(bars, {}, &Bar::value).value));
}

std::string shown(const Bar& bar, int digits) {
  const auto text = [&](double value) {
    return (value < 0 ? "−" : "") + fixed(std::abs(value), digits);
  };
  if (!bar.low || !bar.high) return text(bar.value);
  return text(bar.value) + " (" + text(*bar.low) + " to " + text(*bar.high) + ")";
}

bool overlap(const Bar& a, const Bar& b) {
  return a.low.value_or(a.value) <= b.high.value_or(b.value) &&
         b.low.value_or(b.value) <= a.high.value_or(a.value);
}

// How the first contender does, for accuracy beside the best of the others.
std::string standing(const EvaluationData& data, const MetricRow& row, bool is_accuracy) {
  std::string text = data.contenders[0] + " has " + shown(row.values[0], digits_of(row.values));
  if (row.values.size() < 2 || !is_accuracy) return text + ".";
  const auto best =
      std::ranges::max_element(row.values.begin() + 1, row.values.end(), {}, &Bar::value);
  const double ratio = row.values[0].value / best->value - 1;
  if (!std::isfinite(ratio)) return text + ".";
  text += ", " + percent(std::abs(ratio)) + (ratio < 0 ? " less than " : " more than ") +
          data.contenders[static_cast<std::size_t>(best - row.values.begin())];
  if (row.values[0].low && best->low) {
    text += overlap(row.values[0], *best) ? "; the intervals overlap" : "; the intervals are apart";
  }
  return text + ".";
}

Figure metric_figure(const EvaluationData& data, const MetricRow& row) {
  const MetricText text = text_of(row.name);
  const std::string caption = std::string(text.meaning) + (text.meaning[0] == '\0' ? "" : " ") +
                              standing(data, row, text.is_accuracy);
  BarSeries series{.bars = row.values};
  for (std::size_t i = data.num_models; i < series.bars.size(); ++i) series.bars[i].is_quiet = true;
  return {heading_of(row.name),
          bar_chart({.title = heading_of(row.name) + " of every contender",
                     .description = caption,
                     .x = {.digits = digits_of(row.values)}},
                    data.contenders, std::vector{series}),
          caption};
}

void add_metrics(Page& page, const EvaluationData& data, bool accuracy) {
  std::vector<Figure> figures;
  std::vector<const MetricRow*> rows;
  for (const MetricRow& row : data.metrics) {
    if (text_of(row.name).is_accuracy != accuracy) continue;
    figures.push_back(metric_figure(data, row));
    rows.push_back(&row);
  }
  if (rows.empty()) return;
  if (accuracy) {
    page.section("Accuracy",
                 "How well the lists foresee what was held out. Lines show where the "
                 "mean lies with 95\u00A0% "
                 "confidence, over other users of the same kind.");
  } else {
    page.section("The lists as a whole",
                 "What averages of hits do not tell: how much of the "
                 "catalogue is shown, and to whom the lists are true.");
  }
  page.figures(Width::kHalf, figures);
  Table table{.columns = {{"Metric", false}}};
  for (const std::string& name : data.contenders) table.columns.push_back({name});
  for (const MetricRow* row : rows) {
    table.rows.push_back({heading_of(row->name)});
    for (const Bar& bar : row->values) {
      table.rows.back().push_back(shown(bar, digits_of(row->values)));
    }
  }
  page.table(accuracy ? "Accuracy in figures" : "The lists in figures", table);
}

void add_overview(Page& page, const EvaluationData& data) {
  page.section("Overview", "");
  for (const std::string& warning : data.warnings) page.warning(warning);
  std::vector<Tile> tiles;
  for (const char* stem : {"ndcg", "recall", "coverage"}) {
    const auto row = std::ranges::find_if(
        data.metrics, [&](const MetricRow& one) { return one.name.starts_with(stem); });
    if (row == data.metrics.end()) continue;
    const Bar& bar = row->values.front();
    const int digits = digits_of(row->values);
    tiles.push_back(
        {heading_of(row->name), fixed(bar.value, digits),
         bar.low ? "from " + fixed(*bar.low, digits) + " to " + fixed(*bar.high, digits) : ""});
  }
  tiles.push_back({"Users", grouped(data.num_users), "with held-out artists"});
  page.tiles(tiles);
  Table facts{.columns = {{"Fact", false}, {"Value", false}}};
  for (const auto& [name, value] : data.facts) facts.rows.push_back({name, value});
  if (!facts.rows.empty()) page.table("What was evaluated", facts);
}

Figure breakdown_figure(const EvaluationData& data, const Breakdown& breakdown) {
  std::vector<BarSeries> series;
  Table table{.columns = {{"Group", false}}};
  for (const std::string& name : breakdown.names) table.rows.push_back({name});
  const std::vector<Bar>& first = breakdown.values.front();
  const int digits = digits_of(first);
  for (std::size_t c = 0; c < breakdown.values.size(); ++c) {
    series.push_back({data.contenders[c], breakdown.values[c]});
    table.columns.push_back({data.contenders[c]});
    for (std::size_t g = 0; g < breakdown.names.size(); ++g) {
      table.rows[g].push_back(shown(breakdown.values[c][g], digits));
    }
  }
  const auto best = std::ranges::max_element(first, {}, &Bar::value);
  const auto worst = std::ranges::min_element(first, {}, &Bar::value);
  const auto group = [&](auto at) {
    return breakdown.names[static_cast<std::size_t>(at - first.begin())];
  };
  const std::string caption = data.contenders[0] + " is best in group " + group(best) + " (" +
                              figure(best->value) + ") and worst in group " + group(worst) + " (" +
                              figure(worst->value) + ").";
  return {breakdown.heading,
          column_chart({.title = breakdown.heading,
                        .description = caption,
                        .x = {.label = breakdown.groups},
                        .y = {.label = heading_of(breakdown.metric)},
                        .width = 860,
                        .height = 320},
                       breakdown.names, series),
          caption, table};
}

void add_exposure(Page& page, const EvaluationData& data) {
  std::vector<Series> curves;
  std::string caption;
  const Concentration listening = concentration_of(data.listeners);
  Table table{
      .columns = {
          {"Who", false}, {"Top 1 %"}, {"Top 10 %"}, {"Artists ever shown"}, {"Gini index"}}};
  const auto add = [&](const std::string& name, const Concentration& shares) {
    curves.push_back(shares.curve(name));
    const auto shown_artists =
        std::ranges::count_if(shares.amounts, [](double amount) { return amount > 0; });
    table.rows.push_back({name, percent(shares.of_top(0.01)), percent(shares.of_top(0.1)),
                          grouped(shown_artists), figure(shares.gini())});
  };
  add("listening in train", listening);
  for (std::size_t c = 0; c < data.exposure.size(); ++c) {
    const Concentration shares = concentration_of(data.exposure[c]);
    if (c == 0) {
      caption = "The top 1 % of artists have " + percent(listening.of_top(0.01)) +
                " of the listening and " + percent(shares.of_top(0.01)) + " of the places in " +
                data.contenders[0] + "'s lists, which are " +
                (shares.gini() > listening.gini() ? "more" : "less") +
                " concentrated than listening is. A curve nearer to the corner means that fewer "
                "artists are shown.";
    }
    add(data.contenders[c], shares);
  }
  curves.push_back({.name = "", .x = {0, 1}, .y = {0, 1}, .is_reference = true});
  page.section("The long tail",
               "Whom the lists show: for each contender artists are put in order of how often they "
               "are recommended, for listening by listeners.");
  page.figures(
      Width::kHalf,
      std::vector<Figure>{
          {"Concentration of the lists and of listening",
           line_chart({.title = "Cumulative share of places in lists over artists",
                       .description = caption,
                       .x = {.label = "artists, the most shown first", .is_share = true},
                       .y = {.label = "share of all", .is_share = true, .from = 0, .to = 1},
                       .height = 340},
                      curves),
           caption}});
  page.table("Concentration in figures", table);
}

void add_calibration(Page& page, const EvaluationData& data) {
  const GenreShares& shares = *data.genres;
  std::vector<Series> series;
  double most = 0;
  for (std::size_t c = 0; c < shares.lists.size(); ++c) {
    series.push_back({.name = data.contenders[c], .x = shares.history, .y = shares.lists[c]});
    most = std::max({most, std::ranges::max(shares.history), std::ranges::max(shares.lists[c])});
  }
  series.push_back({.name = "", .x = {0, most}, .y = {0, most}, .is_reference = true});
  std::size_t over = 0;
  std::size_t under = 0;
  const std::vector<double>& first = shares.lists.front();
  const auto gain = [&](std::size_t g) { return first[g] - shares.history[g]; };
  for (std::size_t g = 0; g < shares.genres.size(); ++g) {
    if (gain(g) > gain(over)) over = g;
    if (gain(g) < gain(under)) under = g;
  }
  const std::string caption =
      data.contenders[0] + " shows " + shares.genres[over] + " the most beyond its share (" +
      percent(first[over]) + " for " + percent(shares.history[over]) + ") and " +
      shares.genres[under] + " the most below it (" + percent(first[under]) + " for " +
      percent(shares.history[under]) + "). On the dashed line lists are as histories.";
  Table table{.columns = {{"Genre", false}, {"History"}}};
  for (std::size_t c = 0; c < shares.lists.size(); ++c)
    table.columns.push_back({data.contenders[c]});
  for (std::size_t g = 0; g < shares.genres.size(); ++g) {
    table.rows.push_back({shares.genres[g], percent(shares.history[g])});
    for (const std::vector<double>& list : shares.lists)
      table.rows.back().push_back(percent(list[g]));
  }
  page.section("Calibration",
               "Whether lists keep the proportions of what their users heard: the "
               "mean share of each genre in both (Steck, 2018).");
  page.figures(Width::kHalf,
               std::vector<Figure>{
                   {"Genres in histories and in lists",
                    scatter_chart({.title = "Share of genres in histories and in lists",
                                   .description = caption,
                                   .x = {.label = "share in what users heard", .is_share = true},
                                   .y = {.label = "share in the lists", .is_share = true},
                                   .height = 340},
                                  series),
                    caption, table}});
}

void add_comparisons(Page& page, const EvaluationData& data) {
  constexpr double kLevel = 0.05;
  const auto clear = std::ranges::count_if(
      data.comparisons, [](const Comparison& one) { return one.p_value < kLevel; });
  page.section("Significance", "Each user is judged under both contenders. " + grouped(clear) +
                                   " of " + counted(std::ssize(data.comparisons), "difference") +
                                   " would be rare by chance (p < 0.05, adjusted for their "
                                   "number).");
  Table table{.columns = {{"Metric", false}, {"Contenders", false}, {"Difference"}, {"p"}}};
  for (const Comparison& one : data.comparisons) {
    table.rows.push_back({heading_of(one.metric), one.first + " − " + one.second,
                          shown(one.difference, digits_of(std::abs(one.difference.value))),
                          one.p_value < 0.001 ? "< 0.001" : fixed(one.p_value, 3)});
  }
  page.table("Paired comparisons", table);
}

Bar bar_of(const Summary& summary) {
  Bar bar{summary.mean};
  if (summary.standard_error > 0) {
    bar.low = summary.low;
    bar.high = summary.high;
  }
  return bar;
}

Breakdown shown_breakdown(const mrec::Breakdown& one) {
  const bool by_user = one.name == "activity";
  Breakdown shown{.heading = by_user ? "By activity of the user" : "By popularity of the artist",
                  .groups = by_user ? "tenths of the users by plays in train"
                                    : "tenths of the listening in train, the rarest artists first",
                  .metric = one.metric,
                  .names = {},
                  .values = {}};
  for (const Group& group : one.groups.front()) shown.names.push_back(group.name);
  for (const std::vector<Group>& groups : one.groups) {
    std::vector<Bar>& bars = shown.values.emplace_back();
    for (const Group& group : groups) bars.push_back({group.value, group.low, group.high});
  }
  return shown;
}

GenreShares shown_genres(const Evaluation& evaluation) {
  GenreShares shares{
      .genres = evaluation.genre_names, .history = evaluation.genres.front().history, .lists = {}};
  for (const GenreMeans& means : evaluation.genres) shares.lists.push_back(means.list);
  return shares;
}

}  // namespace

EvaluationData evaluation_data(const Evaluation& evaluation) {
  EvaluationData data{.facts = evaluation.facts,
                      .warnings = evaluation.warnings,
                      .num_models = static_cast<std::size_t>(evaluation.num_models),
                      .num_users = evaluation.reports.front().num_users,
                      .exposure = evaluation.exposure,
                      .listeners = evaluation.listeners};
  for (const Summary& summary : evaluation.reports.front().summaries) {
    data.metrics.push_back({summary.label(), {}});
  }
  for (const Report& report : evaluation.reports) {
    data.contenders.push_back(report.name);
    for (std::size_t m = 0; m < data.metrics.size(); ++m) {
      data.metrics[m].values.push_back(bar_of(report.summaries[m]));
    }
  }
  std::erase_if(data.metrics, [](const MetricRow& row) {
    return std::ranges::any_of(row.values,
                               [](const Bar& bar) { return !std::isfinite(bar.value); });
  });
  for (const mrec::Breakdown& one : evaluation.breakdowns) {
    data.breakdowns.push_back(shown_breakdown(one));
  }
  if (!evaluation.genres.empty()) data.genres = shown_genres(evaluation);
  for (const mrec::Comparison& one : evaluation.comparisons) {
    data.comparisons.push_back({.metric = one.metric,
                                .first = one.first,
                                .second = one.second,
                                .difference = {one.difference, one.low, one.high},
                                .p_value = one.adjusted_p});
  }
  return data;
}

Page evaluation_page(const EvaluationData& data) {
  Page page("Evaluation",
            "How well the lists foresee what listeners went on to hear, beside "
            "baselines that need no training.");
  add_overview(page, data);
  add_metrics(page, data, true);
  if (!data.comparisons.empty()) add_comparisons(page, data);
  if (!data.breakdowns.empty()) {
    page.section("For whom",
                 "Averages hide for whom the lists are good: groups from the least to "
                 "the most active users, from the least to the most heard artists.");
    std::vector<Figure> figures;
    for (const Breakdown& one : data.breakdowns) figures.push_back(breakdown_figure(data, one));
    page.figures(Width::kFull, figures);
  }
  add_metrics(page, data, false);
  if (data.genres && !data.genres->genres.empty()) add_calibration(page, data);
  if (!data.exposure.empty()) add_exposure(page, data);
  return page;
}

}  // namespace mrec::report
