#include "model/kth_of_draws.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <numeric>
#include <utility>

namespace mrec {

// The density is x^(k - 1) (1 - x)^(n - k) but for a factor: summed over narrow bins, it is the
// distribution function, which is then read backwards.
KthOfDraws::KthOfDraws(int k, int n) {
  constexpr int kBins = 1 << 16;
  constexpr int kCells = 1 << (32 - kCellBits);
  std::vector<double> up_to(kBins);
  for (int i = 0; i < kBins; ++i) {
    const double x = (i + 0.5) / kBins;
    up_to[static_cast<std::size_t>(i)] = (k - 1) * std::log(x) + (n - k) * std::log1p(-x);
  }
  const double highest = *std::ranges::max_element(up_to);
  for (double& bin : up_to) bin = std::exp(bin - highest);
  std::partial_sum(up_to.begin(), up_to.end(), up_to.begin());

  quantiles_.push_back(0);
  std::size_t bin = 0;
  for (int i = 1; i < kCells; ++i) {
    const double share = up_to.back() * i / kCells;
    while (up_to[bin] < share) ++bin;
    const double before = bin == 0 ? 0 : up_to[bin - 1];
    const double within = (share - before) / (up_to[bin] - before);
    quantiles_.push_back(static_cast<float>((static_cast<double>(bin) + within) / kBins));
  }
  quantiles_.push_back(1);
}

const KthOfDraws& kth_of_draws(int k, int n) {
  static std::mutex mutex;
  static std::map<std::pair<int, int>, KthOfDraws> made;
  const std::lock_guard lock(mutex);
  return made.try_emplace({k, n}, k, n).first->second;
}

}  // namespace mrec
