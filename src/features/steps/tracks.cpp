#include "features/steps/tracks.h"

#include <array>
#include <optional>
#include <string_view>

namespace mrec::features {
namespace {

using spotify::Column;

// Quantiles by the names that a pipeline file gives them.
constexpr std::array<std::pair<std::string_view, double>, 5> kQuantiles{
    {{"q10", 0.1}, {"q25", 0.25}, {"median", 0.5}, {"q75", 0.75}, {"q90", 0.9}}};

// NaN when it is the name of no quantile.
double quantile_of(std::string_view statistic) {
  for (const auto& [name, q] : kQuantiles) {
    if (name == statistic) return q;
  }
  return kMissing;
}

std::vector<std::string> column_names() {
  std::vector<std::string> names;
  for (std::size_t c = 0; c < spotify::kNumColumns; ++c) {
    names.emplace_back(spotify::column_name(static_cast<Column>(c)));
  }
  return names;
}

bool is_flag(Column column) { return column == Column::kExplicit || column == Column::kMode; }

// Fills a new column with f(artist's tracks).
template <typename Value>
void add_column(Table& table, const Knowledge& knowledge, const std::string& name, Value value) {
  std::vector<float>& column = table.add(name);
  for (int artist = 0; artist < table.num_artists; ++artist) {
    column[static_cast<std::size_t>(artist)] =
        static_cast<float>(value(knowledge.tracks.of(artist)));
  }
}

template <std::size_t N>
void add_shares(Table& table, const Knowledge& knowledge,
                const std::array<int, N> ArtistTracks::*counts,
                const std::function<std::string(int)>& name_of) {
  std::array<std::vector<float>*, N> columns;
  for (std::size_t i = 0; i < N; ++i) columns[i] = &table.add(name_of(static_cast<int>(i)));
  for (int artist = 0; artist < table.num_artists; ++artist) {
    const ArtistTracks tracks = knowledge.tracks.of(artist);
    double sum = 0;
    for (const int count : tracks.*counts) sum += count;
    if (sum == 0) continue;
    for (std::size_t i = 0; i < N; ++i) {
      (*columns[i])[static_cast<std::size_t>(artist)] =
          static_cast<float>((tracks.*counts)[i] / sum);
    }
  }
}

float share_of(const Knowledge& knowledge, int artist, Column column) {
  return knowledge.tracks.of(artist).statistics(column, TrackRule::kAll, 0).mean;
}

// A column to be filled with a statistic.
struct Target {
  Column column;
  std::string_view statistic;
  std::vector<float>* values;
};

// `sample` may be null when the statistic is no quantile.
float value_of(const Target& target, const ArtistTracks& tracks, const SortedSample* sample,
               TrackRule rule, float popularity) {
  const ColumnSummary summary = tracks.column(target.column);
  if (target.statistic == "min") return summary.min;
  if (target.statistic == "max") return summary.max;
  if (target.statistic == "count") return static_cast<float>(summary.count);
  const double q = quantile_of(target.statistic);
  if (q > 0) return sample->quantile(target.column, q);
  const Statistics found = tracks.statistics(target.column, rule, popularity);
  if (target.statistic == "std") return found.deviation;
  const bool majority = is_flag(target.column) && !std::isnan(found.mean);
  return majority ? (found.mean >= 0.5F ? 1.0F : 0.0F) : found.mean;
}

}  // namespace

std::vector<float> assumed_popularity(const Knowledge& knowledge) {
  std::vector<float> popularity(knowledge.listeners.size());
  if (popularity.empty()) return popularity;
  const auto [least, most] = std::ranges::minmax(knowledge.listeners);
  for (std::size_t artist = 0; artist < popularity.size(); ++artist) {
    const auto above = static_cast<float>(knowledge.listeners[artist] - least);
    popularity[artist] = most > least ? 100 * above / static_cast<float>(most - least) : 0;
  }
  return popularity;
}

Fields TrackStatistics::fields() {
  std::vector<std::string> statistics{"mean", "std", "min", "max", "count"};
  for (const auto& [name, q] : kQuantiles) statistics.emplace_back(name);
  return {{.name = "tracks",
           .value = &tracks_,
           .help = "what stands for an artist: all its tracks, all weighted by 1 + popularity, or "
                   "the most popular one. Where popularity is missing, listeners decide. min, max, "
                   "count and quantiles are those of all tracks",
           .choices = {"all", "weighted", "popular"}},
          {.name = "statistics",
           .value = &statistics_,
           .help = "which ones",
           .choices = std::move(statistics),
           .required = true},
          {.name = "columns",
           .value = &columns_,
           .help = "of which columns; none: all but popularity",
           .choices = column_names()},
          {.name = "max_missing",
           .value = &max_missing_,
           .help = "columns of which a larger share is missing are left out",
           .min = 0,
           .max = 1}};
}

Wanted TrackStatistics::wanted() const {
  return {.popularity = tracks_ != "all",
          .sample = std::ranges::any_of(
              statistics_, [](const std::string& name) { return quantile_of(name) > 0; })};
}

void TrackStatistics::apply(Table& table, const Knowledge& knowledge) const {
  const TrackRule rule = tracks_ == "popular"    ? TrackRule::kPopular
                         : tracks_ == "weighted" ? TrackRule::kWeighted
                                                 : TrackRule::kAll;
  const std::array<double, spotify::kNumColumns> missing = knowledge.tracks.missing();
  std::vector<Target> targets;
  for (std::size_t c = 0; c < spotify::kNumColumns; ++c) {
    const auto column = static_cast<Column>(c);
    const std::string name(spotify::column_name(column));
    const bool wanted = columns_.empty() ? column != Column::kPopularity
                                         : std::ranges::find(columns_, name) != columns_.end();
    if (!wanted || missing[c] > max_missing_) continue;
    for (const std::string& statistic : statistics_) {
      if (is_flag(column) && statistic != "mean") continue;
      targets.push_back(
          {column, statistic, &table.add(statistic == "mean" ? name : name + "_" + statistic)});
    }
  }
  const std::vector<float> popularity = assumed_popularity(knowledge);
  for (int artist = 0; artist < table.num_artists; ++artist) {
    const auto a = static_cast<std::size_t>(artist);
    const ArtistTracks tracks = knowledge.tracks.of(artist);
    std::optional<SortedSample> sample;
    if (wanted().sample) sample.emplace(tracks);
    for (const Target& target : targets) {
      (*target.values)[a] =
          value_of(target, tracks, sample ? &*sample : nullptr, rule, popularity[a]);
    }
  }
  // A deviation that is 0 throughout tells nothing.
  for (const Target& target : targets) {
    const auto tells = [](float deviation) { return deviation > 0; };
    if (target.statistic == "std" && std::ranges::none_of(*target.values, tells)) {
      table.numbers.erase(std::string(spotify::column_name(target.column)) + "_std");
    }
  }
}

void Key::apply(Table& table, const Knowledge& knowledge) const {
  if (encoding_ == "categorical") {
    add_shares(table, knowledge, &ArtistTracks::keys,
               [](int key) { return "key_" + std::to_string(key); });
    return;
  }
  for (const bool sine : {true, false}) {
    add_column(table, knowledge, sine ? "key_sin" : "key_cos", [sine](const ArtistTracks& tracks) {
      double sum = 0;
      double count = 0;
      for (int key = 0; key < kNumKeys; ++key) {
        const double angle = 2 * std::numbers::pi * key / kNumKeys;
        const double times = tracks.keys[static_cast<std::size_t>(key)];
        sum += times * (sine ? std::sin(angle) : std::cos(angle));
        count += times;
      }
      return count > 0 ? sum / count : static_cast<double>(kMissing);
    });
  }
}

void Mode::apply(Table& table, const Knowledge& knowledge) const {
  std::vector<float>& major = table.add("mode_major");
  std::vector<float>& minor = table.add("mode_minor");
  for (int artist = 0; artist < table.num_artists; ++artist) {
    const auto a = static_cast<std::size_t>(artist);
    major[a] = share_of(knowledge, artist, Column::kMode);
    minor[a] = 1 - major[a];
  }
}

void Decade::apply(Table& table, const Knowledge& knowledge) const {
  add_shares(table, knowledge, &ArtistTracks::decades,
             [](int i) { return "decade_" + std::to_string(kFirstDecade + 10 * i); });
}

void ExplicitShare::apply(Table& table, const Knowledge& knowledge) const {
  std::vector<float>& share = table.add("explicit_share");
  for (int artist = 0; artist < table.num_artists; ++artist) {
    share[static_cast<std::size_t>(artist)] = share_of(knowledge, artist, Column::kExplicit);
  }
}

void NumTracks::apply(Table& table, const Knowledge& knowledge) const {
  add_column(table, knowledge, "num_tracks", [](const ArtistTracks& t) { return t.tracks; });
  add_column(table, knowledge, "has_tracks",
             [](const ArtistTracks& t) { return t.tracks > 0 ? 1 : 0; });
}

void Listeners::apply(Table& table, const Knowledge& knowledge) const {
  std::ranges::transform(knowledge.listeners, table.add("listeners").begin(),
                         [](int count) { return static_cast<float>(count); });
}

}  // namespace mrec::features
