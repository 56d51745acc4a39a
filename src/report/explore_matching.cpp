#include <algorithm>
#include <array>
#include <numeric>
#include <unordered_map>

#include "report/chart.h"
#include "report/explore.h"
#include "report/text.h"

namespace mrec::report {
namespace {

constexpr std::array kMethods{"same name", "other rules", "not linked"};
constexpr std::size_t kNotLinked = kMethods.size() - 1;

std::size_t method_of(MatchKind kind) {
  switch (kind) {
    case MatchKind::kExact:
    case MatchKind::kGiven:
      return 0;
    case MatchKind::kFuzzy:
      return 1;
    default:
      return kNotLinked;
  }
}

// Artists, interactions and plays, by how their artist was linked.
using Totals = std::array<std::array<double, 3>, kMethods.size()>;

Figure method_figure(const Totals& totals) {
  const std::vector<std::string> methods(kMethods.begin(), kMethods.end());
  std::array<double, 3> all{};
  for (const auto& method : totals) {
    for (std::size_t i = 0; i < 3; ++i) all[i] += method[i];
  }
  std::vector<BarSeries> series{{.name = "artists"}, {.name = "interactions"}, {.name = "plays"}};
  Table table{.columns = {{"Method", false}, {"Artists"}, {"Interactions"}, {"Plays"}}};
  for (std::size_t m = 0; m < methods.size(); ++m) {
    for (std::size_t i = 0; i < 3; ++i) {
      series[i].bars.push_back({.value = totals[m][i] / std::max(1.0, all[i])});
    }
    table.rows.push_back(
        {methods[m], figure(totals[m][0]), figure(totals[m][1]), figure(totals[m][2])});
  }
  const auto linked = [&](std::size_t i) {
    return percent(1 - totals[kNotLinked][i] / std::max(1.0, all[i]));
  };
  const std::string caption = linked(0) + " of the artists have a partner in Spotify; they have " +
                              linked(1) + " of the interactions and " + linked(2) +
                              " of the plays.";
  return {"Linked artists and what they weigh",
          bar_chart({.title = "Shares of artists, interactions and plays by method of matching",
                     .description = caption,
                     .x = {.label = "share", .is_share = true, .from = 0, .to = 1}},
                    methods, series),
          caption, table};
}

// Ten groups of equally many artists, the least heard first.
Figure decile_figure(const std::vector<Popularity>& popularity,
                     const std::vector<std::size_t>& methods,
                     const std::vector<std::size_t>& order) {
  constexpr std::size_t kGroups = 10;
  std::vector<std::string> names;
  std::vector<BarSeries> series;
  for (std::size_t m = 0; m < kNotLinked; ++m) series.push_back({.name = kMethods[m]});
  Table table{.columns = {{"Group"}, {"Listeners", false}, {"Artists"}, {"Linked"}}};
  double first_linked = 0;
  double last_linked = 0;
  for (std::size_t g = 0; g < kGroups; ++g) {
    const std::size_t begin = order.size() * g / kGroups;
    const std::size_t end = order.size() * (g + 1) / kGroups;
    if (begin == end) continue;
    std::array<double, kMethods.size()> counts{};
    for (std::size_t i = begin; i < end; ++i) counts[methods[order[i]]] += 1;
    const auto size = static_cast<double>(end - begin);
    for (std::size_t m = 0; m < kNotLinked; ++m) series[m].bars.push_back({counts[m] / size});
    const double linked = 1 - counts[kNotLinked] / size;
    if (names.empty()) first_linked = linked;
    last_linked = linked;
    names.push_back(std::to_string(g + 1));
    const std::string low = figure(popularity[order[begin]].listeners);
    const std::string high = figure(popularity[order[end - 1]].listeners);
    table.rows.push_back({names.back(), low == high ? low : low + " to " + high,
                          grouped(static_cast<std::int64_t>(end - begin)), percent(linked)});
  }
  const std::string caption = "Of the most heard tenth of the artists " + percent(last_linked) +
                              " are linked, of the least heard tenth " + percent(first_linked) +
                              ".";
  return {"Linked artists by popularity",
          column_chart({.title = "Share of linked artists in ten groups by listeners",
                        .description = caption,
                        .x = {.label = "tenths of the artists, the most heard last"},
                        .y = {.label = "linked", .is_share = true, .from = 0, .to = 1}},
                       names, series, true),
          caption, table};
}

}  // namespace

void add_matching(Page& page, const LastfmData& data, const std::vector<ArtistLink>& links) {
  std::unordered_map<std::int64_t, std::size_t> method_by_id;
  std::int64_t only_spotify = 0;
  for (const ArtistLink& link : links) {
    if (link.lastfm_name.empty()) {
      ++only_spotify;
    } else {
      method_by_id[link.artist_id] = method_of(link.kind);
    }
  }
  const std::vector<Popularity> popularity = popularity_of(data);
  std::vector<std::size_t> methods;
  Totals totals{};
  for (std::size_t i = 0; i < data.artists.size(); ++i) {
    const auto found = method_by_id.find(data.artists[i].id);
    methods.push_back(found == method_by_id.end() ? kNotLinked : found->second);
    totals[methods[i]][0] += 1;
    totals[methods[i]][1] += popularity[i].listeners;
    totals[methods[i]][2] += popularity[i].plays;
  }
  std::vector<std::size_t> order(data.artists.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) {
    return std::pair(popularity[i].listeners, -data.artists[i].id);
  });

  page.section("Matching",
               "Which artists of Last.fm were found in Spotify by their names, and so "
               "have tracks that describe them. " +
                   counted(only_spotify, "artist") + " of Spotify have no partner in Last.fm.");
  page.figures(Width::kHalf,
               std::vector{method_figure(totals), decile_figure(popularity, methods, order)});

  constexpr std::size_t kTop = 25;
  Table table{.columns = {{"Artist", false}, {"Listeners"}, {"Plays"}, {"Last.fm id"}}};
  for (auto it = order.rbegin(); it != order.rend() && table.rows.size() < kTop; ++it) {
    if (methods[*it] != kNotLinked) continue;
    table.rows.push_back({data.artists[*it].name, figure(popularity[*it].listeners),
                          figure(popularity[*it].plays), std::to_string(data.artists[*it].id)});
  }
  if (table.rows.empty()) return;
  page.table("The most heard artists without a partner", table,
             "They are not among the tracks, or stand there under another name: worth a look, as a "
             "mended artist_map.tsv links them.");
}

}  // namespace mrec::report
