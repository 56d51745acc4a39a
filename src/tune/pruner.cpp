#include "tune/pruner.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

namespace mrec {
namespace {

// The value that counts as that of a rung: of the first report at its step or behind.
std::optional<double> value_at(const Trial& trial, int rung) {
  const auto report = trial.intermediate.lower_bound(rung);
  if (report == trial.intermediate.end()) return std::nullopt;
  return report->second;
}

// Small is good, NaN is worst.
double badness(double value, bool maximize) {
  if (std::isnan(value)) return std::numeric_limits<double>::infinity();
  return maximize ? -value : value;
}

// With linear interpolation, as numpy.
double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t n = values.size();
  return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

bool median_prunes(const PrunerParams& params, bool maximize, std::span<const Trial> trials,
                   const Trial& trial) {
  const int step = trial.intermediate.rbegin()->first;
  if (step < params.warmup) return false;
  // Only the first report of each interval.
  const int begin = (step - params.warmup) / params.interval * params.interval + params.warmup;
  if (trial.intermediate.size() > 1 && std::next(trial.intermediate.rbegin())->first >= begin) {
    return false;
  }
  int num_complete = 0;
  std::vector<double> others;
  for (const Trial& one : trials) {
    if (one.state != TrialState::kComplete || one.number == trial.number) continue;
    ++num_complete;
    const auto report = one.intermediate.find(step);
    if (report != one.intermediate.end() && !std::isnan(report->second)) {
      others.push_back(badness(report->second, maximize));
    }
  }
  if (num_complete < std::max(1, params.num_startup) || others.empty()) return false;
  double best = std::numeric_limits<double>::infinity();
  for (const auto& [at, value] : trial.intermediate)
    best = std::min(best, badness(value, maximize));
  return best > median(std::move(others));
}

bool asha_stops(const PrunerParams& params, bool maximize, std::span<const Trial> trials,
                const Trial& trial) {
  const auto [step, value] = *trial.intermediate.rbegin();
  const int before =
      trial.intermediate.size() > 1 ? std::next(trial.intermediate.rbegin())->first : 0;
  for (const int rung : rungs(params, std::numeric_limits<int>::max())) {
    if (rung > step) break;
    if (rung <= before) continue;
    if (std::isnan(value)) return true;
    const double mine = badness(value, maximize);
    std::size_t size = 1;  // with this trial
    std::size_t better = 0;
    for (const Trial& one : trials) {
      if (one.number == trial.number) continue;
      const auto other = value_at(one, rung);
      if (!other) continue;
      ++size;
      better += badness(*other, maximize) < mine ? 1 : 0;
    }
    const std::size_t survive =
        std::max<std::size_t>(1, size / static_cast<std::size_t>(params.eta));
    if (better >= survive) return true;
  }
  return false;
}

bool wilcoxon_prunes(const PrunerParams& params, bool maximize, std::span<const Trial> trials,
                     const Trial& trial) {
  const Trial* best = nullptr;
  for (const Trial& one : trials) {
    if (one.state != TrialState::kComplete || one.number == trial.number) continue;
    if (best == nullptr || badness(one.value, maximize) < badness(best->value, maximize)) {
      best = &one;
    }
  }
  if (best == nullptr) return false;
  std::vector<double> differences;  // above 0: worse
  double sum = 0;
  for (const auto& [block, value] : trial.intermediate) {
    if (std::isnan(value)) return true;
    const auto there = best->intermediate.find(block);
    if (there == best->intermediate.end() || std::isnan(there->second)) continue;
    differences.push_back(maximize ? there->second - value : value - there->second);
    sum += differences.back();
  }
  if (differences.size() < 2 || sum <= 0) return false;
  return signed_rank_p(differences) < params.p_value;
}

// The probability that the ranks of the positive signs sum to `sum` or more, each sign of n being
// + or - by a fair coin: all sums by their number of ways.
double exact_p(std::size_t n, double sum) {
  std::vector<double> ways{1};
  for (std::size_t rank = 1; rank <= n; ++rank) {
    std::vector<double> next(ways.size() + rank);
    for (std::size_t s = 0; s < ways.size(); ++s) {
      next[s] += ways[s] / 2;
      next[s + rank] += ways[s] / 2;
    }
    ways = std::move(next);
  }
  const auto first = static_cast<std::ptrdiff_t>(std::llround(sum));
  return std::accumulate(ways.begin() + first, ways.end(), 0.0);
}

}  // namespace

Fields PrunerParams::fields() {
  return {
      {.name = "pruner",
       .value = &pruner,
       .help = "how bad trials are given up: never, below the median, by successive halving that "
               "pauses and goes on with the best, by one that stops the others, by a test over "
               "blocks of users",
       .choices = {"none", "median", "asha", "asha-stop", "wilcoxon"}},
      {.name = "pruner_startup",
       .value = &num_startup,
       .help = "median: complete trials before anything is given up",
       .min = 0},
      {.name = "pruner_warmup",
       .value = &warmup,
       .help = "median: first epoch after which a trial may be given up",
       .min = 0},
      {.name = "pruner_interval",
       .value = &interval,
       .help = "median: epochs between two looks",
       .min = 1},
      {.name = "min_resource",
       .value = &min_resource,
       .help = "asha: epochs of the first rung",
       .min = 1},
      {.name = "eta",
       .value = &eta,
       .help = "asha: one in so many goes on to a rung so many times as far",
       .min = 2},
      {.name = "pruner_p",
       .value = &p_value,
       .help = "wilcoxon: probability by chance below which a trial is given up",
       .min = 0,
       .max = 1},
  };
}

std::vector<int> rungs(const PrunerParams& params, int max_step) {
  std::vector<int> steps;
  for (std::int64_t step = params.min_resource; step < max_step; step *= params.eta) {
    steps.push_back(static_cast<int>(step));
  }
  steps.push_back(max_step);
  return steps;
}

namespace {

struct Entry {
  double badness;
  std::int64_t number;
  const Trial* trial;
  auto operator<=>(const Entry&) const = default;
};

// Those that have come to a rung, the best first, of equal ones the earlier.
std::vector<Entry> entries_of(std::span<const Trial> trials, int rung, bool maximize) {
  std::vector<Entry> entries;
  for (const Trial& trial : trials) {
    const auto value = value_at(trial, rung);
    if (value) entries.push_back({badness(*value, maximize), trial.number, &trial});
  }
  std::ranges::sort(entries);
  return entries;
}

// Paused in [rung, next), so not further up, and worth something.
bool waits_at(const Entry& entry, int rung, int next) {
  return entry.trial->state == TrialState::kRunning && entry.trial->paused_at >= rung &&
         entry.trial->paused_at < next && !std::isinf(entry.badness);
}

}  // namespace

bool should_prune(const PrunerParams& params, bool maximize, std::span<const Trial> trials,
                  const Trial& trial) {
  if (trial.intermediate.empty()) return false;
  if (params.pruner == "median") return median_prunes(params, maximize, trials, trial);
  if (params.pruner == "asha-stop") return asha_stops(params, maximize, trials, trial);
  if (params.pruner == "wilcoxon") return wilcoxon_prunes(params, maximize, trials, trial);
  return false;
}

std::optional<Promotion> next_promotion(const PrunerParams& params, bool maximize,
                                        std::span<const Trial> trials, int max_step) {
  const std::vector<int> steps = rungs(params, max_step);
  for (std::size_t r = steps.size() - 1; r-- > 0;) {
    std::vector<Entry> rung = entries_of(trials, steps[r], maximize);
    rung.resize(rung.size() / static_cast<std::size_t>(params.eta));
    for (const Entry& entry : rung) {
      if (!waits_at(entry, steps[r], steps[r + 1])) continue;
      return Promotion{entry.number, entry.trial->paused_at, steps[r + 1]};
    }
  }
  return std::nullopt;
}

bool may_be_promoted(const PrunerParams& params, bool maximize, std::span<const Trial> trials,
                     const Trial& trial, int max_step, std::int64_t num_trials) {
  const std::vector<int> steps = rungs(params, max_step);
  bool is_highest = true;
  for (std::size_t r = steps.size() - 1; r-- > 0;) {
    const std::vector<Entry> rung = entries_of(trials, steps[r], maximize);
    const auto place = std::ranges::find(rung, trial.number, &Entry::number);
    if (place == rung.end()) {
      is_highest = is_highest && rung.empty();
      continue;
    }
    if (!waits_at(*place, steps[r], steps[r + 1])) return false;
    std::int64_t full = num_trials;
    for (std::size_t below = 0; below < r; ++below) full /= params.eta;
    full = std::max(full, std::ssize(rung));
    const std::int64_t before = place - rung.begin();
    return before < full / params.eta || (is_highest && before == 0);
  }
  return false;
}

std::optional<Promotion> last_promotion(const PrunerParams& params, bool maximize,
                                        std::span<const Trial> trials, int max_step) {
  const std::vector<int> steps = rungs(params, max_step);
  for (std::size_t r = steps.size() - 1; r-- > 0;) {
    for (const Entry& entry : entries_of(trials, steps[r], maximize)) {
      if (!waits_at(entry, steps[r], steps[r + 1])) continue;
      return Promotion{entry.number, entry.trial->paused_at, steps[r + 1]};
    }
  }
  return std::nullopt;
}

double signed_rank_p(std::span<const double> differences) {
  constexpr std::size_t kMostExact = 50;
  const std::size_t n = differences.size();
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto size = [&](std::size_t i) { return std::abs(differences[i]); };
  std::ranges::sort(order, {}, size);
  double above = 0;  // sum of the ranks of differences above 0
  double tied = 0;   // sum of t^3 - t over ties of t
  bool plain = true;
  for (std::size_t first = 0; first < n;) {
    std::size_t last = first;
    while (last < n && size(order[last]) == size(order[first])) ++last;
    const double rank = static_cast<double>(first + 1 + last) / 2;  // the mean, from 1
    const auto count = static_cast<double>(last - first);
    if (last - first > 1 || size(order[first]) == 0) plain = false;
    tied += count * (count * count - 1);
    for (std::size_t i = first; i < last; ++i) {
      const double difference = differences[order[i]];
      above += difference > 0 ? rank : difference == 0 ? rank / 2 : 0;
    }
    first = last;
  }
  if (plain && n <= kMostExact) return exact_p(n, above);
  const auto count = static_cast<double>(n);
  const double mean = count * (count + 1) / 4;
  const double variance = (count * (count + 1) * (2 * count + 1) - tied / 2) / 24;
  if (!(variance > 0)) return 1;
  return 0.5 * std::erfc((above - mean) / std::sqrt(variance) / std::numbers::sqrt2);
}

}  // namespace mrec
