#include "base/hdf5.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "temp_dir.h"

namespace mrec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr std::string_view kFormat = "mrec-test";

SparseMatrix sample_csr() {
  SparseMatrix matrix(3, 5);
  matrix.insert(0, 1) = 1.5F;
  matrix.insert(0, 4) = 2;
  matrix.insert(2, 0) = 3;
  matrix.makeCompressed();
  return matrix;
}

std::string write_sample(const TempDir& directory) {
  const std::string path = directory.path("a.h5");
  h5::Writer file(path, kFormat, 1);
  file.matrix("group/matrix", Matrix{{1, 2, 3}, {4, 5, 6}});
  file.floats("floats", std::vector<float>{0.5F, -1});
  file.int64s("ids", std::vector<std::int64_t>{1LL << 40, -2});
  file.ints("ints", std::vector<int>{});
  file.strings("names", std::vector<std::string>{"Björk", "宇多田ヒカル", ""});
  file.sparse("csr", sample_csr());
  file.attribute("params", "loss", "warp");
  file.commit();
  return path;
}

std::string data_of_another_kind(const TempDir& directory) {
  const std::string path = directory.path("other.h5");
  h5::Writer(path, "mrec-other", 1).commit();
  return path;
}

TEST(Hdf5, EverythingIsReadBackAsWritten) {
  const TempDir directory;
  const h5::Reader file(write_sample(directory), kFormat, 1);
  EXPECT_EQ(file.matrix("group/matrix"), (Matrix{{1, 2, 3}, {4, 5, 6}}));
  EXPECT_THAT(file.floats("floats"), ElementsAre(0.5F, -1));
  EXPECT_THAT(file.int64s("ids"), ElementsAre(1LL << 40, -2));
  EXPECT_TRUE(file.ints("ints").empty());
  EXPECT_THAT(file.strings("names"), ElementsAre("Björk", "宇多田ヒカル", ""));
  EXPECT_EQ(Matrix(file.sparse("csr")), Matrix(sample_csr()));
  EXPECT_EQ(file.attribute("params", "loss"), "warp");
  EXPECT_TRUE(file.has("group/matrix"));
  EXPECT_FALSE(file.has("nowhere/matrix"));
}

TEST(Hdf5, RowsOfACsrMatrixAreReadAlone) {
  const TempDir directory;
  const h5::Reader file(write_sample(directory), kFormat, 1);
  const Matrix whole = sample_csr();
  for (int first = 0; first <= 3; ++first) {
    for (int last = first; last <= 3; ++last) {
      EXPECT_EQ(Matrix(file.sparse_rows("csr", first, last)), whole.middleRows(first, last - first))
          << first << ".." << last;
    }
  }
}

TEST(Hdf5, AnArrayGrowsPieceByPieceOnTheDisk) {
  const TempDir directory;
  const std::string path = directory.path("grown.h5");
  std::vector<int> expected;
  {
    h5::Writer file(path, kFormat, 1, 1 << 20);
    for (const std::size_t size :
         {std::size_t{3}, h5::Writer::kChunk, std::size_t{0}, 2 * h5::Writer::kChunk + 1}) {
      std::vector<int> piece(size);
      for (int& value : piece) value = static_cast<int>(expected.size() + (&value - piece.data()));
      file.append("numbers", piece);
      expected.insert(expected.end(), piece.begin(), piece.end());
    }
    file.append("none", std::vector<float>{});
    file.append("csr/indices", std::vector<int>{1, 4});
    file.append("csr/data", std::vector<float>{1.5F, 2});
    file.append("csr/indices", std::vector<int>{0});
    file.append("csr/data", std::vector<float>{3});
    file.sparse_offsets("csr", 5, std::vector<std::int64_t>{0, 2, 2, 3});
    EXPECT_FALSE(std::filesystem::exists(path));
    file.commit();
  }
  const h5::Reader file(path, kFormat, 1);
  EXPECT_EQ(file.ints("numbers"), expected);
  EXPECT_TRUE(file.floats("none").empty());
  EXPECT_EQ(Matrix(file.sparse("csr")), Matrix(sample_csr()));
  {
    h5::Writer left(directory.path("left.h5"), kFormat, 1, 1 << 20);
    left.append("numbers", expected);
  }
  EXPECT_FALSE(std::filesystem::exists(directory.path("left.h5")));
  EXPECT_FALSE(std::filesystem::exists(directory.path("left.h5.part")));
  EXPECT_THAT([&] { h5::Writer(path, kFormat, 1, std::int64_t{1} << 60); },
              ThrowsMessage<Error>(HasSubstr("MiB free")));
}

TEST(Hdf5, AFileAppearsOnlyWithCommit) {
  const TempDir directory;
  const std::string path = directory.path("b.h5");
  {
    h5::Writer file(path, kFormat, 1);
    file.floats("x", std::vector<float>{1});
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_FALSE(std::filesystem::exists(path + ".part"));
}

TEST(Hdf5, TheSameContentGivesTheSameBytes) {
  const TempDir a;
  const TempDir b;
  EXPECT_EQ(read_file(write_sample(a)), read_file(write_sample(b)));
}

TEST(Hdf5, AFileThatIsNotOursIsRefusedByName) {
  const TempDir directory;
  const auto refused = [](const std::string& path, int version, const std::string& part) {
    EXPECT_THAT([&] { h5::Reader(path, kFormat, version); },
                ThrowsMessage<InputError>(testing::AllOf(HasSubstr(path), HasSubstr(part))));
  };
  const std::string good = write_sample(directory);
  refused(directory.path("none.h5"), 1, "No such file");
  refused(directory.file("text.h5", "userID\tartistID\n"), 1, "is not HDF5");
  refused(directory.file("empty.h5", ""), 1, "is not HDF5");
  refused(data_of_another_kind(directory), 1, "is a file of the kind mrec-other");
  refused(good, 2, "is mrec-test version 1, expected mrec-test version 2; make it again");
  const std::string bytes = read_file(good);
  refused(directory.file("cut.h5", bytes.substr(0, bytes.size() / 2)), 1, "damaged or cut short");
}

// Every byte is flipped in turn: reading gives an error or the true content, never other content.
TEST(Hdf5, AFlippedByteIsNoticed) {
  const TempDir directory;
  const std::string bytes = read_file(write_sample(directory));
  std::size_t refused = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string broken = bytes;
    broken[at] = static_cast<char>(broken[at] ^ 0x10);
    const std::string path = directory.file("broken.h5", broken);
    try {
      const h5::Reader file(path, kFormat, 1);
      ASSERT_EQ(file.matrix("group/matrix"), (Matrix{{1, 2, 3}, {4, 5, 6}})) << at;
      ASSERT_THAT(file.floats("floats"), ElementsAre(0.5F, -1)) << at;
      ASSERT_THAT(file.int64s("ids"), ElementsAre(1LL << 40, -2)) << at;
      ASSERT_THAT(file.strings("names"), ElementsAre("Björk", "宇多田ヒカル", "")) << at;
      ASSERT_EQ(Matrix(file.sparse("csr")), Matrix(sample_csr())) << at;
    } catch (const InputError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, bytes.size() - 512);  // all but the padding of the head
}

TEST(Hdf5, WrongTypesAreRefusedByName) {
  const TempDir directory;
  const std::string path = write_sample(directory);
  const h5::Reader file(path, kFormat, 1);
  EXPECT_THAT([&] { static_cast<void>(file.matrix("floats")); },
              ThrowsMessage<InputError>(HasSubstr(path + ":floats: expected a matrix")));
  EXPECT_THAT([&] { static_cast<void>(file.ints("floats")); },
              ThrowsMessage<InputError>(HasSubstr("one-dimensional array of whole numbers")));
  EXPECT_THAT([&] { static_cast<void>(file.floats("none")); },
              ThrowsMessage<InputError>(HasSubstr(path + ":none")));
}

TEST(Hdf5, AFullDiskIsAnErrorAndLeavesNothing) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const TempDir directory;
  const std::string path = directory.path("a.h5");
  std::filesystem::create_symlink("/dev/full", path + ".part");
  EXPECT_THAT(
      [&] {
        h5::Writer file(path, kFormat, 1);
        file.floats("x", std::vector<float>(100'000, 1));
        file.commit();
      },
      ThrowsMessage<Error>(HasSubstr("is the disk full")));
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Hdf5, AnUnwritableDirectoryIsRefused) {
  EXPECT_THAT([] { h5::Writer("/no/such/directory/a.h5", kFormat, 1); },
              ThrowsMessage<InputError>(HasSubstr("does the directory exist")));
}

TEST(Hdf5, RowsAreAddedToAMatrix) {
  const TempDir directory;
  const std::string path = directory.path("rows.h5");
  {
    h5::Writer file(path, "mrec-test", 1, 1000);
    file.append_rows("m", 2, 3, std::vector<float>{1, 2, 3, 4, 5, 6});
    file.append_rows("m", 1, 3, std::vector<float>{7, 8, 9});
    file.append_rows("none", 0, 3, {});
    file.append_rows("no_columns", 2, 0, {});
    file.append_rows("no_columns", 1, 0, {});
    file.commit();
  }
  const h5::Reader file(path, "mrec-test", 1);
  EXPECT_EQ(file.matrix("m"), (Matrix{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}}));
  EXPECT_EQ(file.matrix("none").cols(), 3);
  EXPECT_EQ(file.matrix("no_columns").rows(), 3);
  EXPECT_EQ(file.matrix_rows("no_columns", 1, 3).rows(), 2);
}

TEST(Hdf5, WhoTrustsTheSumIsToldItWithoutReading) {
  const TempDir directory;
  const std::string path = directory.path("f.h5");
  {
    h5::Writer file(path, "mrec-test", 1);
    file.floats("x", std::vector<float>{1, 2});
    file.commit();
  }
  const h5::Reader checked(path, "mrec-test", 1);
  const h5::Reader trusting(path, "mrec-test", 1, h5::Sum::kTrust);
  EXPECT_EQ(trusting.sha256(), checked.sha256());
  EXPECT_EQ(trusting.floats("x"), checked.floats("x"));
  EXPECT_THROW(h5::Reader(path, "mrec-other", 1, h5::Sum::kTrust), InputError);
}

TEST(Hdf5, TheFileBeforeIsKeptWhereOneAsks) {
  const TempDir directory;
  const std::string path = directory.path("f.h5");
  const std::string previous = directory.path("f.h5.previous");
  for (const float value : {1.0F, 2.0F, 3.0F}) {
    h5::Writer file(path, "mrec-test", 1);
    file.floats("x", std::vector<float>{value});
    file.commit(previous);
  }
  EXPECT_EQ(h5::Reader(path, "mrec-test", 1).floats("x").front(), 3);
  EXPECT_EQ(h5::Reader(previous, "mrec-test", 1).floats("x").front(), 2);
}

}  // namespace
}  // namespace mrec
