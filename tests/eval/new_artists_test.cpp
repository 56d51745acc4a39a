#include "eval/new_artists.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "model/toy.h"

namespace mrec {
namespace {

// Artists 0 and 1 are heard, 2 and 3 are new, 4 nobody ever hears. Tags: a, b.
const SparseMatrix kTrain = sparse(Matrix{{1, 0, 0, 0, 0}, {0, 1, 0, 0, 0}});
const SparseMatrix kTest = sparse(Matrix{{0, 1, 1, 0, 0}, {0, 0, 0, 1, 0}});
const SparseMatrix kTags = sparse(Matrix{{2, 0}, {0, 3}, {4, 0}, {0, 0}, {1, 1}});

TEST(NewArtists, AreThoseOfTheHeldOutPartWithoutListeners) {
  const NewArtists found = find_new_artists(kTrain, kTest, kTags, "d.h5");
  EXPECT_EQ(found.artists, (std::vector<int>{2, 3}));
  EXPECT_EQ(Matrix(found.target), (Matrix{{1, 0}, {0, 1}}));
  EXPECT_EQ(found.num_tagged(), 1);
  EXPECT_THAT([&] { find_new_artists(kTrain, kTrain, kTags, "d.h5"); },
              testing::ThrowsMessage<InputError>(testing::HasSubstr("d.h5: no artist")));
}

TEST(NewArtists, TheTagMapIsTheRidgeRegression) {
  Artifact model;
  model.artists = IdMap({1, 2, 3, 4, 5});
  model.artist_factors = Matrix{{3, 1}, {-2, 5}, {9, 9}, {9, 9}, {9, 9}};
  model.artist_bias = Vector{{0.5F, 1, 9, 9, 9}};
  const NewArtists found = find_new_artists(kTrain, kTest, kTags, "d.h5");
  const NewFactors mapped = map_tags(model, found);
  // One artist per tag: w_a = 2 q_0 / (2^2 + 10), and the new artist is 4 w_a.
  EXPECT_TRUE(mapped.factors.row(0).isApprox(8.0F / 14 * model.artist_factors.row(0), 1e-3F));
  EXPECT_NEAR(mapped.bias(0), 8.0 / 14 * 0.5, 1e-3);
  EXPECT_TRUE(mapped.factors.row(1).isZero()) << "no tags";
  EXPECT_EQ(as_trained(model, found).factors, (Matrix{{9, 9}, {9, 9}}));
}

TEST(NewArtists, BaselinesLookAtTagsAndTheUsersProfile) {
  const NewArtists found = find_new_artists(kTrain, kTest, kTags, "d.h5");
  std::vector<float> scores(2);
  const auto score = [&](const std::string& name, int user) {
    for (const Baseline& one : new_artist_baselines(kTrain, found)) {
      if (one.name == name) one.score(user, scores);
    }
    return scores[0];
  };
  EXPECT_FLOAT_EQ(score("tags", 1), 4);
  EXPECT_FLOAT_EQ(score("profile", 0), 1) << "user 0 heard an artist of the same tag";
  EXPECT_FLOAT_EQ(score("profile", 1), 0);
  EXPECT_FLOAT_EQ(score("profile-log", 0), std::log(5.0F));
  EXPECT_FLOAT_EQ(scores[1], 0);
}

}  // namespace
}  // namespace mrec
