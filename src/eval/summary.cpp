#include "eval/summary.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/random.h"
#include "eval/metrics.h"

namespace mrec {
namespace {

constexpr int kResamples = 1000;
constexpr int kSignRounds = 10'000;
constexpr std::uint64_t kBootstrap = 0x626F6F7473747261;  // what the random numbers are for
constexpr std::uint64_t kSigns = 0x7369676E73;

double quantile(std::vector<double>& values, double share) {
  const auto at = std::min(static_cast<std::size_t>(share * static_cast<double>(values.size())),
                           values.size() - 1);
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(at));
  return values[at];
}

struct Interval {
  double low = 0;
  double high = 0;
};

// [columns] intervals of the means of the columns of `values` [users x columns], of what is defined
// in them.
std::vector<Interval> bootstrap(std::span<const double> values, std::size_t num_columns) {
  const std::size_t num_users = values.size() / num_columns;
  std::vector<std::vector<double>> means(num_columns);
  std::vector<int> times(num_users);
  std::vector<double> sums(num_columns);
  std::vector<double> counts(num_columns);
  for (std::uint64_t round = 0; round < kResamples; ++round) {
    Rng rng(1, kBootstrap, round);
    std::ranges::fill(times, 0);
    for (std::size_t draw = 0; draw < num_users; ++draw) {
      ++times[rng.below(static_cast<std::uint32_t>(num_users))];
    }
    std::ranges::fill(sums, 0);
    std::ranges::fill(counts, 0);
    for (std::size_t user = 0; user < num_users; ++user) {
      if (times[user] == 0) continue;
      for (std::size_t column = 0; column < num_columns; ++column) {
        const double value = values[user * num_columns + column];
        if (std::isnan(value)) continue;
        sums[column] += times[user] * value;
        counts[column] += times[user];
      }
    }
    for (std::size_t column = 0; column < num_columns; ++column) {
      if (counts[column] > 0) means[column].push_back(sums[column] / counts[column]);
    }
  }
  std::vector<Interval> intervals(num_columns);
  for (std::size_t column = 0; column < num_columns; ++column) {
    if (means[column].empty()) continue;
    intervals[column] = {quantile(means[column], 0.025), quantile(means[column], 0.975)};
  }
  return intervals;
}

Summary mean_of(const Column& title, std::span<const double> values, std::size_t num_columns,
                std::size_t column) {
  double sum = 0;
  double count = 0;
  for (std::size_t at = column; at < values.size(); at += num_columns) {
    if (std::isnan(values[at])) continue;
    sum += values[at];
    count += 1;
  }
  const double mean = sum / count;
  double squares = 0;
  for (std::size_t at = column; at < values.size(); at += num_columns) {
    if (!std::isnan(values[at])) squares += (values[at] - mean) * (values[at] - mean);
  }
  return {.metric = title.metric,
          .k = title.k,
          .mean = mean,
          .standard_error = count > 1 ? std::sqrt(squares / (count - 1) / count) : 0,
          .num_users = static_cast<int>(count)};
}

// Two-sided: how often the mean of the differences with random signs is as far from 0.
double sign_p_value(const std::vector<double>& differences) {
  const double seen = std::abs(std::accumulate(differences.begin(), differences.end(), 0.0));
  int as_far = 0;
  for (std::uint64_t round = 0; round < kSignRounds; ++round) {
    Rng rng(1, kSigns, round);
    double sum = 0;
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < differences.size(); ++i) {
      if (i % 64 == 0) bits = rng.next();
      sum += (bits & 1) == 0 ? differences[i] : -differences[i];
      bits >>= 1;
    }
    if (std::abs(sum) >= seen * (1 - 1e-12)) ++as_far;
  }
  return (1.0 + as_far) / (1.0 + kSignRounds);
}

// The k-th smallest of m p-values is multiplied by m - k + 1, and none is below a smaller one.
void adjust(std::vector<Comparison>& comparisons) {
  std::vector<std::size_t> order(comparisons.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return comparisons[i].p_value; });
  double least = 0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    Comparison& one = comparisons[order[k]];
    least = std::max(least, one.p_value * static_cast<double>(order.size() - k));
    one.adjusted_p = std::min(1.0, least);
  }
}

Comparison compare_by(const Column& title, std::size_t column, std::size_t num_columns,
                      const Contender& first, const Contender& second) {
  std::vector<double> differences;
  for (std::size_t at = column; at < first.values.values.size(); at += num_columns) {
    const double difference = first.values.values[at] - second.values.values[at];
    if (!std::isnan(difference)) differences.push_back(difference);
  }
  Comparison result{.metric = title.label(), .first = first.name, .second = second.name};
  if (differences.empty()) return result;
  result.difference = std::accumulate(differences.begin(), differences.end(), 0.0) /
                      static_cast<double>(differences.size());
  const Interval interval = bootstrap(differences, 1).front();
  result.low = interval.low;
  result.high = interval.high;
  result.p_value = sign_p_value(differences);
  return result;
}

bool is_accuracy(const std::string& metric) {
  return metric == "auc" || std::ranges::any_of(ranking_metrics(), [&](const RankingMetric& one) {
           return metric == one.name;
         });
}

Summary whole(const char* metric, int k, double value, std::size_t num_users) {
  return {.metric = metric,
          .k = k,
          .mean = value,
          .standard_error = 0,
          .low = value,
          .high = value,
          .num_users = static_cast<int>(num_users)};
}

}  // namespace

std::string Summary::label() const { return Column{metric, k}.label(); }

Report summarize(const std::string& name, const EvalTask& task, const UserValues& values) {
  const std::vector<Column> titles = columns(task);
  const std::vector<Interval> intervals = bootstrap(values.values, titles.size());
  Report report{.name = name, .num_users = static_cast<int>(values.users.size()), .summaries = {}};
  for (std::size_t column = 0; column < titles.size(); ++column) {
    Summary summary = mean_of(titles[column], values.values, titles.size(), column);
    summary.low = intervals[column].low;
    summary.high = intervals[column].high;
    report.summaries.push_back(summary);

    const int k = titles[column].k;
    const bool is_last_of_k = column + 1 == titles.size() || titles[column + 1].k != k;
    if (k == 0 || !is_last_of_k || task.num_sampled > 0) continue;
    const std::vector<float> shown = exposure(task, values, k);
    const auto covered = std::ranges::count_if(shown, [](float count) { return count > 0; });
    report.summaries.push_back(
        whole("coverage", k, static_cast<double>(covered) / static_cast<double>(shown.size()),
              values.users.size()));
    report.summaries.push_back(whole("gini", k, gini(shown), values.users.size()));
  }
  return report;
}

const Summary& Report::at(const std::string& metric, int k) const {
  for (const Summary& summary : summaries) {
    if (summary.metric == metric && summary.k == k) return summary;
  }
  throw Error("the report has no " + metric + "@" + std::to_string(k));
}

std::vector<Comparison> compare(std::span<const Contender> contenders, int num_models,
                                const EvalTask& task) {
  const std::vector<Column> titles = columns(task);
  std::vector<Comparison> comparisons;
  for (std::size_t column = 0; column < titles.size(); ++column) {
    const Column& title = titles[column];
    if (!is_accuracy(title.metric) || (title.k != 0 && title.k != task.ks.front())) continue;
    for (std::size_t i = 0; i < static_cast<std::size_t>(num_models); ++i) {
      for (std::size_t j = i + 1; j < contenders.size(); ++j) {
        if (j >= static_cast<std::size_t>(num_models) && title.metric != "ndcg") continue;
        comparisons.push_back(
            compare_by(title, column, titles.size(), contenders[i], contenders[j]));
      }
    }
  }
  adjust(comparisons);
  return comparisons;
}

std::vector<float> exposure(const EvalTask& task, const UserValues& values, int k) {
  std::vector<float> counts(static_cast<std::size_t>(task.held_out.cols()));
  if (values.users.empty()) return counts;
  const std::size_t longest = values.lists.size() / values.users.size();
  for (std::size_t at = 0; at < values.lists.size(); ++at) {
    const int artist = values.lists[at];
    if (artist >= 0 && at % longest < static_cast<std::size_t>(k)) {
      ++counts[static_cast<std::size_t>(artist)];
    }
  }
  return counts;
}

}  // namespace mrec
