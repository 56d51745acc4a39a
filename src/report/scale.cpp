#include "report/scale.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace mrec::report {

double Scale::operator()(double value) const {
  const double inside = std::clamp(value, from, to);
  const double share =
      log ? std::log(inside / from) / std::log(to / from) : (inside - from) / (to - from);
  return begin + share * (end - begin);
}

double nice_step(double width) {
  const double power = std::pow(10, std::floor(std::log10(width)));
  constexpr double kSlack = 1 + 1e-9;  // 0.2 / 0.1 is not 2
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power * kSlack >= width) return factor * power;
  }
  return 10 * power;
}

std::vector<double> ticks(const Scale& scale, int about) {
  std::vector<double> values;
  constexpr double kSlack = 1e-9;
  if (!scale.log) {
    const double step = nice_step((scale.to - scale.from) / about);
    const auto first = static_cast<std::int64_t>(std::ceil(scale.from / step - kSlack));
    const auto last = static_cast<std::int64_t>(std::floor(scale.to / step + kSlack));
    for (std::int64_t i = first; i <= last; ++i) values.push_back(static_cast<double>(i) * step);
    return values;
  }
  const double first = std::log10(scale.from);
  const double last = std::log10(scale.to);
  const int every = std::max(1, static_cast<int>(std::ceil((last - first) / about)));
  for (int power = static_cast<int>(std::floor(first)); power <= last + kSlack; ++power) {
    if (power % every != 0) continue;
    for (const double factor : {1.0, 2.0, 5.0}) {
      if (factor > 1 && 3 * (last - first) > about) break;
      const double value = factor * std::pow(10, power);
      if (value >= scale.from * (1 - kSlack) && value <= scale.to * (1 + kSlack)) {
        values.push_back(value);
      }
    }
  }
  return values;
}

}  // namespace mrec::report
