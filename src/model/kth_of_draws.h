#pragma once

#include <cstdint>
#include <vector>

namespace mrec {

// The k-th smallest of n independent uniform draws, by a single random number: of draws from [0, 1)
// it has the distribution Beta(k, n - k + 1) (David and Nagaraja, Order Statistics, 2003, section
// 2.1). Quantiles are interpolated between 1,025 of them.
class KthOfDraws {
 public:
  KthOfDraws(int k, int n);  // 1 <= k <= n

  // The k-th smallest of n draws from {0, ..., size - 1}. `uniform` is one of 2^32 numbers.
  [[nodiscard]] int operator()(int size, std::uint32_t uniform) const {
    const std::uint32_t cell = uniform >> kCellBits;
    const auto within = static_cast<float>(uniform % kCellSize) * (1.0F / kCellSize);
    const float quantile = quantiles_[cell] + within * (quantiles_[cell + 1] - quantiles_[cell]);
    const int place = static_cast<int>(quantile * static_cast<float>(size));
    return place < size ? place : size - 1;  // a quantile may be 1
  }

 private:
  static constexpr int kCellBits = 22;
  static constexpr std::uint32_t kCellSize = 1U << kCellBits;
  std::vector<float> quantiles_;
};

// The same, made once for each k and n. For any thread.
const KthOfDraws& kth_of_draws(int k, int n);

}  // namespace mrec
