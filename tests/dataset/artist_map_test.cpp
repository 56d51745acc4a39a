#include "dataset/artist_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "temp_dir.h"

namespace mrec {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(ArtistMap, IsReadBackAsWritten) {
  const TempDir directory;
  const std::string path = directory.path("map.tsv");
  const std::vector<ArtistLink> links{
      {1, "Björk", "Bjork", MatchKind::kFuzzy, 0.75, NameRule::kTransliterated},
      {2, "", "宇多田ヒカル", MatchKind::kSpotifyOnly, 0}};
  write_artist_map(path, links);
  const auto read = read_artist_map(path);
  ASSERT_EQ(read.size(), 2U);
  EXPECT_EQ(read[0].lastfm_name, "Björk");
  EXPECT_EQ(read[0].kind, MatchKind::kFuzzy);
  EXPECT_EQ(read[0].rule, NameRule::kTransliterated);
  EXPECT_NEAR(read[0].score, 0.75, 1e-9);
  EXPECT_EQ(read[1].spotify_name, "宇多田ヒカル");
}

TEST(ArtistMap, WithoutAHeaderTheFirstArtistCounts) {
  const TempDir directory;
  const auto links =
      read_artist_map(directory.file("map.tsv", "1\tA\ta\texact\t1\n2\tB\t\tlastfm\t0\n"));
  ASSERT_EQ(links.size(), 2U);
  EXPECT_EQ(links[0].artist_id, 1);
  EXPECT_EQ(links[0].spotify_name, "a");
}

TEST(ArtistMap, AWrongLineIsRefusedByNumber) {
  const TempDir directory;
  const auto refused = [&](const std::string& line, const std::string& part) {
    const std::string path =
        directory.file("map.tsv", "artist_id\tlastfm_name\tspotify_name\tmethod\tscore\n" + line);
    EXPECT_THAT([&] { read_artist_map(path); }, ThrowsMessage<InputError>(HasSubstr(part)));
  };
  refused("1\tA\tB\texact\n", "map.tsv:2: has 4 columns");
  refused("x\tA\tB\texact\t1\n", "map.tsv:2: 'x' is not a number");
  refused("1\tA\tB\tguess\t1\n", "method 'guess' is not one of given, lastfm, spotify, exact");
  refused("1\tA\tB\texact\t100\n", "map.tsv:2: score 100 is outside [0, 1]; it is a probability");
  refused("", "holds no artist");
}

TEST(ArtistMap, ArtistsThatAreMissingInAMendedTableAreAddedAlone) {
  const std::vector<lastfm::Artist> artists{{1, "A"}, {2, "B"}};
  const std::vector<ArtistLink> links = completed(
      {{9, "", "C", MatchKind::kSpotifyOnly, 0}, {2, "B", "b", MatchKind::kExact, 1}}, artists);
  ASSERT_EQ(links.size(), 3U);
  EXPECT_EQ(links[0].artist_id, 1);
  EXPECT_EQ(links[0].lastfm_name, "A");
  EXPECT_EQ(links[0].kind, MatchKind::kLastfmOnly);
  EXPECT_EQ(links[1].spotify_name, "b");
  EXPECT_EQ(links[2].artist_id, 9);
}

TEST(ArtistMap, AMendedTableThatContradictsItselfOrTheArtistsIsRefused) {
  const std::vector<lastfm::Artist> artists{{1, "A"}, {2, "B"}};
  const auto refused = [&](std::vector<ArtistLink> links, const std::string& why) {
    EXPECT_THAT([&] { completed(links, artists); },
                testing::ThrowsMessage<InputError>(testing::HasSubstr(why)));
  };
  refused({{1, "A", "", MatchKind::kLastfmOnly, 0}, {1, "A", "a", MatchKind::kExact, 1}},
          "artist 1 stands twice");
  refused({{3, "X", "x", MatchKind::kExact, 1}}, "artist 3 (X) is not in artists.dat");
  refused({{2, "", "Y", MatchKind::kSpotifyOnly, 0}}, "artist 2 (Y) is to be in Spotify only");
  refused({{1, "A", "The A", MatchKind::kFuzzy, 0.9}, {2, "B", "a", MatchKind::kFuzzy, 0.9}},
          "artist 2 has the Spotify name 'a', which another artist has already");
}

TEST(ArtistMap, ATableOfOtherArtistsIsRefusedByName) {
  const std::vector<lastfm::Artist> artists{{1, "A"}, {2, "The Beatles"}};
  EXPECT_THAT(
      [&] {
        completed({{1, "B", "", MatchKind::kLastfmOnly, 0}}, artists, "map.tsv");
      },
      ThrowsMessage<InputError>(
          testing::AllOf(HasSubstr("map.tsv: artist 1 is 'A' in artists.dat, not 'B'"),
                         HasSubstr("make the map again with mrec-match"))));
  EXPECT_EQ(completed({{2, "beatles", "Beatles", MatchKind::kExact, 1}}, artists).size(), 2U)
      << "another spelling of the same name";
  EXPECT_EQ(completed({{1, "", "a", MatchKind::kGiven, 1}}, artists).front().lastfm_name, "A")
      << "no name is no other name";
}

TEST(ArtistMap, NamesThatWereReadWronglyOnceAreTheSameInTheTable) {
  const TempDir directory;
  directory.file("artists.dat",
                 "id\tname\n1\tBallakÃ© Sissoko\n2\tMÃƒÂ¶tley Crew\n3\ttropic\xE1lia\n4\t!!!\n"
                 "5\t\"Weird Al\" Yankovic\n6\tGuns Nâ€™ Roses\n");
  ReadReport report;
  const auto artists = lastfm::read_artists(directory.path(""), report);
  const std::string path = directory.path("map.tsv");
  write_artist_map(path, completed({}, artists));
  const auto links = completed(read_artist_map(path), artists, path);
  ASSERT_EQ(links.size(), artists.size());
  for (std::size_t i = 0; i < links.size(); ++i) EXPECT_EQ(links[i].lastfm_name, artists[i].name);
}

TEST(ReviewFile, CorrectedLinesAreGoodAsGivenMatches) {
  const std::vector<lastfm::Artist> artists{{1, "Stephen King"}, {2, "Blur"}, {3, "Pulp"}};
  const TempDir directory;
  const std::string path = directory.path("review.tsv");
  write_review(path, std::vector<DoubtfulMatch>{
                         {1, "Stephen King", "King Stephen", NameRule::kWords, 0.5, 9, false},
                         {2, "Blur", "Blurr", NameRule::kTypo, 0.7, 3, true}});
  const auto given = read_given_matches(path, artists);
  ASSERT_EQ(given.size(), 2U);
  EXPECT_EQ(given[0].artist_id, 1);
  EXPECT_EQ(given[0].spotify_name, "King Stephen");
  EXPECT_EQ(given[1].spotify_name, "Blurr");
}

TEST(GivenMatches, AnEmptyNameKeepsAnArtistApart) {
  const TempDir directory;
  const auto given = read_given_matches(directory.file("given.tsv", "2\tBlur\t\n"),
                                        std::vector<lastfm::Artist>{{2, "Blur"}});
  ASSERT_EQ(given.size(), 1U);
  EXPECT_EQ(given[0].spotify_name, "");
}

TEST(GivenMatches, AnArtistMapIsGoodAsItStands) {
  const std::vector<lastfm::Artist> artists{{1, "Björk"}, {2, "Blur"}};
  const std::vector<SpotifyName> names{{"Bjork", 3}, {"Nobody Else", 2}};
  const auto links = match_artists(artists, names, {}).links;
  ASSERT_EQ(links.size(), 3U) << "one of them only in Spotify";
  const TempDir directory;
  write_artist_map(directory.path("map.tsv"), links);
  const auto given = read_given_matches(directory.path("map.tsv"), artists);
  ASSERT_EQ(given.size(), 2U);
  EXPECT_EQ(given[0].spotify_name, "Bjork");
  EXPECT_EQ(given[1].artist_id, 2);
  EXPECT_EQ(given[1].spotify_name, "");
}

TEST(GivenMatches, AWrongLineIsRefusedByNumber) {
  const std::vector<lastfm::Artist> artists{{1, "A"}, {2, "B"}};
  const TempDir directory;
  const auto refused = [&](const std::string& text, const std::string& why) {
    const std::string path = directory.file("given.tsv", text);
    EXPECT_THAT([&] { read_given_matches(path, artists); },
                ThrowsMessage<InputError>(HasSubstr(why)));
  };
  refused("1\tA\n", "given.tsv:1: has 2 columns, expected artist_id, lastfm_name, spotify_name");
  refused("artist_id\tlastfm_name\tspotify_name\nA\tA\ta\n", "given.tsv:2: 'A' is not a number");
  refused("3\tC\tc\n", "given.tsv:1: artist 3 is not in artists.dat");
  refused("1\tB\tb\n", "artist 1 is 'A', not 'B'");
  refused("1\tA\ta\n1\tA\tb\n", "given.tsv:2: artist 1 is given twice");
  refused("1\tA\tX\n2\tB\tx\n", "given.tsv:2: 'x' is given to two artists");
}

}  // namespace
}  // namespace mrec
