#include "report/stats.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>

#include "report/text.h"

namespace mrec::report {

double quantile(std::span<const float> values, double share) {
  std::vector<float> sorted;
  std::ranges::copy_if(values, std::back_inserter(sorted),
                       [](float v) { return std::isfinite(v); });
  if (sorted.empty()) return NAN;
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const auto nth = sorted.begin() + static_cast<std::ptrdiff_t>(low);
  std::nth_element(sorted.begin(), nth, sorted.end());
  const double below = *nth;
  if (low + 1 == sorted.size()) return below;
  const double above = *std::min_element(nth + 1, sorted.end());
  return below + (at - static_cast<double>(low)) * (above - below);
}

std::string middle_of(std::span<const float> values, const std::string& unit) {
  return figure(quantile(values, 0.5)) + unit + ", half of them between " +
         figure(quantile(values, 0.25)) + " and " + figure(quantile(values, 0.75)) + unit;
}

Mode mode_of(std::span<const float> values) {
  std::map<float, std::int64_t> counts;
  for (const float value : values) ++counts[value];
  Mode mode;
  for (const auto& [value, count] : counts) {
    if (count > mode.count) mode = {value, count};
  }
  return mode;
}

double Concentration::of_top(double share) const {
  if (sums.back() <= 0) return 0;
  const auto first =
      static_cast<std::size_t>(std::llround(share * static_cast<double>(amounts.size())));
  return sums[std::min(first, amounts.size())] / sums.back();
}

std::int64_t Concentration::holders_of(double part) const {
  return std::ranges::lower_bound(sums, part * sums.back()) - sums.begin();
}

double Concentration::gini() const {
  if (sums.back() <= 0) return 0;
  // Twice the area between the curve and the diagonal, by trapezoids.
  const auto size = static_cast<double>(amounts.size());
  const double area = std::accumulate(sums.begin(), sums.end(), 0.0) - sums.back() / 2;
  return 2 * area / (size * sums.back()) - 1;
}

Series Concentration::curve(const std::string& name) const {
  // Dense where it bends: squares of even steps.
  constexpr int kPoints = 200;
  Series series{.name = name};
  std::size_t last = 0;
  const double size = static_cast<double>(amounts.size());
  for (int i = 0; i <= kPoints; ++i) {
    const double share = static_cast<double>(i) / kPoints;
    const auto at = static_cast<std::size_t>(std::llround(share * share * size));
    if (i > 0 && at == last) continue;
    last = at;
    series.x.push_back(static_cast<double>(at) / std::max(1.0, size));
    series.y.push_back(sums.back() > 0 ? sums[at] / sums.back() : 0);
  }
  return series;
}

Concentration concentration_of(std::span<const float> amounts) {
  Concentration result{.amounts = {amounts.begin(), amounts.end()}};
  std::ranges::sort(result.amounts, std::greater());
  result.sums.push_back(0);
  for (const double amount : result.amounts) result.sums.push_back(result.sums.back() + amount);
  return result;
}

}  // namespace mrec::report
