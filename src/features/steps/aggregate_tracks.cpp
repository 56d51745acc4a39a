#include "features/steps/aggregate_tracks.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

namespace mrec::features {
namespace {

struct Statistics {
  float mean = kMissing;
  float deviation = kMissing;  // 0 for a single value
};

Statistics statistics_of(const std::vector<float>& column, std::span<const std::size_t> rows) {
  double sum = 0;
  double squares = 0;
  int count = 0;
  for (const std::size_t row : rows) {
    if (std::isnan(column[row])) continue;
    sum += column[row];
    ++count;
  }
  if (count == 0) return {};
  const double mean = sum / count;
  for (const std::size_t row : rows) {
    if (!std::isnan(column[row])) squares += (column[row] - mean) * (column[row] - mean);
  }
  return {static_cast<float>(mean), static_cast<float>(std::sqrt(squares / count))};
}

// The rows of the most popular track, or of all that are equally popular; all rows where no
// popularity is known. So the order of the files decides nothing.
std::vector<std::size_t> popular_rows(const std::vector<float>& popularity,
                                      std::span<const std::size_t> rows) {
  float most = -1;
  for (const std::size_t row : rows) most = std::fmax(most, popularity[row]);
  std::vector<std::size_t> best;
  for (const std::size_t row : rows) {
    if (popularity[row] == most || most < 0) best.push_back(row);
  }
  return best;
}

}  // namespace

bool is_indicator(const std::vector<float>& column) {
  return std::ranges::all_of(
      column, [](float value) { return std::isnan(value) || value == 0 || value == 1; });
}

void AggregateTracks::operator()(Table& table) const {
  const std::vector<float> popularity = table.number("popularity", "impute_popularity");
  table.numbers.erase("popularity");

  // Rows of one artist one behind the other.
  std::vector<std::size_t> order(table.rows());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t row) { return table.artist[row]; });

  Table artists;
  for (std::size_t first = 0; first < order.size();) {
    const int artist = table.artist[order[first]];
    std::size_t last = first;
    while (last < order.size() && table.artist[order[last]] == artist) ++last;
    const auto all = std::span(order).subspan(first, last - first);
    first = last;

    artists.artist.push_back(artist);
    const std::vector<std::size_t> rows = rule == TrackRule::kPopular
                                              ? popular_rows(popularity, all)
                                              : std::vector(all.begin(), all.end());
    for (const auto& [name, column] : table.numbers) {
      const Statistics statistics = statistics_of(column, rows);
      artists.numbers[name].push_back(statistics.mean);
      if (rule == TrackRule::kStatistics) {
        artists.numbers[name + "_std"].push_back(statistics.deviation);
      }
    }
    if (rule == TrackRule::kStatistics) {
      const auto tracks = std::ranges::count_if(all, [&](std::size_t row) {
        return table.numbers.contains("has_tracks") && table.numbers["has_tracks"][row] == 1;
      });
      artists.numbers["num_tracks"].push_back(static_cast<float>(tracks));
    }
  }
  for (const auto& [name, column] : table.numbers) {
    if (!is_indicator(column)) continue;
    for (float& value : artists.numbers[name]) {
      if (!std::isnan(value)) value = value >= 0.5F ? 1 : 0;
    }
    artists.numbers.erase(name + "_std");
  }
  // A deviation that is 0 throughout (of listeners, which belong to the artist) tells nothing.
  std::erase_if(artists.numbers, [](const auto& named) {
    return named.first.ends_with("_std") &&
           std::ranges::none_of(named.second, [](float value) { return value > 0; });
  });
  table = std::move(artists);
}

}  // namespace mrec::features
