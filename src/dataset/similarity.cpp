#include "dataset/similarity.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
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

}  // namespace mrec
