#include "model/loss.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <random>

#include "base/error.h"
#include "model/losses/all.h"
#include "toy.h"

namespace mrec {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pointwise;

TrainParams params_for(const std::string& loss) {
  TrainParams params;
  params.loss = loss;
  return params;
}

struct Drawn {
  float loss;
  std::vector<Push> pushes;
};

// The draws of a made-up interaction.
Draws draws_of(const Scorer& scorer, std::uint64_t index, int ahead, int most, int artist = 0) {
  Draws draws;
  draws.start(mix64(index), scorer, artist, ahead, most);
  return draws;
}

Drawn draw(const TrainParams& params, const ScoredToy& toy, const Positive& positive,
           std::uint64_t index = 0) {
  return with_loss(params, [&](auto loss) {
    Draws draws = draws_of(*toy.scorer, index, 1, loss.max_draws(), positive.artist);
    Pushes pushes(loss.max_pushes());
    Drawn drawn{};
    drawn.loss = loss.draw(*toy.scorer, positive, draws, pushes);
    drawn.pushes.assign(pushes.begin(), pushes.end());
    return drawn;
  });
}

TEST(Loss, NoLossEverPushesAHeardArtistDown) {
  const ScoredToy toy({0.1F, 0.2F, 0.3F, 0.4F});
  const std::vector<int> heard{0, 2, 3};
  for (const std::string& name : loss_names()) {
    int negatives = 0;
    for (std::uint64_t i = 0; i < 200; ++i) {
      const Positive positive{.artist = 0, .heard = heard};
      for (const Push& push : draw(params_for(name), toy, positive, i).pushes) {
        if (push.weight < 0) {
          EXPECT_EQ(push.artist, 1) << name;
          ++negatives;
        } else {
          EXPECT_NE(push.artist, 1) << name;
        }
      }
    }
    EXPECT_GT(negatives, 20) << name;
  }
}

// So that training that diverged is noticed.
TEST(Loss, OfScoresThatAreNoNumbersIsNone) {
  const ScoredToy toy(std::vector<float>(100, std::numeric_limits<float>::quiet_NaN()));
  const std::vector<int> heard{0, 2, 3};
  for (const std::string& name : loss_names()) {
    const Drawn drawn = draw(params_for(name), toy, {.artist = 0, .heard = heard}, 1);
    EXPECT_TRUE(std::isnan(drawn.loss)) << name;
  }
}

TEST(Loss, AnUnknownNameIsRefused) {
  EXPECT_THROW(with_loss(params_for("wrap"), [](const auto& /*loss*/) {}), InputError);
}

TEST(Draws, AreTheSameHoweverManyAreMadeAhead) {
  constexpr int kMost = 40;
  const ScoredToy toy(std::vector<float>(1000, 0.0F));
  Draws none = draws_of(*toy.scorer, 7, 0, kMost);
  Draws few = draws_of(*toy.scorer, 7, 3, kMost);
  Draws many = draws_of(*toy.scorer, 7, 100, kMost);
  for (int i = 0; i < kMost; ++i) {
    const int artist = none.next(*toy.scorer);
    EXPECT_EQ(few.next(*toy.scorer), artist) << i;
    EXPECT_EQ(many.next(*toy.scorer), artist) << i;
  }
}

TEST(Draws, AreTakenOneByOneOrScoredByFours) {
  std::vector<float> scores;
  for (int a = 0; a < 1000; ++a) scores.push_back(0.5F * static_cast<float>(a));
  const ScoredToy toy(scores);
  for (const int most : {0, 1, 2, 3, 4, 10, 40}) {
    for (const int ahead : {0, 1, 5, 100}) {
      Draws single = draws_of(*toy.scorer, 7, ahead, most, 123);
      Draws fours = draws_of(*toy.scorer, 7, ahead, most, 123);
      int taken = 0;
      do {
        Candidates next;
        fours.score_next(*toy.scorer, next);
        EXPECT_EQ(next.first, taken == 0 ? 1 : 0);
        if (taken == 0) {
          EXPECT_EQ(next.scores[0], toy.scorer->score(123));
        }
        for (int i = next.first; i < next.last; ++i, ++taken) {
          EXPECT_EQ(next.artists[i], single.next(*toy.scorer)) << taken << " of " << most;
          EXPECT_EQ(next.scores[i], toy.scorer->score(next.artists[i]));
        }
      } while (!fours.ended());
      EXPECT_EQ(taken, most);
      EXPECT_EQ(fours.taken(), static_cast<unsigned>(most));
      fours.give_back(std::min(most, 1));
      EXPECT_EQ(fours.taken(), static_cast<unsigned>(std::max(most - 1, 0)));
    }
  }
}

TEST(Draws, AreUniformAtEveryPlaceAndFromPlaceToPlace) {
  constexpr int kArtists = 10;
  constexpr int kPlaces = 3;
  constexpr int kInteractions = 100'000;
  const ScoredToy toy(std::vector<float>(kArtists, 0.0F));
  Matrix single = Matrix::Zero(kPlaces, kArtists);
  Matrix pairs = Matrix::Zero(kArtists, kArtists);
  for (std::uint64_t i = 0; i < kInteractions; ++i) {
    Draws draws = draws_of(*toy.scorer, i, 1, kPlaces);
    int before = 0;
    for (int place = 0; place < kPlaces; ++place) {
      const int artist = draws.next(*toy.scorer);
      single(place, artist) += 1;
      if (place > 0) pairs(before, artist) += 1;
      before = artist;
    }
  }
  // Within 5 standard deviations.
  EXPECT_LT((single.array() - kInteractions / 10.0F).abs().maxCoeff(), 5 * 95);
  EXPECT_LT((pairs.array() - 2 * kInteractions / 100.0F).abs().maxCoeff(), 5 * 45);
}

TEST(IsHeard, FindsWhatIsThereAtEverySize) {
  for (int size = 0; size < 150; ++size) {
    std::vector<int> heard;  // exactly as long, so that a sanitizer sees what is read beyond
    for (int i = 0; i < size; ++i) heard.push_back(3 * i + 1);
    heard.shrink_to_fit();
    for (int artist = 0; artist < 3 * size + 3; ++artist) {
      EXPECT_EQ(is_heard(heard, artist), std::ranges::binary_search(heard, artist))
          << artist << " of " << size;
    }
  }
}

TEST(Logits, AreTheLogisticFunctionAndItsIntegral) {
  for (double x = -120; x <= 120; x += 0.5) {
    const auto start = static_cast<float>(x);
    const Logits logits(row::Four{start, start + 0.125F, start + 0.25F, start + 0.375F});
    for (int i = 0; i < 4; ++i) {
      const double at = x + 0.125 * i;
      const double sigmoid = 1 / (1 + std::exp(-at));
      const double softplus = std::max(at, 0.0) + std::log1p(std::exp(-std::abs(at)));
      // exp(-87) stands for all below it.
      EXPECT_NEAR(logits.sigmoid[i], sigmoid, 1e-5 * sigmoid + 2e-38) << at;
      EXPECT_NEAR(logits.softplus[i], softplus, 1e-5 * softplus + 2e-38) << at;
    }
  }
}

// With two artists of which one is heard, the negative is known, and the loss is a function of the
// scores alone: pushes are minus its slopes.
TEST(Loss, PushesAreMinusTheSlopes) {
  struct Case {
    std::string loss;
    double (*value)(double positive, double negative);
  };
  const std::vector<Case> cases{
      {"bpr", [](double p, double n) { return std::log1p(std::exp(n - p)); }},
      {"logistic",
       [](double p, double n) { return std::log1p(std::exp(-p)) + std::log1p(std::exp(n)); }},
  };
  const std::vector<int> heard{0};
  for (const Case& c : cases) {
    for (const double p : {-2.0, 0.0, 0.7}) {
      constexpr double kNegative = 0.3;
      constexpr double kWeight = 1.5;
      const ScoredToy toy({static_cast<float>(p), static_cast<float>(kNegative)});
      Drawn drawn{};
      for (std::uint64_t i = 0; drawn.pushes.size() < 2; ++i) {
        drawn = draw(params_for(c.loss), toy, {.artist = 0, .weight = kWeight, .heard = heard}, i);
      }
      constexpr double h = 1e-4;
      const double slope_p = (c.value(p + h, kNegative) - c.value(p - h, kNegative)) / (2 * h);
      const double slope_n = (c.value(p, kNegative + h) - c.value(p, kNegative - h)) / (2 * h);
      EXPECT_NEAR(drawn.pushes[0].weight, -kWeight * slope_p, 1e-5) << c.loss << " at " << p;
      EXPECT_NEAR(drawn.pushes[1].weight, -kWeight * slope_n, 1e-5) << c.loss << " at " << p;
      EXPECT_NEAR(drawn.loss, kWeight * c.value(p, kNegative), 1e-5) << c.loss << " at " << p;
    }
  }
}

TEST(Warp, AnArtistInsideTheMarginIsAViolator) {
  const std::vector<int> heard{0};
  std::vector<float> scores(101, 0.5F);
  scores[0] = 1;
  const ScoredToy near(scores);
  const Drawn drawn = draw(params_for("warp"), near, {.artist = 0, .heard = heard});
  ASSERT_EQ(drawn.pushes.size(), 2U);
  // Found at the first draw: the estimated rank is 100.
  EXPECT_NEAR(drawn.pushes[0].weight, std::log(100.0), 1e-5);
  EXPECT_EQ(drawn.pushes[1].weight, -drawn.pushes[0].weight);
  EXPECT_NEAR(drawn.loss, std::log(100.0) * 0.5, 1e-5);

  scores.assign(101, -0.5F);
  scores[0] = 1;
  const ScoredToy far(scores);
  EXPECT_THAT(draw(params_for("warp"), far, {.artist = 0, .heard = heard}).pushes, IsEmpty());
}

TEST(Warp, ManyDrawsMeanASmallPush) {
  // One violator among 100: the weight must be log(floor(100 / draws)) for the draws it took.
  std::vector<float> scores(101, -10.0F);
  scores[0] = 0;
  scores[57] = 5;
  const ScoredToy toy(scores);
  const std::vector<int> heard{0};
  TrainParams params = params_for("warp");
  params.max_sampled = 1000;
  for (std::uint64_t i = 0; i < 50; ++i) {
    Draws same = draws_of(*toy.scorer, i, 0, params.max_sampled);
    int draws = 1;
    while (same.next(*toy.scorer) != 57) ++draws;
    const Drawn drawn = draw(params, toy, {.artist = 0, .heard = heard}, i);
    if (draws > 50) {
      EXPECT_THAT(drawn.pushes, IsEmpty()) << "an estimated rank of 1";
      continue;
    }
    ASSERT_EQ(drawn.pushes.size(), 2U);
    EXPECT_EQ(drawn.pushes[1].artist, 57);
    EXPECT_NEAR(drawn.pushes[0].weight, std::log(100 / draws), 1e-5);
  }
}

TEST(WarpKos, TrainsOnTheKthBestOfTheDrawnPositives) {
  // Two draws of two artists; nearly any other artist violates the margin at once.
  std::vector<float> scores(100, 0.5F);
  scores[0] = 0.9F;
  scores[1] = 0.1F;
  const ScoredToy toy(scores);
  const std::vector<int> heard{0, 1};
  TrainParams params = params_for("warp-kos");
  params.kos_n = 2;
  params.max_sampled = 1000;
  int best_seen = 0;
  int worst_seen = 0;
  for (std::uint64_t i = 0; i < 200; ++i) {
    params.kos_k = 1;
    const int best = draw(params, toy, {.artist = 0, .heard = heard}, i).pushes.at(0).artist;
    params.kos_k = 2;
    const int second = draw(params, toy, {.artist = 0, .heard = heard}, i).pushes.at(0).artist;
    EXPECT_LE(best, second);  // artist 0 has the higher score
    best_seen += best == 0 ? 1 : 0;
    worst_seen += second == 1 ? 1 : 0;
  }
  // Of two draws with replacement, at least one is artist 0 (or 1) in three of four cases.
  EXPECT_NEAR(best_seen, 150, 30);
  EXPECT_NEAR(worst_seen, 150, 30);
}

// How often each of the user's artists is trained on, in shares, when every interaction is the
// first of its chunk or there are `chunk` in one.
std::vector<double> shares_trained_on(const TrainParams& params, const ScoredToy& toy,
                                      const std::vector<int>& heard, int chunk = 1) {
  constexpr int kInteractions = 40'000;
  std::vector<double> shares(heard.size());
  with_loss(params, [&](auto loss) {
    for (int i = 0; i < kInteractions; ++i) {
      Draws draws = draws_of(*toy.scorer, static_cast<std::uint64_t>(i), 1, loss.max_draws());
      Pushes pushes(loss.max_pushes());
      loss.draw(*toy.scorer, {.artist = heard[0], .heard = heard, .opens_chunk = i % chunk == 0},
                draws, pushes);
      ASSERT_FALSE(pushes.empty());
      const auto place = std::ranges::lower_bound(heard, pushes[0].artist) - heard.begin();
      shares[static_cast<std::size_t>(place)] += 1.0 / kInteractions;
    }
  });
  return shares;
}

// The same by drawing n of them, sorting them by score and taking the k-th.
std::vector<double> shares_by_sorting(const TrainParams& params, const std::vector<float>& scores,
                                      const std::vector<int>& heard) {
  constexpr int kTimes = 200'000;
  std::mt19937 rng(1);
  std::uniform_int_distribution<std::size_t> any(0, heard.size() - 1);
  std::vector<double> shares(heard.size());
  std::vector<std::size_t> drawn(static_cast<std::size_t>(params.kos_n));
  for (int i = 0; i < kTimes; ++i) {
    for (std::size_t& place : drawn) place = any(rng);
    std::ranges::sort(drawn, std::greater<>(), [&](std::size_t place) {
      return scores[static_cast<std::size_t>(heard[place])];
    });
    shares[drawn[static_cast<std::size_t>(params.kos_k) - 1]] += 1.0 / kTimes;
  }
  return shares;
}

TEST(WarpKos, TrainsOnWhatDrawingAndSortingWouldFind) {
  std::vector<float> scores;
  for (int a = 0; a < 400; ++a) scores.push_back(static_cast<float>(mix64(a) % 10'000) / 5e3F - 1);
  const ScoredToy toy(scores);
  TrainParams params = params_for("warp-kos");
  params.max_sampled = 1000;
  struct Case {
    int k, n;
    int heard;  // artists
    double tolerance;
  };
  // A sample of 1.5 n stands for artists that are more than that.
  for (const Case& c : std::vector<Case>{{1, 1, 3, 0.01},
                                         {1, 1, 40, 0.01},
                                         {2, 3, 2, 0.01},
                                         {5, 10, 1, 1e-9},
                                         {5, 10, 6, 0.01},
                                         {5, 10, 16, 0.01},
                                         {1, 10, 16, 0.01},
                                         {10, 10, 16, 0.01},
                                         {5, 10, 17, 0.01},
                                         {5, 10, 40, 0.02},
                                         {30, 100, 100, 0.01}}) {
    params.kos_k = c.k;
    params.kos_n = c.n;
    std::vector<int> heard;
    for (int i = 0; i < c.heard; ++i) heard.push_back(2 * i);
    const std::vector<double> expected = shares_by_sorting(params, scores, heard);
    for (const int chunk : {1, 3, 20}) {
      EXPECT_THAT(shares_trained_on(params, toy, heard, chunk),
                  Pointwise(DoubleNear(c.tolerance), expected))
          << c.k << " of " << c.n << " of " << c.heard << " in chunks of " << chunk;
    }
  }
}

TEST(Logistic, DrawsAsManyNegativesAsAsked) {
  const ScoredToy toy(std::vector<float>(1000, 0.0F));
  const std::vector<int> heard{0};
  TrainParams params = params_for("logistic");
  for (const int negatives : {0, 1, 7}) {
    params.negatives = negatives;
    EXPECT_EQ(std::ssize(draw(params, toy, {.artist = 0, .heard = heard}).pushes), 1 + negatives);
  }
}

}  // namespace
}  // namespace mrec
