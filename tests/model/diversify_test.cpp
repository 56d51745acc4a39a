#include "model/diversify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "toy.h"

namespace mrec {
namespace {

std::vector<int> artists_of(const std::vector<Scored>& list) {
  std::vector<int> artists;
  for (const Scored& scored : list) artists.push_back(scored.artist);
  return artists;
}

TEST(Diversify, ATwinComesLater) {
  const Matrix factors{{1, 0}, {2, 0}, {0, 1}};
  std::vector<Scored> list{{0, 3}, {1, 2.9F}, {2, 1}};
  diversify(factors, 0, list);
  EXPECT_THAT(artists_of(list), testing::ElementsAre(0, 1, 2));
  diversify(factors, 0.7F, list);
  // 1 is worth 0.3 * 0.95 - 0.7 * 1, and 2 is worth 0.3 * 0 - 0.7 * 0.
  EXPECT_THAT(artists_of(list), testing::ElementsAre(0, 2, 1));
}

TEST(Diversify, ArtistsStayInTheirWindows) {
  const Matrix factors = random_matrix(500, 4, 1);
  std::vector<Scored> list;
  for (int a = 0; a < 500; ++a) list.push_back({a, static_cast<float>(500 - a)});
  diversify(factors, 1, list);
  const std::vector<int> artists = artists_of(list);
  for (int window = 0; window < 3; ++window) {
    const int first = window * kDiversityWindow;
    const int last = std::min(first + kDiversityWindow, 500);
    const std::set<int> seen(artists.begin() + first, artists.begin() + last);
    EXPECT_EQ(*seen.begin(), first);
    EXPECT_EQ(*seen.rbegin(), last - 1);
    EXPECT_EQ(std::ssize(seen), last - first);
  }
  EXPECT_NE(artists[1], 1);
}

TEST(Diversify, MeanSimilarityOfTheFirstTenFallsAsItGrows) {
  const Matrix factors = random_matrix(200, 8, 2);
  double before = 2;
  for (const float diversity : {0.0F, 0.5F, 1.0F}) {
    std::vector<Scored> list;
    const RowVector user = RowVector::Ones(8);
    for (int a = 0; a < 200; ++a) list.push_back({a, factors.row(a).dot(user)});
    std::ranges::sort(list, std::greater{}, &Scored::score);
    diversify(factors, diversity, list);
    double sum = 0;
    for (std::size_t i = 0; i < 10; ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        sum += static_cast<double>(
            factors.row(list[i].artist).normalized().dot(factors.row(list[j].artist).normalized()));
      }
    }
    EXPECT_LT(sum / 45, before);
    before = sum / 45;
  }
}

}  // namespace
}  // namespace mrec
