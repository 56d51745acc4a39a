#include "eval/breakdown.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

namespace mrec {
namespace {

constexpr int kGroups = 10;
constexpr double kNormal95 = 1.96;

// The artists of the `at`-th evaluated user's list of the task's first k.
std::span<const int> list_of(const EvalTask& task, const UserValues& values, std::size_t at) {
  const std::size_t longest = values.lists.size() / values.users.size();
  const auto list =
      std::span(values.lists).subspan(at * longest, static_cast<std::size_t>(task.ks.front()));
  return list.first(static_cast<std::size_t>(std::ranges::find(list, -1) - list.begin()));
}

std::size_t column_of(const EvalTask& task, const std::string& metric) {
  const std::vector<Column> titles = columns(task);
  return static_cast<std::size_t>(std::ranges::find_if(titles,
                                                       [&](const Column& title) {
                                                         return title.metric == metric &&
                                                                title.k == task.ks.front();
                                                       }) -
                                  titles.begin());
}

// Numbers of the groups [artists]: 0 for those without listeners, then 1 to 10.
std::vector<int> groups_of(const std::vector<float>& listeners) {
  std::vector<int> order(listeners.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {},
                           [&](int a) { return listeners[static_cast<std::size_t>(a)]; });
  const double total = std::accumulate(listeners.begin(), listeners.end(), 0.0);
  std::vector<int> groups(listeners.size());
  double before = 0;
  for (const int artist : order) {
    const auto a = static_cast<std::size_t>(artist);
    if (listeners[a] == 0) continue;
    groups[a] = 1 + std::min(kGroups - 1, static_cast<int>(kGroups * before / total));
    before += static_cast<double>(listeners[a]);
  }
  return groups;
}

}  // namespace

std::vector<Group> by_activity(const EvalTask& task, const UserValues& values,
                               const std::vector<double>& plays) {
  const std::size_t num_users = values.users.size();
  std::vector<std::size_t> order(num_users);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(
      order, {}, [&](std::size_t at) { return plays[static_cast<std::size_t>(values.users[at])]; });
  const std::size_t num_columns = columns(task).size();
  const std::size_t column = column_of(task, "ndcg");
  std::vector<Group> groups;
  for (std::size_t g = 0; g < kGroups; ++g) {
    const std::size_t begin = num_users * g / kGroups;
    const std::size_t end = num_users * (g + 1) / kGroups;
    double sum = 0;
    double squares = 0;
    for (std::size_t i = begin; i < end; ++i) {
      const double value = values.values[order[i] * num_columns + column];
      sum += value;
      squares += value * value;
    }
    const auto n = static_cast<double>(std::max<std::size_t>(1, end - begin));
    const double mean = sum / n;
    const double variance = n > 1 ? std::max(0.0, squares - n * mean * mean) / (n - 1) : 0;
    const double margin = kNormal95 * std::sqrt(variance / n);
    groups.push_back({.name = std::to_string(g + 1),
                      .size = static_cast<int>(end - begin),
                      .value = mean,
                      .low = mean - margin,
                      .high = mean + margin});
  }
  return groups;
}

std::vector<Group> by_popularity(const EvalTask& task, const UserValues& values) {
  const std::vector<int> group_of = groups_of(task.facts->listeners);
  struct Sums {
    double hits = 0, pairs = 0;  // over all users
    double hits_squared = 0, pairs_squared = 0, products = 0;
  };
  std::vector<Sums> sums(kGroups + 1);
  for (std::size_t at = 0; at < values.users.size(); ++at) {
    const auto list = list_of(task, values, at);
    std::vector<double> hits(sums.size());
    std::vector<double> pairs(sums.size());
    for (const int artist : artists_of(task.held_out, values.users[at])) {
      const auto g = static_cast<std::size_t>(group_of[static_cast<std::size_t>(artist)]);
      pairs[g] += 1;
      if (std::ranges::find(list, artist) != list.end()) hits[g] += 1;
    }
    for (std::size_t g = 0; g < sums.size(); ++g) {
      sums[g].hits += hits[g];
      sums[g].pairs += pairs[g];
      sums[g].hits_squared += hits[g] * hits[g];
      sums[g].pairs_squared += pairs[g] * pairs[g];
      sums[g].products += hits[g] * pairs[g];
    }
  }
  std::vector<Group> groups;
  for (std::size_t g = 0; g < sums.size(); ++g) {
    const Sums& s = sums[g];
    if (g == 0 && s.pairs == 0) continue;  // no new artists
    const double pairs = std::max(1.0, s.pairs);
    const double ratio = s.hits / pairs;
    // The standard error of a ratio of sums over users, by linearization.
    const double squares =
        s.hits_squared - 2 * ratio * s.products + ratio * ratio * s.pairs_squared;
    const double margin = kNormal95 * std::sqrt(std::max(0.0, squares)) / pairs;
    groups.push_back({.name = g == 0 ? "new" : std::to_string(g),
                      .size = static_cast<int>(s.pairs),
                      .value = ratio,
                      .low = std::max(0.0, ratio - margin),
                      .high = std::min(1.0, ratio + margin)});
  }
  return groups;
}

GenreMeans genre_means(const EvalTask& task, const UserValues& values) {
  const auto num_genres = static_cast<std::size_t>(task.facts->genres.cols());
  GenreMeans means{.history = std::vector<double>(num_genres),
                   .list = std::vector<double>(num_genres)};
  double count = 0;
  for (std::size_t at = 0; at < values.users.size(); ++at) {
    const auto heard = genre_shares(*task.facts, artists_of(*task.history, values.users[at]));
    const auto listed = genre_shares(*task.facts, list_of(task, values, at));
    const auto sum = [](const std::vector<double>& shares) {
      return std::accumulate(shares.begin(), shares.end(), 0.0);
    };
    if (sum(heard) == 0 || sum(listed) == 0) continue;
    for (std::size_t g = 0; g < num_genres; ++g) {
      means.history[g] += heard[g];
      means.list[g] += listed[g];
    }
    count += 1;
  }
  for (std::size_t g = 0; g < num_genres; ++g) {
    means.history[g] /= std::max(1.0, count);
    means.list[g] /= std::max(1.0, count);
  }
  return means;
}

}  // namespace mrec
