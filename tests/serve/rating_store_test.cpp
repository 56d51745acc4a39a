#include "serve/rating_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/resource.h>

#include <atomic>
#include <csignal>
#include <filesystem>
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

TEST(RatingStore, AnErasedUserIsGoneAndNobodyElse) {
  const TempDir directory;
  RatingStore store(directory.path("r.db"));
  store.replace("me", std::vector<RatedArtist>{{10, 1}});
  store.replace("you", std::vector<RatedArtist>{{20, 1}});
  EXPECT_TRUE(store.erase("me"));
  EXPECT_FALSE(store.erase("me"));
  EXPECT_TRUE(store.find("me").empty());
  EXPECT_EQ(store.find("you").size(), 1U);
}

TEST(RatingStore, ConcurrentWritersShareASync) {
  const TempDir directory;
  RatingStore store(directory.path("r.db"));
  constexpr int kThreads = 8;
  constexpr int kWrites = 50;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&store, t] {
        for (int i = 0; i < kWrites; ++i) {
          const std::string user = std::to_string(t) + " " + std::to_string(i);
          store.replace(user, std::vector<RatedArtist>{{t, 1}});
        }
      });
    }
  }
  const RatingStore::Counts counts = store.counts();
  EXPECT_EQ(counts.writes, kThreads * kWrites);
  EXPECT_LT(counts.commits, counts.writes);
  EXPECT_EQ(counts.waiting, 0);
  for (int t = 0; t < kThreads; ++t) {
    for (int i = 0; i < kWrites; ++i) {
      const auto ratings = store.find(std::to_string(t) + " " + std::to_string(i));
      ASSERT_EQ(ratings.size(), 1U);
      EXPECT_EQ(ratings[0].artist_id, t);
    }
  }
}

TEST(RatingStore, OneBadWriteDoesNotFailItsNeighbours) {
  const TempDir directory;
  RatingStore store(directory.path("r.db"));
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&store, &refused, t] {
        for (int i = 0; i < 20; ++i) {
          const std::string user = std::to_string(t) + " " + std::to_string(i);
          try {  // Two artists of one rank break the table's rule.
            store.replace(user, std::vector<RatedArtist>{{1, 1}, {2, t == 0 ? 1 : 2}});
          } catch (const Error&) {
            ++refused;
          }
        }
      });
    }
  }
  EXPECT_EQ(refused, 20);
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(store.find("0 " + std::to_string(i)).empty());
    EXPECT_EQ(store.find("1 " + std::to_string(i)).size(), 2U);
  }
}

TEST(RatingStore, TellsWhenTheDiskTakesNoMore) {
  const TempDir directory;
  RatingStore store(directory.path("r.db"));
  store.replace("me", std::vector<RatedArtist>{{10, 1}});
  EXPECT_TRUE(store.is_writable());

  std::signal(SIGXFSZ, SIG_IGN);
  rlimit old{};
  getrlimit(RLIMIT_FSIZE, &old);
  const rlimit full{.rlim_cur = std::filesystem::file_size(directory.path("r.db-wal")),
                    .rlim_max = old.rlim_max};
  setrlimit(RLIMIT_FSIZE, &full);
  EXPECT_THROW(store.replace("me", std::vector<RatedArtist>{{20, 1}}), Error);
  EXPECT_FALSE(store.is_writable());
  setrlimit(RLIMIT_FSIZE, &old);

  EXPECT_TRUE(store.is_writable());
  EXPECT_THAT(artists_of(store.find("me")), testing::ElementsAre(10)) << "whole or not at all";
  store.replace("me", std::vector<RatedArtist>{{30, 1}});
  EXPECT_THAT(artists_of(store.find("me")), testing::ElementsAre(30));
}

TEST(RatingStore, ABackupBesideWritersIsWholeAndOpens) {
  const TempDir directory;
  const std::string copy = directory.path("copy.db");
  {
    RatingStore store(directory.path("r.db"));
    store.replace("me", std::vector<RatedArtist>{{10, 1}, {20, 2}});
    std::jthread writer([&store](const std::stop_token& stop) {
      for (int i = 0; !stop.stop_requested(); ++i) {
        store.replace("you " + std::to_string(i), std::vector<RatedArtist>{{1, 1}, {2, 2}});
      }
    });
    back_up_ratings(directory.path("r.db"), copy);
  }
  EXPECT_FALSE(std::filesystem::exists(copy + ".part-wal"));
  RatingStore store(copy);
  EXPECT_THAT(artists_of(store.find("me")), testing::ElementsAre(10, 20));
  EXPECT_THAT([&] { back_up_ratings(directory.path("r.db"), copy); },
              ThrowsMessage<InputError>(HasSubstr("exists")));
  EXPECT_THAT([&] { back_up_ratings(directory.path("no.db"), directory.path("x.db")); },
              ThrowsMessage<InputError>(HasSubstr("no.db")));
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
