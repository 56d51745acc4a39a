#include <algorithm>
#include <numeric>
#include <set>
#include <unordered_map>

#include "report/chart.h"
#include "report/explore.h"
#include "report/stats.h"
#include "report/text.h"

namespace mrec::report {
namespace {

constexpr std::size_t kTop = 20;

Table table_of(const Histogram& histogram, const std::string& what) {
  Table table{.columns = {{"From"}, {"To below"}, {what}}};
  for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
    table.rows.push_back(
        {figure(histogram.edges[i]), figure(histogram.edges[i + 1]), grouped(histogram.counts[i])});
  }
  return table;
}

Figure plays_figure(const std::vector<float>& plays) {
  const Histogram bins = doubling_bins(plays);
  const Concentration shares = concentration_of(plays);
  const std::string caption = "The middle number of plays is " + middle_of(plays) +
                              "; the most is " + figure(quantile(plays, 1)) +
                              ". The hundredth of the pairs with the most plays has " +
                              percent(shares.of_top(0.01)) + " of all plays.";
  return {"Plays of one listener for one artist",
          histogram_chart({.title = "Histogram of plays per listener and artist",
                           .description = caption,
                           .x = {.label = "plays", .log = true},
                           .y = {.label = "pairs"}},
                          bins),
          caption, table_of(bins, "Pairs")};
}

Figure artists_figure(const std::vector<float>& counts) {
  const Histogram bins = even_bins(counts, 25, true);
  const Mode mode = mode_of(counts);
  const std::string caption =
      grouped(mode.count) + " of " + counted(std::ssize(counts), "listener") + " (" +
      percent(static_cast<double>(mode.count) / static_cast<double>(counts.size())) +
      ") have exactly " + counted(static_cast<std::int64_t>(mode.value), "artist") +
      ", the most frequent number; the fewest is " + figure(quantile(counts, 0)) +
      " and the most " + figure(quantile(counts, 1)) + ".";
  Table table = table_of(bins, "Listeners");
  table.columns = {{"From"}, {"To"}, {"Listeners"}};
  for (std::size_t i = 0; i < bins.counts.size(); ++i) {
    table.rows[i][0] = figure(bins.edges[i] + 0.5);
    table.rows[i][1] = figure(bins.edges[i + 1] - 0.5);
  }
  return {"Artists per listener",
          histogram_chart({.title = "Histogram of artists per listener",
                           .description = caption,
                           .x = {.label = "artists"},
                           .y = {.label = "listeners"}},
                          bins),
          caption, table};
}

Figure listeners_figure(const std::vector<float>& listeners) {
  const Histogram bins = doubling_bins(listeners);
  const auto once = std::ranges::count(listeners, 1.0F);
  const auto few = std::ranges::count_if(listeners, [](float n) { return n < 5; });
  const auto size = static_cast<double>(listeners.size());
  const std::string caption =
      counted(once, "artist") + " (" + percent(static_cast<double>(once) / size) +
      ") have a single listener and " + percent(static_cast<double>(few) / size) +
      " fewer than five: of these, listening alone tells little. The most heard artist has " +
      figure(quantile(listeners, 1)) + " listeners.";
  return {"Listeners per artist",
          histogram_chart({.title = "Histogram of listeners per artist",
                           .description = caption,
                           .x = {.label = "listeners", .log = true},
                           .y = {.label = "artists"}},
                          bins),
          caption, table_of(bins, "Artists")};
}

Figure concentration_figure(const std::vector<float>& listeners, const std::vector<float>& plays) {
  const Concentration by_pairs = concentration_of(listeners);
  const Concentration by_plays = concentration_of(plays);
  const std::string caption =
      "The top 1 % of artists have " + percent(by_pairs.of_top(0.01)) +
      " of the interactions and " + percent(by_plays.of_top(0.01)) +
      " of the plays. Half of all interactions fall to " +
      counted(by_pairs.holders_of(0.5), "artist") + " of " + grouped(std::ssize(listeners)) +
      ". Gini index: " + figure(by_pairs.gini()) + " and " + figure(by_plays.gini()) + ".";
  const std::vector<Series> curves{
      by_pairs.curve("interactions"),
      by_plays.curve("plays"),
      {.name = "all alike", .x = {0, 1}, .y = {0, 1}, .is_reference = true}};
  Table table{.columns = {{"Top artists"}, {"Of interactions"}, {"Of plays"}}};
  for (const double share : {0.001, 0.01, 0.05, 0.1, 0.2, 0.5}) {
    table.rows.push_back(
        {percent(share), percent(by_pairs.of_top(share)), percent(by_plays.of_top(share))});
  }
  return {"How much the most heard artists have",
          line_chart({.title = "Cumulative share of interactions and plays over artists",
                      .description = caption,
                      .x = {.label = "artists, the most heard first", .is_share = true},
                      .y = {.label = "share of all", .is_share = true, .from = 0, .to = 1}},
                     curves),
          caption, table};
}

Figure rank_figure(std::vector<float> listeners) {
  std::ranges::sort(listeners, std::greater());
  Series series;
  std::size_t rank = 1;
  while (rank <= listeners.size()) {
    series.x.push_back(static_cast<double>(rank));
    series.y.push_back(listeners[rank - 1]);
    rank = std::max(rank + 1, rank * 11 / 10);
  }
  const auto at = [&](std::size_t place) {
    return figure(listeners[std::min(place, listeners.size()) - 1]);
  };
  const std::string caption = "The first artist has " + at(1) + " listeners, the 10th " + at(10) +
                              ", the 100th " + at(100) + " and the 1,000th " + at(1000) +
                              ": a long tail, near to a straight line where both axes are "
                              "logarithmic.";
  return {"Listeners by place",
          line_chart({.title = "Listeners of artists by their place, both logarithmic",
                      .description = caption,
                      .x = {.label = "place of the artist", .log = true},
                      .y = {.label = "listeners", .log = true}},
                     std::vector{series}),
          caption};
}

}  // namespace

std::vector<Popularity> popularity_of(const LastfmData& data) {
  std::unordered_map<std::int64_t, Popularity> by_id;
  for (const lastfm::Play& play : data.plays) {
    Popularity& popularity = by_id[play.artist_id];
    popularity.listeners += 1;
    popularity.plays += static_cast<float>(play.plays);
  }
  std::vector<Popularity> result;
  result.reserve(data.artists.size());
  for (const lastfm::Artist& artist : data.artists) {
    const auto found = by_id.find(artist.id);
    result.push_back(found == by_id.end() ? Popularity{} : found->second);
  }
  return result;
}

void add_listening(Page& page, const LastfmData& data) {
  const std::vector<Popularity> popularity = popularity_of(data);
  std::vector<float> pairs;
  std::unordered_map<std::int64_t, float> artists_of;
  for (const lastfm::Play& play : data.plays) {
    pairs.push_back(static_cast<float>(play.plays));
    artists_of[play.user_id] += 1;
  }
  std::vector<float> per_user;
  per_user.reserve(artists_of.size());
  for (const auto& [user, count] : artists_of) per_user.push_back(count);
  std::vector<float> listeners;
  std::vector<float> plays;
  for (const Popularity& one : popularity) {
    if (one.listeners == 0) continue;
    listeners.push_back(one.listeners);
    plays.push_back(one.plays);
  }
  const auto unheard = std::ssize(popularity) - std::ssize(listeners);

  page.section("Listening", "Who listens to whom, and how often. " +
                                (unheard == 0 ? "Every artist has been heard by somebody."
                                              : counted(unheard, "artist") +
                                                    " of the table were heard by "
                                                    "nobody; the charts leave them out."));
  if (pairs.empty() || listeners.empty()) return;
  page.figures(Width::kHalf, std::vector{plays_figure(pairs), artists_figure(per_user)});
  page.section("The long tail",
               "A few artists have most of the listening, most artists have "
               "hardly any: what is recommended must not be these few alone.");
  page.figures(Width::kHalf, std::vector{concentration_figure(listeners, plays),
                                         rank_figure(listeners), listeners_figure(listeners)});

  std::vector<std::size_t> order(popularity.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto before = [&](std::size_t a, std::size_t b) {
    return std::pair(-popularity[a].listeners, data.artists[a].id) <
           std::pair(-popularity[b].listeners, data.artists[b].id);
  };
  const std::size_t top = std::min(kTop, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(top), order.end(),
                    before);
  Table table{
      .columns = {
          {"Place"}, {"Artist", false}, {"Listeners"}, {"Of all"}, {"Plays"}, {"Plays each"}}};
  for (std::size_t place = 0; place < top; ++place) {
    const Popularity& one = popularity[order[place]];
    table.rows.push_back({std::to_string(place + 1), data.artists[order[place]].name,
                          figure(one.listeners),
                          percent(one.listeners / static_cast<double>(artists_of.size())),
                          figure(one.plays), figure(one.plays / one.listeners)});
  }
  page.table("The most heard artists", table);
}

void add_tags(Page& page, const LastfmData& data) {
  struct Use {
    std::int64_t assignments = 0;
    std::set<std::int64_t> artists;
    std::set<std::int64_t> users;
  };
  std::vector<Use> uses(data.tags.names.size());
  std::unordered_map<std::int64_t, std::set<int>> tags_of;
  for (const lastfm::TagAssignment& assignment : data.tags.assignments) {
    Use& use = uses[static_cast<std::size_t>(assignment.tag)];
    ++use.assignments;
    use.artists.insert(assignment.artist_id);
    use.users.insert(assignment.user_id);
    tags_of[assignment.artist_id].insert(assignment.tag);
  }
  std::vector<float> per_artist;
  for (const lastfm::Artist& artist : data.artists) {
    const auto found = tags_of.find(artist.id);
    if (found != tags_of.end()) per_artist.push_back(static_cast<float>(found->second.size()));
  }
  std::vector<float> per_tag;
  for (const Use& use : uses) {
    if (use.assignments > 0) per_tag.push_back(static_cast<float>(use.assignments));
  }
  const auto tagged = std::ssize(per_artist);
  const auto artists = std::ssize(data.artists);
  page.section("Tags",
               counted(artists - tagged, "artist") + " of " + grouped(artists) + " (" +
                   percent(static_cast<double>(artists - tagged) / static_cast<double>(artists)) +
                   ") have no tag at all.");

  const Histogram artist_bins = doubling_bins(per_artist);
  const Histogram tag_bins = doubling_bins(per_tag);
  const auto once = std::ranges::count(per_tag, 1.0F);
  const std::string artist_caption =
      "The middle number of different tags of a tagged artist is " + middle_of(per_artist) + ".";
  const std::string tag_caption =
      counted(once, "tag") + " (" +
      percent(static_cast<double>(once) / static_cast<double>(per_tag.size())) +
      ") were given once only; the hundredth of the tags in widest use has " +
      percent(concentration_of(per_tag).of_top(0.01)) + " of all assignments.";
  page.figures(
      Width::kHalf,
      std::vector<Figure>{{"Different tags per artist",
                           histogram_chart({.title = "Histogram of different tags per artist",
                                            .description = artist_caption,
                                            .x = {.label = "tags", .log = true},
                                            .y = {.label = "artists"}},
                                           artist_bins),
                           artist_caption, table_of(artist_bins, "Artists")},
                          {"Uses of a tag",
                           histogram_chart({.title = "Histogram of assignments per tag",
                                            .description = tag_caption,
                                            .x = {.label = "assignments", .log = true},
                                            .y = {.label = "tags"}},
                                           tag_bins),
                           tag_caption, table_of(tag_bins, "Tags")}});

  std::vector<std::size_t> order(uses.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater(),
                           [&](std::size_t tag) { return uses[tag].assignments; });
  Table table{.columns = {{"Tag", false}, {"Assignments"}, {"Artists"}, {"Listeners"}}};
  for (std::size_t i = 0; i < std::min(kTop, order.size()); ++i) {
    const Use& use = uses[order[i]];
    table.rows.push_back({data.tags.names[order[i]], grouped(use.assignments),
                          grouped(std::ssize(use.artists)), grouped(std::ssize(use.users))});
  }
  page.table("The tags in widest use", table);
}

}  // namespace mrec::report
