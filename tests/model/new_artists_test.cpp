#include "model/new_artists.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/error.h"
#include "temp_dir.h"
#include "toy.h"

namespace mrec {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

const std::string kHeader = "artist_id\tname\ttags\n";

class NewArtistTable : public testing::Test {
 protected:
  Artifact with(const std::string& table) {
    std::ofstream(path) << table;
    Artifact model = small_artifact();
    add_new_artists(model, path);
    return model;
  }
  void refused(const std::string& table, const std::string& message) {
    EXPECT_THAT([&] { with(table); }, ThrowsMessage<InputError>(HasSubstr(message))) << table;
  }
  const TempDir directory;
  const std::string path = directory.path("new.tsv");
};

TEST_F(NewArtistTable, ArtistsArePlacedByTheirTags) {
  const Artifact model = with(kHeader + "900\tNew: One\trock; jazz:3 ;unheard of\n5\tTwo\tjazz\n");
  ASSERT_EQ(model.num_artists(), 6);
  EXPECT_EQ(model.artists.ids(), (std::vector<std::int64_t>{10, 20, 30, 40, 900, 5}));
  EXPECT_EQ(model.artist_names[4], "New: One");
  EXPECT_EQ(model.artist_factors.bottomRows(2), (Matrix{{1, 3}, {0, 1}}));
  EXPECT_EQ(model.artist_bias.tail(2), (Vector{{-0.5F, -1}}));
  EXPECT_EQ(model.artist_listeners[5], 0);
  EXPECT_EQ(model.artist_genres.size(), 6U);
  EXPECT_EQ(model.artist_factors.topRows(4), small_artifact().artist_factors);
}

TEST_F(NewArtistTable, BadRowsAreRefusedByLine) {
  refused("", "new.tsv:1: expected the header");
  refused("id\tname\ttags\n", "new.tsv:1: expected the header");
  refused(kHeader, "names no artist");
  refused(kHeader + "900\tNew\n", "new.tsv:2: expected");
  refused(kHeader + "x\tNew\trock\n", "new.tsv:2: expected");
  refused(kHeader + "900\t\trock\n", "new.tsv:2: expected");
  refused(kHeader + "20\tNew\trock\n", "new.tsv:2: artist 20 is in the catalogue");
  refused(kHeader + "900\tA\trock\n900\tB\trock\n", "new.tsv:3: artist 900 is in the catalogue");
  refused(kHeader + "900\tA\tpolka\n", "none of the tags of 'A'; it knows 2, such as rock, jazz");
}

TEST_F(NewArtistTable, NeedsTheMap) {
  Artifact model = small_artifact();
  model.new_artists = {};
  EXPECT_THAT([&] { add_new_artists(model, path); },
              ThrowsMessage<InputError>(HasSubstr("trained without tags")));
}

}  // namespace
}  // namespace mrec
