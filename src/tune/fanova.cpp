#include "tune/fanova.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/random.h"

namespace mrec {
namespace {

constexpr std::size_t kTrees = 64;
constexpr std::size_t kFewest = 4;
constexpr std::size_t kMostRows = 1000;  // of a tree
constexpr std::size_t kMostChoices = 64;

}  // namespace

double unit_place(const Distribution& distribution, double value) {
  const auto scaled = [&](double x) { return distribution.log ? std::log(x) : x; };
  const double low = scaled(distribution.low - distribution.step / 2);
  const double high = scaled(distribution.high + distribution.step / 2);
  return high > low ? std::clamp((scaled(value) - low) / (high - low), 0.0, 1.0) : 0.5;
}

struct Forest::Sample {
  std::vector<std::vector<double>> places;  // [params][trials]
  std::vector<double> values;               // [trials]
};

// Numbers below `at`, or the choice `at`, go to the left.
struct Forest::Split {
  std::size_t param = 0;
  double at = 0;
  double gain = 0;  // of the squared error; 0: none
};

Forest::Forest(const Space& space, std::span<const Trial> trials) {
  Sample sample{.places = std::vector<std::vector<double>>(space.size()), .values = {}};
  std::vector<Side> all(space.size());
  for (std::size_t p = 0; p < space.size(); ++p) {
    const Distribution& distribution = space.params()[p].distribution;
    num_choices_.push_back(std::min(distribution.choices.size(), kMostChoices));
    all[p].choices = ~std::uint64_t{0};
  }
  for (const Trial& trial : trials) {
    if (trial.state != TrialState::kComplete || !std::isfinite(trial.value)) continue;
    sample.values.push_back(trial.value);
    for (std::size_t p = 0; p < space.size(); ++p) {
      const double value = trial.configuration[p];
      const auto last = static_cast<double>(kMostChoices - 1);  // holds all further choices
      double place = is_categorical(p) ? 0 : 0.5;
      if (!std::isnan(value)) {
        place = is_categorical(p) ? std::min(value, last)
                                  : unit_place(space.params()[p].distribution, value);
      }
      sample.places[p].push_back(place);
    }
  }
  const std::size_t num_trials = sample.values.size();
  const auto [low, high] = std::ranges::minmax_element(sample.values);
  if (num_trials < kFewest || *low == *high) return;
  std::vector<std::size_t> rows(std::min(num_trials, kMostRows));
  for (std::size_t t = 0; t < kTrees; ++t) {
    Rng rng(0x66616E6F7661ULL, t);
    for (std::size_t& row : rows) row = rng.below(static_cast<std::uint32_t>(num_trials));
    Tree tree;
    grow(sample, rows, all, tree);
    if (tree.size() > 1) trees_.push_back(std::move(tree));
  }
}

Forest::Split Forest::best_split(const Sample& sample, std::span<std::size_t> rows) const {
  Split best;
  const auto count = static_cast<double>(rows.size());
  double sum = 0;
  for (const std::size_t row : rows) sum += sample.values[row];
  // The gain of a division is what the squares of the sums of both sides, over their sizes, exceed
  // that of the whole by.
  const auto consider = [&](std::size_t param, double at, double left_sum, double left_count) {
    const double right_sum = sum - left_sum;
    const double right_count = count - left_count;
    const double gain =
        left_sum * left_sum / left_count + right_sum * right_sum / right_count - sum * sum / count;
    if (gain > best.gain) best = {.param = param, .at = at, .gain = gain};
  };
  for (std::size_t p = 0; p < num_choices_.size(); ++p) {
    const std::vector<double>& places = sample.places[p];
    if (is_categorical(p)) {
      std::vector<double> sums(num_choices_[p]);
      std::vector<double> counts(num_choices_[p]);
      for (const std::size_t row : rows) {
        sums[static_cast<std::size_t>(places[row])] += sample.values[row];
        ++counts[static_cast<std::size_t>(places[row])];
      }
      for (std::size_t c = 0; c < sums.size(); ++c) {
        if (counts[c] == 0 || counts[c] == count) continue;
        consider(p, static_cast<double>(c), sums[c], counts[c]);
      }
      continue;
    }
    std::ranges::sort(rows, {}, [&](std::size_t row) { return places[row]; });
    double left = 0;
    for (std::size_t n = 0; n + 1 < rows.size(); ++n) {
      left += sample.values[rows[n]];
      const double here = places[rows[n]];
      const double next = places[rows[n + 1]];
      if (here < next) consider(p, (here + next) / 2, left, static_cast<double>(n + 1));
    }
  }
  return best;
}

void Forest::grow(const Sample& sample, std::span<std::size_t> rows, const std::vector<Side>& box,
                  Tree& tree) const {
  double sum = 0;
  double squares = 0;
  for (const std::size_t row : rows) {
    sum += sample.values[row];
    squares += sample.values[row] * sample.values[row];
  }
  const Split split = rows.size() < 2 ? Split{} : best_split(sample, rows);
  // What rounding leaves is no gain.
  if (split.gain <= 1e-12 * squares) {
    Leaf leaf{.sides = box, .value = sum / static_cast<double>(rows.size())};
    for (std::size_t p = 0; p < box.size(); ++p) {
      Side& side = leaf.sides[p];
      side.share = side.high - side.low;
      if (is_categorical(p)) {
        std::size_t allowed = 0;
        for (std::size_t c = 0; c < num_choices_[p]; ++c) allowed += (side.choices >> c) & 1U;
        side.share = static_cast<double>(allowed) / static_cast<double>(num_choices_[p]);
      }
      leaf.volume *= side.share;
    }
    tree.push_back(std::move(leaf));
    return;
  }
  const std::vector<double>& places = sample.places[split.param];
  const bool by_choice = is_categorical(split.param);
  const auto right = std::ranges::partition(rows, [&](std::size_t row) {
    return by_choice ? places[row] == split.at : places[row] < split.at;
  });
  const auto num_left = static_cast<std::size_t>(right.begin() - rows.begin());
  std::vector<Side> part = box;
  Side& side = part[split.param];
  const Side whole = side;
  const std::uint64_t choice = std::uint64_t{1} << static_cast<unsigned>(by_choice ? split.at : 0);
  if (by_choice) {
    side.choices = choice;
  } else {
    side.high = split.at;
  }
  grow(sample, rows.first(num_left), part, tree);
  side = whole;
  if (by_choice) {
    side.choices &= ~choice;
  } else {
    side.low = split.at;
  }
  grow(sample, rows.subspan(num_left), part, tree);
}

bool Forest::holds(const Side& side, std::size_t param, double place) const {
  if (is_categorical(param)) {
    return ((side.choices >> static_cast<unsigned>(std::min(place, kMostChoices - 1.0))) & 1U) != 0;
  }
  return side.low <= place && (place < side.high || side.high == 1);
}

// Of the mean over all other parameters, along this one: pieces between the borders of leaves.
double Forest::variance_of(const Tree& tree, std::size_t param, double mean) const {
  std::vector<double> borders;  // of pieces; choices are pieces of equal width
  if (is_categorical(param)) {
    for (std::size_t c = 0; c <= num_choices_[param]; ++c) {
      borders.push_back(static_cast<double>(c) / static_cast<double>(num_choices_[param]));
    }
  } else {
    for (const Leaf& leaf : tree) borders.push_back(leaf.sides[param].low);
    borders.push_back(1);
    std::ranges::sort(borders);
    const auto doubles = std::ranges::unique(borders);
    borders.erase(doubles.begin(), doubles.end());
  }
  std::vector<double> steps(borders.size());  // changes of the mean at a border
  for (const Leaf& leaf : tree) {
    const Side& side = leaf.sides[param];
    const double part = leaf.volume / side.share * leaf.value;
    if (is_categorical(param)) {
      for (std::size_t c = 0; c < num_choices_[param]; ++c) {
        if (!holds(side, param, static_cast<double>(c))) continue;
        steps[c] += part;
        steps[c + 1] -= part;
      }
      continue;
    }
    const auto at = [&](double border) {
      return static_cast<std::size_t>(std::ranges::lower_bound(borders, border) - borders.begin());
    };
    steps[at(side.low)] += part;
    steps[at(side.high)] -= part;
  }
  double variance = 0;
  double here = 0;
  for (std::size_t n = 0; n + 1 < borders.size(); ++n) {
    here += steps[n];
    variance += (borders[n + 1] - borders[n]) * (here - mean) * (here - mean);
  }
  return variance;
}

std::vector<double> Forest::shares() const {
  std::vector<double> shares(num_choices_.size());
  for (const Tree& tree : trees_) {
    double mean = 0;
    for (const Leaf& leaf : tree) mean += leaf.volume * leaf.value;
    double variance = 0;
    for (const Leaf& leaf : tree) variance += leaf.volume * std::pow(leaf.value - mean, 2);
    if (!(variance > 0)) continue;
    for (std::size_t p = 0; p < shares.size(); ++p) {
      shares[p] += variance_of(tree, p, mean) / variance / static_cast<double>(trees_.size());
    }
  }
  return shares;
}

double Forest::marginal(std::size_t param_x, double x, std::size_t param_y, double y) const {
  double sum = 0;
  for (const Tree& tree : trees_) {
    for (const Leaf& leaf : tree) {
      const Side& side_x = leaf.sides[param_x];
      const Side& side_y = leaf.sides[param_y];
      if (!holds(side_x, param_x, x) || !holds(side_y, param_y, y)) continue;
      sum += leaf.volume / side_x.share / side_y.share * leaf.value;
    }
  }
  return sum / static_cast<double>(trees_.size());
}

}  // namespace mrec
