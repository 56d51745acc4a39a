#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <string_view>

#include "report/chart.h"
#include "report/explore.h"
#include "report/stats.h"
#include "report/text.h"

namespace mrec::report {
namespace {

using spotify::Column;

// How a column is drawn.
struct Look {
  Column column;
  const char* heading;
  const char* unit;
  double scale = 1;  // values are multiplied by it
  double trim = 0;   // share left out at each end
};
constexpr std::array kContinuous{
    Look{Column::kDanceability, "Danceability", "0 to 1"},
    Look{Column::kEnergy, "Energy", "0 to 1"},
    Look{Column::kValence, "Valence (cheerfulness)", "0 to 1"},
    Look{Column::kAcousticness, "Acousticness", "0 to 1"},
    Look{Column::kInstrumentalness, "Instrumentalness", "0 to 1"},
    Look{Column::kSpeechiness, "Speechiness", "0 to 1"},
    Look{Column::kLiveness, "Liveness", "0 to 1"},
    Look{Column::kLoudness, "Loudness", "dB", 1, 0.001},
    Look{Column::kTempo, "Tempo", "beats a minute", 1, 0.001},
    Look{Column::kDurationMs, "Duration", "minutes", 1 / 60000.0, 0.005},
};

std::string trimmed_text(const Histogram& histogram, std::size_t size) {
  if (histogram.outside == 0) return "";
  return " " + percent(static_cast<double>(histogram.outside) / static_cast<double>(size)) +
         " lie outside the axis.";
}

// A chart of a quarter of the page's width.
Frame small_frame(const std::string& title, const std::string& caption, const std::string& label) {
  return {.title = title,
          .description = caption,
          .x = {.label = label},
          .y = {},
          .width = 240,
          .height = 165};
}

Figure continuous_figure(const Look& look, const std::vector<float>& values) {
  const Histogram bins = even_bins(values, 22, false, look.trim);
  const std::string caption =
      "Median " + middle_of(values) + "." + trimmed_text(bins, values.size());
  return {look.heading,
          histogram_chart(small_frame("Histogram of " + std::string(look.heading) + " of tracks",
                                      caption, look.unit),
                          bins),
          caption};
}

// `names` of the values 0, 1, 2, ...
Figure category_figure(const std::string& heading, const std::vector<float>& values,
                       const std::vector<std::string>& names) {
  BarSeries series;
  for (std::size_t i = 0; i < names.size(); ++i) {
    series.bars.push_back({static_cast<double>(std::ranges::count(values, static_cast<float>(i))) /
                           static_cast<double>(values.size())});
  }
  const auto most = std::ranges::max_element(series.bars, {}, &Bar::value);
  const std::string caption = "Most often " +
                              names[static_cast<std::size_t>(most - series.bars.begin())] + " (" +
                              percent(most->value) + ").";
  Frame frame = small_frame(heading + " of tracks", caption, "");
  frame.y.is_share = true;
  return {heading, column_chart(frame, names, std::vector{series}), caption};
}

Figure missing_figure(const TrackCounts& tracks) {
  std::vector<std::pair<double, std::string>> shares;
  const auto add = [&](std::string_view name, std::int64_t missing) {
    shares.emplace_back(static_cast<double>(missing) / static_cast<double>(tracks.num_tracks),
                        name);
  };
  for (std::size_t c = 0; c < spotify::kNumColumns; ++c) {
    const auto column = static_cast<Column>(c);
    add(spotify::column_name(column), tracks.num_tracks - tracks.num_known(column));
  }
  const auto unlabelled = tracks.genres.find("");
  add("track_genre", unlabelled == tracks.genres.end() ? 0 : unlabelled->second);
  add("track_id", tracks.without_id);
  add("track_name", tracks.without_name);
  std::ranges::stable_sort(shares, std::greater(), &std::pair<double, std::string>::first);

  std::vector<std::string> names;
  BarSeries series;
  const auto whole = std::ranges::count(shares, 0.0, &std::pair<double, std::string>::first);
  for (const auto& [share, name] : shares) {
    names.push_back(name);
    series.bars.push_back({share});
  }
  const std::string caption =
      shares.front().first == 0
          ? "No column lacks a value."
          : shares.front().second + " lacks most: " + percent(shares.front().first) +
                " of the tracks have none. " +
                (whole == 0
                     ? "No column is"
                     : counted(whole, "column") + " of " + std::to_string(shares.size()) + " are") +
                " without a gap.";
  return {
      "Missing values by column",
      bar_chart({.title = "Share of missing values of every track column",
                 .description = caption,
                 .x = {.label = "tracks without a value", .is_share = true, .from = 0, .to = 1}},
                names, std::vector{series}),
      caption,
      {},
      true};
}

Figure popularity_figure(const std::vector<float>& values) {
  const Histogram bins = even_bins(values, 25, true);
  const auto zero = std::ranges::count(values, 0.0F);
  const std::string caption =
      "Median " + middle_of(values) + "; " +
      percent(static_cast<double>(zero) / static_cast<double>(values.size())) +
      " of the tracks have popularity 0.";
  return {"Popularity",
          histogram_chart({.title = "Histogram of popularity of tracks",
                           .description = caption,
                           .x = {.label = "Spotify's popularity, 0 to 100"},
                           .y = {.label = "tracks"}},
                          bins),
          caption};
}

Figure year_figure(const std::vector<float>& values) {
  const Histogram bins = even_bins(values, 120, true, 0.0005);
  const auto round =
      std::ranges::count_if(values, [](float year) { return std::fmod(year, 10) == 0; });
  const std::string caption =
      "The middle year is " + std::to_string(std::llround(quantile(values, 0.5))) +
      ", half of the tracks are of " + std::to_string(std::llround(quantile(values, 0.25))) +
      " to " + std::to_string(std::llround(quantile(values, 0.75))) + ". " +
      percent(static_cast<double>(round) / static_cast<double>(values.size())) +
      " of the years end in 0; where that is far more than a tenth, tables "
      "gave the decade only." +
      trimmed_text(bins, values.size());
  return {"Year",
          histogram_chart({.title = "Histogram of years of tracks",
                           .description = caption,
                           .x = {.label = "year of release", .is_year = true},
                           .y = {.label = "tracks"}},
                          bins),
          caption};
}

Figure per_artist_figure(const TrackCounts& tracks) {
  std::vector<float> values;
  values.reserve(tracks.names.size());
  for (const auto& [name, count] : tracks.names) values.push_back(static_cast<float>(count));
  const auto once = std::ranges::count(values, 1.0F);
  const std::string caption =
      "Of " + counted(std::ssize(values), "name") + ", " +
      percent(static_cast<double>(once) / static_cast<double>(values.size())) +
      " stand on one track only; the most frequent stands on " + figure(quantile(values, 1)) + ".";
  return {"Tracks per artist",
          histogram_chart({.title = "Histogram of tracks per artist name",
                           .description = caption,
                           .x = {.label = "tracks", .log = true},
                           .y = {.label = "artist names"}},
                          doubling_bins(values)),
          caption};
}

// "Hip-Hop" and "hip-hop" are one. ASCII only, as the labels are.
std::string folded(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

std::optional<Figure> genre_figure(const TrackCounts& tracks) {
  std::map<std::string, std::int64_t> counts;
  std::int64_t labelled = 0;
  for (const auto& [genre, count] : tracks.genres) {
    if (genre.empty()) continue;
    labelled += count;
    for (std::size_t at = 0; at <= genre.size();) {  // "rock;metal": from several tables
      const std::size_t end = std::min(genre.find(';', at), genre.size());
      counts[folded(genre.substr(at, end - at))] += count;
      at = end + 1;
    }
  }
  if (labelled == 0) return std::nullopt;
  std::vector<std::pair<std::string, std::int64_t>> order(counts.begin(), counts.end());
  std::ranges::stable_sort(order, std::greater(), &std::pair<std::string, std::int64_t>::second);
  constexpr std::size_t kDrawn = 12;
  constexpr std::size_t kListed = 50;
  std::vector<std::string> names;
  BarSeries series;
  Table table{.columns = {{"Genre", false}, {"Tracks"}, {"Of those with a genre"}}};
  for (std::size_t i = 0; i < std::min(kListed, order.size()); ++i) {
    const double share = static_cast<double>(order[i].second) / static_cast<double>(labelled);
    if (i < kDrawn) {
      names.push_back(shortened(order[i].first, 48));
      series.bars.push_back({share});
    }
    table.rows.push_back({order[i].first, grouped(order[i].second), percent(share)});
  }
  const std::string caption = grouped(std::ssize(order)) +
                              " different labels; a track may have several. The most frequent, " +
                              names[0] + ", stands on " + percent(series.bars[0].value) +
                              " of the tracks that have any.";
  return Figure{"The most frequent genres",
                bar_chart({.title = "Share of tracks by genre",
                           .description = caption,
                           .x = {.label = "tracks with a genre", .is_share = true}},
                          names, std::vector{series}),
                caption, table};
}

}  // namespace

void add_tracks(Page& page, const TrackCounts& tracks) {
  page.section("Tracks",
               "What Spotify's tables tell about " + counted(tracks.num_tracks, "track") + ".");
  // A tall chart, with two beside it where the tables have a popularity.
  std::vector<Figure> figures{missing_figure(tracks), per_artist_figure(tracks)};
  const std::vector<float> popularity = tracks.values(Column::kPopularity);
  if (!popularity.empty()) figures.push_back(popularity_figure(popularity));
  const std::vector<float> years = tracks.values(Column::kYear);
  if (!years.empty()) figures.push_back(year_figure(years));
  if (const std::optional<Figure> genres = genre_figure(tracks)) figures.push_back(*genres);
  page.figures(Width::kHalf, figures);

  page.heading("Audio features");
  std::vector<Figure> small;
  for (const Look& look : kContinuous) {
    const std::vector<float> values = tracks.values(look.column, look.scale);
    if (!values.empty()) small.push_back(continuous_figure(look, values));
  }
  const auto categories = [&](Column column, const std::string& heading,
                              const std::vector<std::string>& names) {
    const std::vector<float> values = tracks.values(column);
    if (!values.empty()) small.push_back(category_figure(heading, values, names));
  };
  categories(Column::kKey, "Key",
             {"C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"});
  categories(Column::kMode, "Mode", {"minor", "major"});
  categories(Column::kTimeSignature, "Beats in a bar", {"0", "1", "2", "3", "4", "5", "6", "7"});
  categories(Column::kExplicit, "Explicit words", {"no", "yes"});
  page.figures(Width::kSmall, small);
}

}  // namespace mrec::report
