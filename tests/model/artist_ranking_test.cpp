#include "model/artist_ranking.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "toy.h"

namespace mrec {
namespace {

struct Toy {
  Matrix factors;
  Vector bias;
  std::vector<float> popularity;
};

// Vectors whose lengths differ by orders of magnitude, some equal to one another, some zero.
Toy toy(int artists, int dim, std::uint64_t seed) {
  Toy toy{.factors = random_matrix(artists, dim, seed),
          .bias = 0.1F * random_matrix(artists, 1, seed + 1)};
  Rng rng(seed, 1);
  for (int a = 0; a < artists; ++a) {
    toy.factors.row(a) *= static_cast<float>(std::exp(4 * rng.uniform() - 3));
    if (a % 7 == 3) {  // a twin of an earlier one, so that scores tie
      toy.factors.row(a) = toy.factors.row(a - 3);
      toy.bias(a) = toy.bias(a - 3);
    }
    if (a % 50 == 9) toy.factors.row(a).setZero();
    toy.popularity.push_back(a % 7 == 3 ? toy.popularity[static_cast<std::size_t>(a) - 3]
                                        : static_cast<float>(2 * rng.uniform() - 1));
  }
  return toy;
}

bool any(int /*artist*/) { return true; }

void expect_same(const std::vector<Scored>& a, const std::vector<Scored>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].artist, b[i].artist) << i;
    EXPECT_EQ(a[i].score, b[i].score) << i << ": the same bits";
  }
}

TEST(ArtistRanking, IsThatOfAFullSortAlsoByBytes) {
  for (const int dim : {1, 7, 64}) {
    const Toy t = toy(1000, dim, static_cast<std::uint64_t>(dim));
    const ArtistRanking plain(t.factors, t.bias, t.popularity);
    const ArtistRanking bytes(t.factors, t.bias, t.popularity, true);
    const Matrix users = random_matrix(20, dim, 99);
    for (int u = 0; u < 20; ++u) {
      const RowVector user = (u == 0 ? 0.0F : 1.0F) * users.row(u);
      const float weight = u % 3 == 0 ? 0.0F : u % 3 == 1 ? 0.5F : -2.0F;
      const auto allows = [&](int artist) { return u % 2 == 0 || artist % 3 != 0; };
      std::vector<Scored> all;
      for (int a = 0; a < 1000; ++a) {
        const float score = plain.score(user, a) + weight * t.popularity[std::size_t(a)];
        if (allows(a)) all.push_back({a, score});
      }
      std::ranges::stable_sort(all, std::greater{}, &Scored::score);
      for (const std::size_t k : {std::size_t{1}, std::size_t{10}, std::size_t{2000}}) {
        std::vector<Scored> expected = all;
        expected.resize(std::min(k, all.size()));
        expect_same(plain.best(user, static_cast<int>(k), weight, allows), expected);
        expect_same(bytes.best(user, static_cast<int>(k), weight, allows), expected);
      }
      EXPECT_NEAR(plain.score(user, 5), user.dot(t.factors.row(5)) + t.bias(5), 1e-4);
    }
  }
}

TEST(ArtistRanking, TheNearestAreThoseOfTheCosine) {
  const Toy t = toy(500, 16, 3);
  const ArtistRanking plain(t.factors, t.bias, t.popularity);
  const ArtistRanking bytes(t.factors, t.bias, t.popularity, true);
  for (int artist = 0; artist < 20; ++artist) {
    const auto other = [&](int a) { return a != artist; };
    const std::vector<Scored> near = plain.nearest(artist, 10, other);
    expect_same(bytes.nearest(artist, 10, other), near);
    std::vector<float> cosines;
    for (int a = 0; a < 500; ++a) {
      if (a == artist) continue;
      const float lengths = t.factors.row(a).norm() * t.factors.row(artist).norm();
      cosines.push_back(lengths > 0 ? t.factors.row(a).dot(t.factors.row(artist)) / lengths : 0);
    }
    std::ranges::sort(cosines, std::greater{});
    ASSERT_EQ(near.size(), 10U);
    for (std::size_t i = 0; i < near.size(); ++i) EXPECT_NEAR(near[i].score, cosines[i], 1e-5);
  }
}

TEST(ArtistRanking, ShortVectorsAreNotLookedAt) {
  // After the long ones no artist can be taken, so that none is asked about.
  Toy t = toy(1000, 8, 5);
  t.bias.setZero();
  for (int a = 0; a < 1000; ++a) t.factors.row(a) = RowVector::Ones(8) * (a < 100 ? 1.0F : 0.01F);
  const ArtistRanking ranking(t.factors, t.bias, t.popularity);
  int most = 0;
  const auto best = ranking.best(RowVector::Ones(8), 10, 0, [&](int artist) {
    most = std::max(most, artist);
    return true;
  });
  EXPECT_EQ(best.size(), 10U);
  EXPECT_LT(most, 100);
}

TEST(ArtistRanking, NothingIsLeftOfNothing) {
  const Toy t = toy(1, 4, 1);
  const ArtistRanking ranking(t.factors, t.bias, t.popularity);
  EXPECT_TRUE(ranking.best(RowVector::Ones(4), 5, 0, [](int) { return false; }).empty());
  EXPECT_EQ(ranking.best(RowVector::Ones(4), 5, 0, any).size(), 1U);
  const ArtistRanking none(Matrix(0, 4), Vector(0), {});
  EXPECT_TRUE(none.best(RowVector::Ones(4), 5, 0, any).empty());
}

}  // namespace
}  // namespace mrec
