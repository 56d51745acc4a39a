#include "dataset/artist_match.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/error.h"
#include "base/table_file.h"
#include "dataset/spotify.h"
#include "temp_dir.h"

namespace mrec {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

// id -> Spotify name, of the artists of Last.fm.
std::map<std::int64_t, std::string> matched(const std::vector<ArtistLink>& links) {
  std::map<std::int64_t, std::string> partners;
  for (const ArtistLink& link : links) {
    if (!link.lastfm_name.empty()) partners[link.artist_id] = link.spotify_name;
  }
  return partners;
}

TEST(ArtistMatch, ExactThenFuzzyAndNobodyTwice) {
  const std::vector<lastfm::Artist> artists{{1, "The Killers"}, {2, "Lynard Skynyrd"},
                                            {3, "Sum 41"},      {4, "Мумий Тролль"},
                                            {5, "Kit"},         {6, "Nobody Else"}};
  const std::vector<SpotifyName> names{{"Killers", 3},     {"Lynyrd Skynyrd", 9}, {"Sum 40", 1},
                                       {"Mumiy Troll", 2}, {"Kilt", 5},           {"Somebody", 1}};
  const auto links = match_artists(artists, names, {.cutoff = 85});
  const auto partners = matched(links);
  EXPECT_EQ(partners.at(1), "Killers");
  EXPECT_EQ(partners.at(2), "Lynyrd Skynyrd");
  EXPECT_EQ(partners.at(3), "") << "digits must agree";
  EXPECT_EQ(partners.at(4), "Mumiy Troll") << "by transliteration";
  EXPECT_EQ(partners.at(5), "") << "too short for a guess";
  // Spotify's own artists get new ids after the largest.
  EXPECT_EQ(links.size(), 9U);
  EXPECT_EQ(links[6].artist_id, 7);
  EXPECT_EQ(links[6].kind, MatchKind::kSpotifyOnly);
  EXPECT_EQ(links[0].kind, MatchKind::kExact);
  EXPECT_EQ(links[1].kind, MatchKind::kFuzzy);
}

TEST(ArtistMatch, OfSeveralSpellingsTheEqualOneWinsAndTheCommonOneIsShown) {
  const std::vector<lastfm::Artist> artists{{444, "múm"}, {4049, "MUM"}};
  const auto links = match_artists(artists, std::vector<SpotifyName>{{"mum", 1}, {"múm", 20}}, {});
  EXPECT_EQ(matched(links).at(444), "múm");
  EXPECT_EQ(matched(links).at(4049), "");
}

TEST(ArtistMatch, TheOrderOfTheInputsDoesNotMatter) {
  std::vector<lastfm::Artist> artists{{1, "Metalica"}, {2, "Metallicaa"}, {3, "Slayerr"}};
  std::vector<SpotifyName> names{{"Metallica", 5}, {"Slayer", 5}, {"Slayers", 5}};
  const auto before = match_artists(artists, names, {.cutoff = 80});
  std::ranges::reverse(artists);
  std::ranges::reverse(names);
  const auto after = match_artists(artists, names, {.cutoff = 80});
  ASSERT_EQ(before.size(), after.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(before[i].artist_id, after[i].artist_id);
    EXPECT_EQ(before[i].spotify_name, after[i].spotify_name);
  }
}

TEST(ArtistMatch, OfArtistsWithOneNameTheSmallestIdIsLinkedInAnyOrder) {
  for (const char* name : {"Metallica", "Metalica"}) {
    std::vector<lastfm::Artist> artists{{9, name}, {4, name}};
    for (int order = 0; order < 2; ++order) {
      const auto partners =
          matched(match_artists(artists, std::vector<SpotifyName>{{"Metallica", 5}}, {}));
      EXPECT_EQ(partners.at(4), "Metallica") << name;
      EXPECT_EQ(partners.at(9), "") << name;
      std::ranges::reverse(artists);
    }
  }
}

TEST(ArtistMatch, OfEquallySimilarNamesTheOneWithMoreTracksWins) {
  const std::vector<lastfm::Artist> artists{{1, "Lynard Skynyrd"}};
  for (const int tracks : {1, 9}) {
    const std::vector<SpotifyName> names{{"Lynyrd Skynyrd", tracks}, {"Lynird Skynyrd", 5}};
    EXPECT_EQ(matched(match_artists(artists, names, {})).at(1),
              tracks > 5 ? "Lynyrd Skynyrd" : "Lynird Skynyrd");
  }
}

TEST(ArtistMatch, NamesOfMixedScriptsAreComparedInLatin) {
  const std::vector<lastfm::Artist> artists{{1, "Zемфира"}, {2, "Би-2"}};
  const std::vector<SpotifyName> names{{"Zemfira", 3}, {"Bi-2", 2}};
  const auto links = match_artists(artists, names, {});
  EXPECT_EQ(links[0].spotify_name, "Zemfira");
  EXPECT_EQ(links[0].kind, MatchKind::kFuzzy);
  EXPECT_EQ(links[0].score, 100);
  EXPECT_EQ(links[1].spotify_name, "Bi-2") << "four bytes are enough";
}

TEST(ArtistMatch, NamesThatHaveNoLatinFormMatchExactlyOrNotAtAll) {
  // Their letters share the first bytes in UTF-8, so that bytes would be similar.
  const std::vector<lastfm::Artist> artists{
      {1, "††††††"}, {2, "ⵜⵉⵏⴰⵔⵉⵡⵏⵙⵙ"}, {3, "ⴰⴱⴳⴷ"}, {4, "Kit"}};
  const std::vector<SpotifyName> names{{"†††††‡", 1}, {"ⵜⵉⵏⴰⵔⵉⵡⵏⵙⵣ", 1}, {"ⴰⴱⴳⴷ", 1}, {"Kat", 1}};
  const auto partners = matched(match_artists(artists, names, {}));
  EXPECT_EQ(partners.at(1), "");
  EXPECT_EQ(partners.at(2), "");
  EXPECT_EQ(partners.at(3), "ⴰⴱⴳⴷ");
  EXPECT_EQ(partners.at(4), "");
}

TEST(ArtistMap, IsReadBackAsWritten) {
  const TempDir directory;
  const std::string path = directory.path("map.tsv");
  const std::vector<ArtistLink> links{{1, "Björk", "Bjork", MatchKind::kFuzzy, 91.25},
                                      {2, "", "宇多田ヒカル", MatchKind::kSpotifyOnly, 0}};
  write_artist_map(path, links);
  const auto read = read_artist_map(path);
  ASSERT_EQ(read.size(), 2U);
  EXPECT_EQ(read[0].lastfm_name, "Björk");
  EXPECT_EQ(read[0].kind, MatchKind::kFuzzy);
  EXPECT_NEAR(read[0].score, 91.25, 0.051);
  EXPECT_EQ(read[1].spotify_name, "宇多田ヒカル");
}

TEST(ArtistMap, WithoutAHeaderTheFirstArtistCounts) {
  const TempDir directory;
  const auto links =
      read_artist_map(directory.file("map.tsv", "1\tA\ta\texact\t100\n2\tB\t\tlastfm\t0\n"));
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
  refused("x\tA\tB\texact\t100\n", "map.tsv:2: 'x' is not a number");
  refused("1\tA\tB\tguess\t100\n", "method 'guess' is not one of");
  refused("", "holds no artist");
}

// The bundled sample has planted flaws and their truth.
TEST(ArtistMatch, OnTheSampleNoMatchIsWrongAndFewAreMissed) {
  const std::string sample = MREC_SAMPLE;
  ReadReport report;
  const auto artists = lastfm::read_artists(sample + "/lastfm", report);
  const auto tracks =
      spotify::read_tracks(std::vector<std::string>{sample + "/spotify/tracks.csv"}, report);
  std::map<std::string, int> counts;
  for (const auto& track : tracks) {
    for (const std::string& name : track.artists) ++counts[name];
  }
  std::vector<SpotifyName> names;
  for (const auto& [name, count] : counts) names.push_back({name, count});
  std::map<std::int64_t, ArtistLink> links;
  for (const ArtistLink& link : match_artists(artists, names, {})) links[link.artist_id] = link;

  int exact = 0;
  int fuzzy = 0;
  std::map<std::string, int> missed;  // by flaw
  TableFile truth(sample + "/truth.tsv", TableFile::Kind::kTsv);
  truth.next();
  while (truth.next()) {
    const auto cells = truth.cells();
    if (cells[0].empty()) continue;
    const ArtistLink& link = links.at(std::stoll(std::string(cells[0])));
    if (!link.spotify_name.empty()) {
      EXPECT_EQ(link.spotify_name, cells[2]) << cells[1];
      ++(link.kind == MatchKind::kExact ? exact : fuzzy);
    } else if (!cells[2].empty()) {
      ++missed[std::string(cells[3])];
    }
  }
  EXPECT_EQ(exact, 529);
  EXPECT_EQ(fuzzy, 35);
  const std::map<std::string, int> hard{
      {"alias", 8}, {"featuring", 3}, {"inversion", 3}, {"misspelling", 2}, {"punctuation", 2}};
  EXPECT_EQ(missed, hard);
}

TEST(ArtistMap, ArtistsThatAreMissingInAMendedTableAreAddedAlone) {
  const std::vector<lastfm::Artist> artists{{1, "A"}, {2, "B"}};
  const std::vector<ArtistLink> links = completed(
      {{9, "", "C", MatchKind::kSpotifyOnly, 0}, {2, "B", "b", MatchKind::kExact, 100}}, artists);
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
  refused({{1, "A", "", MatchKind::kLastfmOnly, 0}, {1, "A", "a", MatchKind::kExact, 100}},
          "artist 1 stands twice");
  refused({{3, "X", "x", MatchKind::kExact, 100}}, "artist 3 (X) is not in artists.dat");
  refused({{2, "", "Y", MatchKind::kSpotifyOnly, 0}}, "artist 2 (Y) is to be in Spotify only");
  refused({{1, "A", "The A", MatchKind::kFuzzy, 90}, {2, "B", "a", MatchKind::kFuzzy, 90}},
          "artist 2 has the Spotify name 'a', which another artist has already");
}

}  // namespace
}  // namespace mrec
