#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace mrec {

// CPU time of LightFM 1.17 per positive as it was measured once, one thread, -O3 -ffast-math for
// the host, on a quiet machine: only ratios within a table are of use here. Logistic was measured
// per row, and of rows it visits two for each positive, which is what an interaction is to us: the
// positive and a zero.
struct LightfmCost {
  std::string_view loss;
  int features;                // dense metadata columns
  std::array<double, 3> cost;  // microseconds at dim 16, 64, 128
};

// On HetRec-2011's 17,632 artists, which stay in the cache.
inline constexpr std::array<LightfmCost, 8> kSmallCatalogue{
    {{"warp", 0, {1.3, 2.8, 4.5}},
     {"bpr", 0, {1.4, 3.4, 6.0}},
     {"logistic", 0, {2 * 1.0, 2 * 2.3, 2 * 4.3}},
     {"warp-kos", 0, {2.2, 3.5, 5.5}},
     {"warp", 30, {8.8, 22, 41}},
     {"bpr", 30, {9.4, 31, 57}},
     {"logistic", 30, {2 * 5.1, 2 * 16, 2 * 28}},
     {"warp-kos", 30, {12, 31, 35}}}};
// On 50,000 artists and 4 million positives.
inline constexpr std::array<LightfmCost, 8> kLargeCatalogue{
    {{"warp", 0, {2.1, 3.9, 6.0}},
     {"bpr", 0, {1.6, 4.2, 6.8}},
     {"logistic", 0, {2 * 1.35, 2 * 3.0, 2 * 4.7}},
     {"warp-kos", 0, {3.2, 5.8, 7.9}},
     {"warp", 30, {9.6, 20.9, 37}},
     {"bpr", 30, {10, 32, 55}},
     {"logistic", 30, {2 * 5, 2 * 17, 2 * 32}},
     {"warp-kos", 30, {14, 28, 33}}}};

// What LightFM takes as a multiple of what its WARP takes at dim 64 on identities; nothing where
// that was not measured.
inline std::optional<double> lightfm_cost(std::string_view loss, int dim, int features,
                                          int num_artists) {
  constexpr int kLarge = 30'000;
  const auto& table = num_artists < kLarge ? kSmallCatalogue : kLargeCatalogue;
  const int column = dim == 16 ? 0 : dim == 64 ? 1 : dim == 128 ? 2 : -1;
  for (const LightfmCost& row : table) {
    if (column < 0 || row.loss != loss || row.features != features) continue;
    return row.cost[static_cast<std::size_t>(column)] / table.front().cost[1];
  }
  return std::nullopt;
}

}  // namespace mrec
