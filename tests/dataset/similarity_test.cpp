#include "dataset/similarity.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"

namespace mrec {
namespace {

double brute_force(const std::string& a, const std::string& b) {
  std::vector<std::vector<int>> lcs(a.size() + 1, std::vector<int>(b.size() + 1));
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      lcs[i][j] =
          a[i - 1] == b[j - 1] ? lcs[i - 1][j - 1] + 1 : std::max(lcs[i - 1][j], lcs[i][j - 1]);
    }
  }
  const auto sum = static_cast<double>(a.size() + b.size());
  return sum == 0 ? 100 : 200.0 * lcs[a.size()][b.size()] / sum;
}

TEST(Similarity, KnownValues) {
  EXPECT_DOUBLE_EQ(indel_similarity("metallica", "metallica"), 100);
  EXPECT_DOUBLE_EQ(indel_similarity("metalica", "metallica"), 1600.0 / 17);
  EXPECT_DOUBLE_EQ(indel_similarity("abc", "xyz"), 0);
  EXPECT_DOUBLE_EQ(indel_similarity("", ""), 100);
  EXPECT_DOUBLE_EQ(indel_similarity("", "a"), 0);
}

TEST(Similarity, EqualsTheTableMethodForAllLengths) {
  Rng rng(1);
  for (int round = 0; round < 300; ++round) {
    std::string a(rng.below(90), ' ');
    std::string b(rng.below(90), ' ');
    for (char& c : a) c = static_cast<char>('a' + rng.below(4));
    for (char& c : b) c = static_cast<char>('a' + rng.below(4));
    EXPECT_DOUBLE_EQ(indel_similarity(a, b), brute_force(a, b)) << a << " " << b;
    EXPECT_DOUBLE_EQ(indel_similarity(a, b), indel_similarity(b, a));
  }
}

TEST(Similarity, ACutoffNeverHidesWhatReachesIt) {
  Rng rng(2);
  for (int round = 0; round < 300; ++round) {
    std::string a(1 + rng.below(12), ' ');
    std::string b(1 + rng.below(12), ' ');
    for (char& c : a) c = static_cast<char>('a' + rng.below(3));
    for (char& c : b) c = static_cast<char>('a' + rng.below(3));
    const double value = indel_similarity(a, b);
    if (value >= 60) {
      EXPECT_DOUBLE_EQ(indel_similarity(a, b, 60), value);
    }
  }
}

}  // namespace
}  // namespace mrec
