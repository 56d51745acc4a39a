#include "roofline.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "base/random.h"

namespace mrec {
namespace {

using Lanes = float __attribute__((vector_size(64)));

template <typename Work>
double best_seconds(const Work& work) {
  double best = 1e9;
  for (int i = 0; i < 5; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    best = std::min(
        best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

void keep(const Lanes& value) { asm volatile("" : : "m"(value) : "memory"); }

// GFLOP/s of multiplications and additions (apart, as the kernel has them) in registers.
double peak() {
  constexpr int kRounds = 2'000'000;
  const double seconds = best_seconds([] {
    Lanes a = {1}, b = a, c = a, d = a, e = a, f = a, g = a, h = a;
    const Lanes factor = a * 0.999F;
    for (int i = 0; i < kRounds; ++i) {
      a = a * factor + factor;
      b = b * factor + factor;
      c = c * factor + factor;
      d = d * factor + factor;
      e = e * factor + factor;
      f = f * factor + factor;
      g = g * factor + factor;
      h = h * factor + factor;
    }
    keep(a + b + c + d + e + f + g + h);
  });
  return kRounds * 8.0 * 16 * 2 / seconds * 1e-9;
}

}  // namespace

void print_roofline() {
  std::printf("peak of multiplications and additions: %.0f GFLOP/s\n", peak());
  std::printf("%12s %12s %26s\n", "table", "read GB/s", "random row of 256 B, ns");
  for (const std::size_t kilobytes : {256, 768, 4096, 16384, 131072}) {
    const std::size_t count = kilobytes * 1024 / sizeof(Lanes);
    std::vector<Lanes> table(count);
    const std::size_t rounds = std::max<std::size_t>(1, 262144 / kilobytes);
    const double read = best_seconds([&] {
      Lanes sums[4] = {};
      for (std::size_t round = 0; round < rounds; ++round) {
        for (std::size_t i = 0; i < count; i += 4) {
          for (std::size_t j = 0; j < 4; ++j) sums[j] += table[i + j];
        }
        keep(sums[0]);
      }
      keep(sums[0] + sums[1] + sums[2] + sums[3]);
    });
    // A dot product with a row held fast, the row fetched 12 ahead.
    constexpr int kRows = 1'000'000;
    constexpr std::uint32_t kAhead = 12;
    const auto rows = static_cast<std::uint32_t>(count / 4);
    const double random = best_seconds([&] {
      std::uint32_t ring[kAhead] = {};
      Rng rng(1);
      Lanes sum = {};
      for (int i = 0; i < kRows; ++i) {
        std::uint32_t& place = ring[static_cast<std::uint32_t>(i) % kAhead];
        const Lanes* row = &table[std::size_t{place} * 4];
        sum += (row[0] * row[1]) + (row[2] * row[3]);
        place = rng.below(rows);
        const auto* next = reinterpret_cast<const char*>(&table[std::size_t{place} * 4]);
        for (int line = 0; line < 4; ++line) __builtin_prefetch(next + std::ptrdiff_t{64} * line);
      }
      keep(sum);
    });
    std::printf("%9zu kB %12.1f %26.1f\n", kilobytes,
                static_cast<double>(rounds * count * sizeof(Lanes)) / read * 1e-9,
                random / kRows * 1e9);
  }
  std::printf(
      "per positive at dim 64: WARP with 6.4 candidates reads 8.4 rows of 256 B and, on a step,\n"
      "writes 3 rows and their states: 2.2 to 3.7 kB, 1.1 to 2.3 kflop; BPR 1.5 kB, 1.5 kflop\n");
}

}  // namespace mrec
