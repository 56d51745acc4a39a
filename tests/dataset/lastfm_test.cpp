#include "dataset/lastfm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/error.h"
#include "temp_dir.h"

namespace mrec {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(Lastfm, ArtistsAreReadWithOrWithoutHeaderAndInEveryEncoding) {
  const TempDir directory;
  for (const char* head : {"id\tname\turl\tpictureURL\n", "//id\tname\r\n", ""}) {
    directory.file("artists.dat", std::string(head) +
                                      "1\tMALICE MIZER\thttp://x\thttp://y\r\n"
                                      "11681\tBallakÃ© Sissoko\thttp://x\t\n"
                                      "1686\t\"Weird Al\" Yankovic\tu\t\n");
    ReadReport report;
    const auto artists = lastfm::read_artists(directory.path(""), report);
    ASSERT_EQ(artists.size(), 3U) << head;
    EXPECT_EQ(artists[0].name, "MALICE MIZER");
    EXPECT_EQ(artists[1].name, "Ballaké Sissoko");
    EXPECT_EQ(artists[2].id, 1686);
    EXPECT_TRUE(report.kinds().empty());
  }
}

TEST(Lastfm, PlaysThatCannotBeUsedAreCountedByKindWithAnExample) {
  const TempDir directory;
  directory.file("user_artists.dat",
                 "userID\tartistID\tweight\n2\t51\t13883\n2\t52\n2\tx\t5\n2\t53\t0\n2\t54\t-1\n"
                 "2\t55\tnan\n2\t51\t9\n3\t51\t1\n");
  ReadReport report;
  const auto plays = lastfm::read_plays(directory.path(""), report);
  ASSERT_EQ(plays.size(), 2U);
  EXPECT_EQ(plays[0].plays, 13883);
  EXPECT_EQ(report.rows_used(), 2);
  const auto& kinds = report.kinds();
  EXPECT_EQ(kinds.at("row with too few columns").count, 1);
  EXPECT_EQ(kinds.at("row whose ids are not numbers").count, 1);
  EXPECT_EQ(kinds.at("row without a positive weight").count, 3);
  EXPECT_THAT(kinds.at("row without a positive weight").example,
              HasSubstr("user_artists.dat:5: 2 53 0"));
  EXPECT_EQ(kinds.at("repeated (user, artist)").count, 1);
}

TEST(Lastfm, WeightsThatAreNoFloatsAreLeftOut) {
  const TempDir directory;
  const std::string path =
      directory.file("user_artists.dat", "2\t51\t3e38\n2\t52\t1e39\n2\t53\t1e308\n2\t54\t1e-50\n");
  for (const bool split : {false, true}) {
    ReadReport report;
    const auto plays = split ? lastfm::read_split_file(path, report)
                             : lastfm::read_plays(directory.path(""), report);
    ASSERT_EQ(plays.size(), 1U);
    EXPECT_EQ(plays[0].artist_id, 51);
    const auto& kinds = report.kinds();
    EXPECT_EQ(kinds.at("row whose weight is too large").count, 2);
    EXPECT_THAT(kinds.at("row whose weight is too large").example,
                HasSubstr("user_artists.dat:2: 2 52 1e39"));
    EXPECT_EQ(kinds.at("row without a positive weight").count, 1);
  }
}

TEST(Lastfm, ArtistsThatCannotBeUsedAreCountedByKindWithAnExample) {
  const TempDir directory;
  directory.file("artists.dat", "id\tname\n1\tA\nx\tB\n2\t \n1\tC\n3\n4\tD\n");
  ReadReport report;
  const auto artists = lastfm::read_artists(directory.path(""), report);
  EXPECT_EQ(artists.size(), 2U);
  const std::map<std::string, std::string> examples{
      {"artist whose id is not a number", "artists.dat:3: x B"},
      {"artist without a name", "artists.dat:4: 2"},
      {"repeated artist id", "artists.dat:5: 1 C"},
      {"row with too few columns", "artists.dat:6: 3"}};
  EXPECT_EQ(report.kinds().size(), examples.size());
  for (const auto& [kind, example] : examples) {
    EXPECT_THAT(report.kinds().at(kind).example, testing::EndsWith(example));
  }
  EXPECT_EQ(report.rows_used(), 2);
}

TEST(Lastfm, TagRowsThatCannotBeUsedAreCountedByKindWithAnExample) {
  const TempDir directory;
  directory.file("tags.dat", "tagID\ttagValue\n1\trock\nx\tpop\n1\tagain\n");
  directory.file("user_taggedartists.dat",
                 "userID\tartistID\ttagID\n2\t5\t1\n2\ty\t1\n2\t5\t9\n2\t5\t1\n");
  ReadReport report;
  EXPECT_EQ(lastfm::read_tags(directory.path(""), report).assignments.size(), 1U);
  const std::map<std::string, std::string> examples{
      {"tag whose id is not a number", "tags.dat:3: x pop"},
      {"repeated tag id", "tags.dat:4: 1 again"},
      {"tag assignment whose ids are not numbers", "user_taggedartists.dat:3: 2 y 1"},
      {"tag assignment of a tag that is not in tags.dat", "user_taggedartists.dat:4: 2 5 9"},
      {"repeated tag assignment", "user_taggedartists.dat:5: 2 5 1"}};
  EXPECT_EQ(report.kinds().size(), examples.size());
  for (const auto& [kind, example] : examples) {
    EXPECT_THAT(report.kinds().at(kind).example, testing::EndsWith(example));
  }
}

TEST(Lastfm, OneTagFileWithoutTheOtherIsRefused) {
  const TempDir directory;
  directory.file("tags.dat", "tagID\ttagValue\n1\trock\n");
  ReadReport report;
  EXPECT_THAT([&] { lastfm::read_tags(directory.path(""), report); },
              ThrowsMessage<InputError>(HasSubstr("user_taggedartists.dat: cannot be opened")));
}

TEST(Lastfm, ASplitFileIsReadLikeThePlays) {
  const TempDir directory;
  ReadReport report;
  const auto plays = lastfm::read_split_file(
      directory.file("A.train.tsv", "userID\tartistID\tweight\n2\t51\t13883\n2\t52\t0\n"), report);
  ASSERT_EQ(plays.size(), 1U);
  EXPECT_EQ(plays[0].artist_id, 51);
  EXPECT_THAT(report.kinds().at("row without a positive weight").example,
              HasSubstr("A.train.tsv:3: 2 52 0"));
}

TEST(Lastfm, TagsAreReadAsLatin1AndRepeatsLeftOut) {
  const TempDir directory;
  directory.file("tags.dat", "tagID\ttagValue\r\n13\tchillout\r\n2863\ttropic\xE1lia\r\n");
  directory.file(
      "user_taggedartists.dat",
      "userID\tartistID\ttagID\tday\tmonth\tyear\r\n2\t52\t13\t1\t4\t2009\r\n"
      "133\t2984\t2863\t1\t3\t1957\r\n2\t52\t13\t1\t4\t2009\r\n2\t52\t99\t1\t4\t2009\r\n");
  ReadReport report;
  const lastfm::TagTable tags = lastfm::read_tags(directory.path(""), report);
  EXPECT_THAT(tags.names, testing::ElementsAre("chillout", "tropicália"));
  ASSERT_EQ(tags.assignments.size(), 2U);
  EXPECT_EQ(tags.assignments[1].artist_id, 2984);
  EXPECT_EQ(tags.assignments[1].tag, 1);
  EXPECT_EQ(report.kinds().at("repeated tag assignment").count, 1);
  EXPECT_EQ(report.kinds().at("tag assignment of a tag that is not in tags.dat").count, 1);
}

TEST(Lastfm, WithoutTagFilesThereAreNoTags) {
  const TempDir directory;
  ReadReport report;
  EXPECT_TRUE(lastfm::read_tags(directory.path(""), report).names.empty());
}

TEST(Lastfm, AFileThatCannotBeUsedIsRefusedByName) {
  const TempDir directory;
  ReadReport report;
  EXPECT_THAT([&] { lastfm::read_plays(directory.path("none"), report); },
              ThrowsMessage<InputError>(HasSubstr("none/user_artists.dat: cannot be opened")));
  directory.file("user_artists.dat", "userID\tartistID\tweight\n");
  EXPECT_THAT([&] { lastfm::read_plays(directory.path(""), report); },
              ThrowsMessage<InputError>(HasSubstr("holds no usable row; expected 3")));
}

}  // namespace
}  // namespace mrec
