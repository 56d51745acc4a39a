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

// The recursion of the definition.
int distance_by_definition(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return static_cast<int>(a.size() + b.size());
  const std::string_view short_a = a.substr(0, a.size() - 1);
  const std::string_view short_b = b.substr(0, b.size() - 1);
  int least =
      std::min({distance_by_definition(short_a, b) + 1, distance_by_definition(a, short_b) + 1,
                distance_by_definition(short_a, short_b) + (a.back() == b.back() ? 0 : 1)});
  if (a.size() > 1 && b.size() > 1 && a.back() == b[b.size() - 2] && a[a.size() - 2] == b.back()) {
    least = std::min(
        least, distance_by_definition(a.substr(0, a.size() - 2), b.substr(0, b.size() - 2)) + 1);
  }
  return least;
}

TEST(EditDistance, IsWhatTheDefinitionSaysUpToItsLimit) {
  EXPECT_EQ(edit_distance("metalica", "metallica", 2), 1);
  EXPECT_EQ(edit_distance("kitten", "sitting", 5), 3);
  EXPECT_EQ(edit_distance("kitten", "sitting", 2), 3);
  EXPECT_EQ(edit_distance("abc", "acb", 2), 1);
  EXPECT_EQ(edit_distance("ca", "abc", 3), 3) << "a swap is not edited again";
  EXPECT_EQ(edit_distance("", "abc", 2), 3);
  Rng rng(3);
  for (int i = 0; i < 3'000; ++i) {
    std::string a;
    std::string b;
    for (std::uint32_t n = rng.below(7); n > 0; --n) a += static_cast<char>('a' + rng.below(3));
    for (std::uint32_t n = rng.below(7); n > 0; --n) b += static_cast<char>('a' + rng.below(3));
    const int limit = static_cast<int>(rng.below(4));
    EXPECT_EQ(edit_distance(a, b, limit), std::min(limit + 1, distance_by_definition(a, b)))
        << a << " " << b << " " << limit;
  }
}

}  // namespace
}  // namespace mrec
