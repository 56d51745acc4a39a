#include "features/steps/columns.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace mrec::features {
namespace {

bool is_named(const std::string& name, const std::vector<std::string>& patterns) {
  return std::ranges::any_of(patterns, [&](const std::string& pattern) {
    return pattern.ends_with('*') ? name.starts_with(pattern.substr(0, pattern.size() - 1))
                                  : name == pattern;
  });
}

// Throws Error for a pattern that names no column.
void require_named(const Table& table, const std::vector<std::string>& patterns) {
  for (const std::string& pattern : patterns) {
    if (std::ranges::none_of(table.numbers,
                             [&](const auto& named) { return is_named(named.first, {pattern}); })) {
      throw Error("columns = '" + pattern + "' names no column that an earlier step makes");
    }
  }
}

// Of ascending values, q in 0..1, between neighbours by linear interpolation.
double quantile(const std::vector<float>& sorted, double q) {
  const double at = q * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (at - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

struct Affine {
  double offset = 0;
  double divisor = 1;
};

void apply_affine(std::vector<float>& column, Affine affine) {
  const double divisor = affine.divisor > 0 ? affine.divisor : 1;
  for (float& value : column) value = static_cast<float>((value - affine.offset) / divisor);
}

Affine min_max(const std::vector<float>& column) {
  const auto [least, most] = std::ranges::minmax(column);
  return {least, static_cast<double>(most) - least};
}

Affine standard(const std::vector<float>& column) {
  const auto n = static_cast<double>(column.size());
  double mean = 0;
  for (const float value : column) mean += value / n;
  double variance = 0;
  for (const float value : column) variance += (value - mean) * (value - mean) / n;
  return {mean, std::sqrt(variance)};
}

void to_ranks(std::vector<float>& column) {
  std::vector<float> sorted = column;
  std::ranges::sort(sorted);
  for (float& value : column) {
    const auto [first, last] = std::ranges::equal_range(sorted, value);
    const auto twice = (first - sorted.begin()) + (last - sorted.begin());
    value = static_cast<float>(static_cast<double>(twice) / 2 / static_cast<double>(sorted.size()));
  }
}

void scale(std::vector<float>& column, const std::string& strategy) {
  if (strategy == "standard") return apply_affine(column, standard(column));
  if (strategy == "quantile") return to_ranks(column);
  if (strategy == "robust") {
    std::vector<float> sorted = column;
    std::ranges::sort(sorted);
    return apply_affine(column,
                        {quantile(sorted, 0.5), quantile(sorted, 0.75) - quantile(sorted, 0.25)});
  }
  if (strategy == "log-min-max" && std::ranges::min(column) > 0) {
    for (float& value : column) value = static_cast<float>(std::log(value + 1e-10));
  }
  apply_affine(column, min_max(column));
}

}  // namespace

bool is_indicator(const std::vector<float>& column) {
  return std::ranges::all_of(
      column, [](float value) { return std::isnan(value) || value == 0 || value == 1; });
}

void Impute::apply(Table& table, const Knowledge& /*knowledge*/) const {
  for (auto at = table.numbers.begin(); at != table.numbers.end();) {
    std::vector<float>& column = at->second;
    std::vector<float> known;
    std::ranges::copy_if(column, std::back_inserter(known), [](float v) { return !std::isnan(v); });
    if (known.empty()) {
      at = table.numbers.erase(at);
      continue;
    }
    double fill = standard(known).offset;
    if (is_indicator(column)) {
      fill = fill >= 0.5 ? 1 : 0;
    } else if (strategy_ == "median") {
      std::ranges::sort(known);
      fill = quantile(known, 0.5);
    } else if (strategy_ == "zero") {
      fill = 0;
    }
    for (float& value : column) {
      if (std::isnan(value)) value = static_cast<float>(fill);
    }
    ++at;
  }
}

void Scale::apply(Table& table, const Knowledge& /*knowledge*/) const {
  require_named(table, columns_);
  for (auto& [name, column] : table.numbers) {
    if (strategy_ == "none" || (!columns_.empty() && !is_named(name, columns_))) continue;
    const std::set<float> values(column.begin(), column.end());
    if (values.size() > 2) scale(column, strategy_);
  }
}

void Drop::apply(Table& table, const Knowledge& /*knowledge*/) const {
  require_named(table, columns_);
  std::erase_if(table.numbers,
                [this](const auto& named) { return is_named(named.first, columns_); });
}

}  // namespace mrec::features
