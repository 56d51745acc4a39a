#include "serve/rating_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <thread>
#include <vector>

#include "base/error.h"
#include "temp_dir.h"

namespace mrec {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

std::vector<std::int64_t> artists_of(const std::vector<RatedArtist>& ratings) {
  std::vector<std::int64_t> artists;
  for (const RatedArtist& rating : ratings) artists.push_back(rating.artist_id);
  return artists;
}

TEST(RatingStore, RatingsComeBackInTheOrderOfTheirRanks) {
  const TempDir directory;
  RatingStore store(directory.path("r.db"));
  store.replace("me", std::vector<RatedArtist>{{30, 2}, {10, 1}, {20, 7}});
  EXPECT_THAT(artists_of(store.find("me")), testing::ElementsAre(10, 30, 20));
  EXPECT_TRUE(store.find("you").empty());
}

TEST(RatingStore, NewRatingsReplaceAllEarlierOnes) {
  const TempDir directory;
  RatingStore store(directory.path("r.db"));
  store.replace("me", std::vector<RatedArtist>{{10, 1}, {20, 2}});
  store.replace("me", std::vector<RatedArtist>{{30, 1}});
  EXPECT_THAT(artists_of(store.find("me")), testing::ElementsAre(30));
}

TEST(RatingStore, UsersAreToldApartByEveryByte) {
  const TempDir directory;
  RatingStore store(directory.path("r.db"));
  const std::vector<std::string> users{
      "A.B", "AB", "a.b", "A.B ", "   ", "???", "!!!", std::string("A\0B", 3), "Bj\xC3\xB6rk"};
  for (std::size_t i = 0; i < users.size(); ++i) {
    store.replace(users[i], std::vector<RatedArtist>{{static_cast<std::int64_t>(i), 1}});
  }
  for (std::size_t i = 0; i < users.size(); ++i) {
    EXPECT_THAT(artists_of(store.find(users[i])),
                testing::ElementsAre(static_cast<std::int64_t>(i)));
  }
}

TEST(RatingStore, RatingsOutliveTheProgram) {
  const TempDir directory;
  const std::string path = directory.path("r.db");
  {
    RatingStore store(path);
    store.replace("me", std::vector<RatedArtist>{{10, 1}});
  }
  EXPECT_THAT(artists_of(RatingStore(path).find("me")), testing::ElementsAre(10));
}

TEST(RatingStore, ManyThreadsMayReadAndWrite) {
  const TempDir directory;
  RatingStore store(directory.path("r.db"));
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&store, t] {
      for (int i = 0; i < 25; ++i) {
        store.replace("shared", std::vector<RatedArtist>{{t, 1}, {t + 100, 2}});
        const std::vector<RatedArtist> ratings = store.find("shared");
        ASSERT_EQ(ratings.size(), 2U) << "a submission is seen whole or not at all";
        EXPECT_EQ(ratings[0].artist_id + 100, ratings[1].artist_id);
      }
    });
  }
}

void make_database(const std::string& path, const char* sql) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(db);
}

TEST(RatingStore, AFileThatIsNotOursIsRefusedAndLeftAlone) {
  const TempDir directory;
  const auto refused = [](const std::string& path, const std::string& part) {
    EXPECT_THAT([&] { RatingStore store(path); }, ThrowsMessage<InputError>(HasSubstr(part)));
  };
  const std::string text = directory.file("text.db", std::string(5000, 'x'));
  refused(text, "text.db");
  EXPECT_EQ(read_file(text), std::string(5000, 'x'));
  const std::string foreign = directory.path("foreign.db");
  make_database(foreign, "CREATE TABLE t (x)");
  refused(foreign, "another program");
  const std::string newer = directory.path("newer.db");
  { RatingStore store(newer); }
  make_database(newer, "PRAGMA user_version = 99");
  refused(newer, "schema version 99");
  refused(directory.path("no/such/r.db"), "cannot be opened for writing");
}

}  // namespace
}  // namespace mrec
