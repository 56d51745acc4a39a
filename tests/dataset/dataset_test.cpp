#include "dataset/dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "model/toy.h"
#include "temp_dir.h"

namespace mrec {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

Dataset small() {
  Dataset data;
  data.users = IdMap({7, 5});
  data.artists = IdMap({30, 10, 20});
  data.artist_names = {"Björk", "AC/DC", "!!!"};
  data.artist_genres = {"pop", "", "rock"};
  data.artist_num_tracks = {3, 0, 1};
  data.train = {.weights = sparse(Matrix{{1, 0.5F, 0}, {0, 0, 2}}), .plays = {10, 5, 20}};
  data.valid = {.weights = SparseMatrix(2, 3), .plays = {}};
  data.test = {.weights = sparse(Matrix{{0, 0, 1}, {0, 0, 0}}), .plays = {4}};
  data.features = {.values = sparse(Matrix{{1, 0.25F}, {0, 0.5F}, {1, 0}}),
                   .names = {"a", "b"},
                   .types = {"indicator", "numeric"}};
  data.tags = sparse(Matrix{{2}, {0}, {1}});
  data.tag_names = {"x"};
  return data;
}

TEST(Dataset, EverythingIsReadBackAsSaved) {
  const TempDir directory;
  const std::string path = directory.path("d.h5");
  save(path, small(), {}, {{"created_by", "a test"}});
  const Dataset read = load_dataset(path);
  const Dataset data = small();
  EXPECT_EQ(read.users.ids(), data.users.ids());
  EXPECT_EQ(read.artists.ids(), data.artists.ids());
  EXPECT_EQ(read.artist_names, data.artist_names);
  EXPECT_EQ(read.artist_genres, data.artist_genres);
  EXPECT_EQ(read.artist_num_tracks, data.artist_num_tracks);
  EXPECT_EQ(Matrix(read.train.weights), Matrix(data.train.weights));
  EXPECT_EQ(read.train.plays, data.train.plays);
  EXPECT_EQ(read.valid.weights.nonZeros(), 0);
  EXPECT_EQ(Matrix(read.test.weights), Matrix(data.test.weights));
  EXPECT_EQ(Matrix(read.features.values), Matrix(data.features.values));
  EXPECT_EQ(read.features.types, data.features.types);
  EXPECT_EQ(Matrix(read.tags), Matrix(data.tags));
  EXPECT_EQ(read.tag_names, data.tag_names);
}

TEST(Dataset, ARankReadsItsUsersAlone) {
  const TempDir directory;
  const std::string path = directory.path("d.h5");
  save(path, small(), {}, {});
  const DatasetFile file(path);
  EXPECT_EQ(file.num_users(), 2);
  EXPECT_EQ(file.num_artists(), 3);
  EXPECT_THAT(file.row_offsets("train"), testing::ElementsAre(0, 2, 3));
  const Interactions second = file.interactions("train", 1, 2);
  EXPECT_EQ(Matrix(second.weights), (Matrix{{0, 0, 2}}));
  EXPECT_THAT(second.plays, testing::ElementsAre(20));
  EXPECT_EQ(file.attribute("params", "none"), "");
}

TEST(Dataset, PartsThatDoNotFitTogetherAreRefusedByName) {
  const TempDir directory;
  const std::string path = directory.path("d.h5");
  const auto refused = [&](const Dataset& data, const std::string& part) {
    save(path, data, {}, {});
    EXPECT_THAT([&] { load_dataset(path); }, ThrowsMessage<InputError>(HasSubstr(part)));
  };
  Dataset data = small();
  data.test.weights = SparseMatrix(3, 3);
  refused(data, "d.h5:test: does not have a row for each user");
  data = small();
  data.artist_names.pop_back();
  refused(data, "d.h5:artists/name");
  data = small();
  data.features.names.pop_back();
  refused(data, "d.h5:features");
  data = small();
  data.features.types[0] = "text";
  refused(data, "d.h5:features/type");
  data = small();
  data.tags = SparseMatrix(2, 1);
  refused(data, "d.h5:tags");
  data = small();
  data.artist_num_tracks.pop_back();
  refused(data, "d.h5:artists/num_tracks");
  data = small();
  data.valid.weights = SparseMatrix(2, 4);
  refused(data, "d.h5:valid: does not have a column for each artist");
  data = small();
  data.train.plays.pop_back();
  refused(data, "d.h5:train/plays");
  data = small();
  data.train.weights.coeffRef(0, 0) = -1;
  refused(data, "d.h5:train: holds a value that is not above 0");
  data = small();
  data.test.plays[0] = 0;
  refused(data, "d.h5:test/plays: holds a value that is not above 0");
  data = small();
  data.test.weights = sparse(Matrix{{0, 1, 0}, {0, 0, 0}});
  refused(data, "d.h5:train, valid and test overlap");
}

TEST(Dataset, ARepeatedIdIsRefusedByName) {
  const TempDir directory;
  const std::string path = directory.path("d.h5");
  {
    h5::Writer file(path, kDatasetFormat, kDatasetVersion);
    file.int64s("users/id", std::vector<std::int64_t>{4, 4});
    file.int64s("artists/id", std::vector<std::int64_t>{1});
    for (const char* part : {"train", "valid", "test"}) file.sparse(part, SparseMatrix(2, 1));
    file.commit();
  }
  EXPECT_THAT([&] { static_cast<void>(DatasetFile(path).users()); },
              ThrowsMessage<InputError>(path + ":users/id: id 4 comes twice"));
}

TEST(Dataset, TheHashTellsContentApart) {
  const TempDir directory;
  save(directory.path("a.h5"), small(), {}, {});
  save(directory.path("b.h5"), small(), {}, {});
  Dataset other = small();
  other.test.plays[0] = 9;
  save(directory.path("c.h5"), other, {}, {});
  const std::string hash = DatasetFile(directory.path("a.h5")).sha256();
  EXPECT_EQ(DatasetFile(directory.path("b.h5")).sha256(), hash);
  EXPECT_NE(DatasetFile(directory.path("c.h5")).sha256(), hash);
}

}  // namespace
}  // namespace mrec
