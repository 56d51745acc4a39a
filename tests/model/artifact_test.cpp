#include "model/artifact.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "temp_dir.h"
#include "toy.h"

namespace mrec {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(Artifact, EverythingIsReadBackAsSaved) {
  const TempDir directory;
  const std::string path = directory.path("model.h5");
  Artifact model = small_artifact();
  model.params.loss = "bpr";
  model.params.learning_rate = 0.1;
  model.save(path);
  const Artifact read = Artifact::load(path);
  EXPECT_EQ(read.artists.ids(), model.artists.ids());
  EXPECT_EQ(read.artist_names, model.artist_names);
  EXPECT_EQ(read.artist_genres, model.artist_genres);
  EXPECT_EQ(read.artist_listeners, model.artist_listeners);
  EXPECT_EQ(read.artist_factors, model.artist_factors);
  EXPECT_EQ(read.artist_bias, model.artist_bias);
  EXPECT_EQ(read.users.ids(), model.users.ids());
  EXPECT_EQ(read.user_factors, model.user_factors);
  EXPECT_EQ(read.user_bias, model.user_bias);
  EXPECT_EQ(read.feature_names, model.feature_names);
  EXPECT_EQ(read.feature_factors, model.feature_factors);
  EXPECT_EQ(read.feature_bias, model.feature_bias);
  EXPECT_EQ(read.fold_in_map, model.fold_in_map);
  EXPECT_EQ(read.new_artists.tag_names, model.new_artists.tag_names);
  EXPECT_EQ(read.new_artists.feature_names, model.new_artists.feature_names);
  EXPECT_EQ(read.new_artists.feature_mean, model.new_artists.feature_mean);
  EXPECT_EQ(read.new_artists.map, model.new_artists.map);
  EXPECT_EQ(read.calibration_slope, 2);
  EXPECT_EQ(read.calibration_offset, -1);
  ASSERT_EQ(read.survey.size(), 2U);
  EXPECT_EQ(read.survey[0].artist, 1);
  EXPECT_EQ(read.survey[1].genre, "Art Pop");
  EXPECT_EQ(read.params.loss, "bpr");
  EXPECT_EQ(read.params.learning_rate, 0.1);
  EXPECT_EQ(read.metrics, model.metrics);
  EXPECT_EQ(read.provenance, model.provenance);
}

TEST(Artifact, PartsThatDoNotFitTogetherAreRefusedByName) {
  const TempDir directory;
  const std::string path = directory.path("model.h5");
  Artifact model = small_artifact();
  model.artist_bias = Vector{{1, 2}};
  model.save(path);
  EXPECT_THAT([&] { Artifact::load(path); },
              ThrowsMessage<InputError>(HasSubstr(path + ":artist_bias: has 2 elements")));
  model = small_artifact();
  model.fold_in_map = Matrix{{1, 2}};
  model.save(path);
  EXPECT_THAT([&] { Artifact::load(path); }, ThrowsMessage<InputError>(HasSubstr("fold_in/map")));
}

TEST(Artifact, AnotherKindOfFileIsRefused) {
  const TempDir directory;
  EXPECT_THAT([&] { Artifact::load(directory.file("m.h5", "not a model")); },
              ThrowsMessage<InputError>(HasSubstr("is not HDF5; expected a file of the kind")));
}

}  // namespace
}  // namespace mrec
