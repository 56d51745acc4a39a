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

TEST(NewArtists, ArePlacedByTheMapAndByTraining) {
  Artifact model;
  model.artist_factors = Matrix{{3, 1}, {-2, 5}, {9, 9}, {8, 7}, {9, 9}};
  model.artist_bias = Vector{{0.5F, 1, 9, 6, 9}};
  NewArtists found = find_new_artists(kTrain, kTest, kTags, "d.h5");
  found.tag_names = {"a", "b"};
  found.features = {.values = sparse(Matrix(5, 0)), .names = {}, .types = {}};
  const NewArtistMap map{.tag_names = {"b", "a"},
                         .feature_names = {},
                         .feature_mean = Vector(0),
                         .map = Matrix{{9, 9, 9}, {1, 2, 3}, {0.5F, 0, -1}}};
  EXPECT_EQ(mapped(map, found).factors, (Matrix{{4.5F, 8}, {0.5F, 0}}));
  EXPECT_EQ(mapped(map, found).bias, (Vector{{11, -1}}));
  EXPECT_EQ(as_trained(model, found).factors, (Matrix{{9, 9}, {8, 7}}));
  EXPECT_EQ(as_trained(model, found).bias, (Vector{{9, 6}}));
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
