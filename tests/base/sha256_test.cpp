#include "base/sha256.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "temp_dir.h"

namespace mrec {
namespace {

TEST(Sha256, MatchesThePublishedVectors) {  // FIPS 180-2, appendix B
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Sha256, AFileHashesAsItsContent) {
  const TempDir directory;
  const std::string content(200'000, 'x');
  EXPECT_EQ(sha256_file(directory.file("f", content)), sha256(content));
  EXPECT_THAT([&] { sha256_file(directory.path("none")); },
              testing::ThrowsMessage<InputError>(testing::HasSubstr("cannot be read")));
}

}  // namespace
}  // namespace mrec
