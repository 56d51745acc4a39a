#include "base/output_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
