#include "base/output_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/error.h"
#include "temp_dir.h"

namespace mrec {
namespace {

TEST(OutputFile, AppearsOnlyWithCommit) {
  const TempDir directory;
  const std::string path = directory.file("out.txt", "old");
  {
    OutputFile file(path);
    file.stream() << "new";
  }
  EXPECT_EQ(read_file(path), "old");
  {
    OutputFile file(path);
    file.stream() << "new";
    file.commit();
  }
  EXPECT_EQ(read_file(path), "new");
  EXPECT_FALSE(std::filesystem::exists(path + ".part"));
}

TEST(OutputFile, AMissingDirectoryIsRefused) {
  const TempDir directory;
  EXPECT_THAT([&] { OutputFile file(directory.path("none/out.txt")); },
              testing::ThrowsMessage<InputError>(testing::HasSubstr("does the directory exist")));
}

TEST(OutputFile, TakesThePlaceOfFilesOnly) {
  const TempDir directory;
  std::filesystem::create_directory(directory.path("models"));
  EXPECT_THAT([&] { require_writable(directory.path("models")); },
              testing::ThrowsMessage<InputError>(testing::HasSubstr("is a directory")));
  EXPECT_THROW(require_writable(""), InputError);
  EXPECT_THAT([&] { require_writable("/dev/null"); },
              testing::ThrowsMessage<InputError>(testing::HasSubstr("/dev/null: is a device")));
  ASSERT_EQ(mkfifo(directory.path("pipe").c_str(), 0600), 0);
  EXPECT_THROW(require_writable(directory.path("pipe")), InputError);
  EXPECT_NO_THROW(require_writable(directory.path("model.h5")));
  EXPECT_FALSE(std::filesystem::exists(directory.path("model.h5.part")));
}

TEST(SameFile, ByWhateverName) {
  const TempDir directory;
  const std::string there = directory.file("there.txt", "");
  std::filesystem::create_symlink(there, directory.path("link.txt"));
  EXPECT_TRUE(is_same_file(there, directory.path("./there.txt")));
  EXPECT_TRUE(is_same_file(there, directory.path("link.txt")));
  EXPECT_TRUE(is_same_file(directory.path("none.txt"), directory.path("./none.txt")));
  EXPECT_FALSE(is_same_file(there, directory.path("none.txt")));
}

TEST(OutputFile, AFullDiskIsAnError) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const TempDir directory;
  const std::string path = directory.path("out.txt");
  std::filesystem::create_symlink("/dev/full", path + ".part");
  OutputFile file(path);
  file.stream() << std::string(100'000, 'x');
  EXPECT_THAT([&] { file.commit(); },
              testing::ThrowsMessage<Error>(testing::HasSubstr("disk full")));
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace mrec
