#include "eval/new_users.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "model/toy.h"
#include "temp_dir.h"

namespace mrec {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr const char* kHead = "userID\tartistID\tweight\n";

TEST(NewUsers, RateTheirMostPlayedAndAreAskedForTheRest) {
  const TempDir directory;
  const Artifact model = small_artifact();  // artists 10 20 30 40, known users 7 8
  const std::string survey =
      directory.file("s.tsv", std::string(kHead) + "1\t10\t5\n1\t20\t50\n2\t30\t1\n3\t10\t1\n");
  const std::string target =
      directory.file("t.tsv", std::string(kHead) + "1\t30\t9\n2\t40\t2\n2\t10\t2\n");
  const NewUsers users = read_new_users(survey, target, model, 1);
  ASSERT_EQ(users.size(), 2) << "user 3 has no target";
  ASSERT_EQ(users.ratings[0].size(), 1U);
  EXPECT_EQ(users.ratings[0][0].artist, 1) << "artist 20, played most";
  EXPECT_EQ(users.ratings[0][0].weight, 1);
  EXPECT_EQ(Matrix(users.rated), (Matrix{{1, 1, 0, 0}, {0, 0, 1, 0}}));
  EXPECT_EQ(Matrix(users.target), (Matrix{{0, 0, 1, 0}, {1, 0, 0, 1}}));

  const NewUsers both = read_new_users(survey, target, model, 10);
  ASSERT_EQ(both.ratings[0].size(), 2U);
  EXPECT_FLOAT_EQ(both.ratings[0][1].weight, 0.9F);
  EXPECT_EQ(vectors_by_mean(model, both).row(0), fold_in_mean(model, both.ratings[0]));
  EXPECT_EQ(vectors_by_fold_in(model, both).row(1), fold_in(model, both.ratings[1]));
}

TEST(NewUsers, KnownUsersAndUnknownArtistsAreRefused) {
  const TempDir directory;
  const Artifact model = small_artifact();
  const std::string good = directory.file("good.tsv", std::string(kHead) + "1\t10\t5\n");
  const auto refused = [&](const std::string& line, const std::string& part) {
    const std::string path = directory.file("bad.tsv", std::string(kHead) + line);
    EXPECT_THAT([&] { read_new_users(good, path, model, 10); },
                ThrowsMessage<InputError>(HasSubstr(part)));
  };
  refused("7\t10\t1\n", "bad.tsv: user 7 is not new: the model was trained on this user");
  refused("1\t99\t1\n", "bad.tsv: artist 99 is not in the model's catalogue");
  refused("5\t10\t1\n", "has no user of");
}

}  // namespace
}  // namespace mrec
