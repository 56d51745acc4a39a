#include "dataset/similarity.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

namespace mrec {
namespace {

// Length of the longest common subsequence for |a| <= 64: bit-parallel (Hyyro 2004).
int lcs_of_short(std::string_view a, std::string_view b) {
  std::array<std::uint64_t, 256> where{};
  for (std::size_t i = 0; i < a.size(); ++i) {
    where[static_cast<unsigned char>(a[i])] |= std::uint64_t{1} << i;
  }
  std::uint64_t row = ~std::uint64_t{0};
  for (const char c : b) {
    const std::uint64_t matches = row & where[static_cast<unsigned char>(c)];
    row = (row + matches) | (row - matches);
  }
  const std::uint64_t used =
      a.size() == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << a.size()) - 1;
  return std::popcount(~row & used);
}

int lcs_of_long(std::string_view a, std::string_view b) {
  std::vector<int> row(b.size() + 1);
  for (const char c : a) {
    int diagonal = 0;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int above = row[j];
      row[j] = b[j - 1] == c ? diagonal + 1 : std::max(above, row[j - 1]);
      diagonal = above;
    }
  }
  return row.back();
}

}  // namespace

double indel_similarity(std::string_view a, std::string_view b, double cutoff) {
  const auto sum = static_cast<double>(a.size() + b.size());
  if (sum == 0) return 100;
  if (a.size() > b.size()) std::swap(a, b);
  if (200.0 * static_cast<double>(a.size()) / sum < cutoff) return 0;
  const int lcs = a.size() <= 64 ? lcs_of_short(a, b) : lcs_of_long(a, b);
  return 200.0 * lcs / sum;
}

int edit_distance(std::string_view a, std::string_view b, int limit) {
  if (a.size() > b.size()) std::swap(a, b);
  const int n = static_cast<int>(a.size());
  const int m = static_cast<int>(b.size());
  if (m - n > limit) return limit + 1;
  // Three rows of the table, of which only a band of 2 limit + 1 matters.
  const auto width = static_cast<std::size_t>(m) + 1;
  thread_local std::vector<int> rows;
  rows.assign(3 * width, limit + 1);
  std::span<int> before(rows.data(), width);
  std::span<int> last(rows.data() + width, width);
  std::span<int> now(rows.data() + 2 * width, width);
  for (int j = 0; j <= std::min(m, limit); ++j) last[static_cast<std::size_t>(j)] = j;
  for (int i = 1; i <= n; ++i) {
    std::ranges::fill(now, limit + 1);
    if (i <= limit) now[0] = i;
    int least = now[0];
    for (int j = std::max(1, i - limit); j <= std::min(m, i + limit); ++j) {
      const auto ai = static_cast<std::size_t>(i);
      const auto bj = static_cast<std::size_t>(j);
      int cost = std::min(last[bj], now[bj - 1]) + 1;
      cost = std::min(cost, last[bj - 1] + (a[ai - 1] == b[bj - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[ai - 1] == b[bj - 2] && a[ai - 2] == b[bj - 1]) {
        cost = std::min(cost, before[bj - 2] + 1);
      }
      now[bj] = std::min(cost, limit + 1);
      least = std::min(least, now[bj]);
    }
    if (least > limit) return limit + 1;
    std::swap(before, last);
    std::swap(last, now);
  }
  return last[static_cast<std::size_t>(m)];
}

}  // namespace mrec
