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

std::vector<ArtistLink> links_of(const std::vector<lastfm::Artist>& artists,
                                 const std::vector<SpotifyName>& names,
                                 const std::vector<GivenMatch>& given = {}) {
  return match_artists(artists, names, {}, given).links;
}

TEST(ArtistMatch, ExactThenByRulesAndNobodyTwice) {
  const std::vector<lastfm::Artist> artists{
      {1, "The Killers"}, {2, "Lynard Skynyrd"}, {3, "Sum 41"}, {4, "Леонид Руденко"},
      {5, "Kit"},         {6, "Nobody Else"},    {8, "Killers"}};
  const std::vector<SpotifyName> names{{"Killers", 3}, {"Lynyrd Skynyrd", 9},
                                       {"Sum 40", 1},  {"Leonid Rudenko", 2},
                                       {"Kilt", 5},    {"Somebody", 1}};
  const auto links = links_of(artists, names);
  const auto partners = matched(links);
  EXPECT_EQ(partners.at(1), "");
  EXPECT_EQ(partners.at(8), "Killers") << "spelt alike";
  EXPECT_EQ(partners.at(2), "Lynyrd Skynyrd");
  EXPECT_EQ(partners.at(3), "") << "digits must agree";
  EXPECT_EQ(partners.at(4), "Leonid Rudenko") << "by transliteration";
  EXPECT_EQ(partners.at(5), "") << "too short for a guess";
  // Spotify's own artists get new ids after the largest.
  EXPECT_EQ(links.size(), 10U);
  EXPECT_EQ(links[7].artist_id, 9);
  EXPECT_EQ(links[7].kind, MatchKind::kSpotifyOnly);
  EXPECT_EQ(links[6].kind, MatchKind::kExact);
  EXPECT_EQ(links[1].kind, MatchKind::kFuzzy);
  EXPECT_EQ(links[1].rule, NameRule::kTypo);
  EXPECT_GT(links[1].score, 0.9) << "thirteen letters, six names";
}

TEST(ArtistMatch, OfSeveralSpellingsTheEqualOneWinsAndTheCommonOneIsShown) {
  const auto links = links_of({{444, "múm"}, {4049, "MUM"}}, {{"mum", 1}, {"múm", 20}});
  EXPECT_EQ(matched(links).at(444), "múm");
  EXPECT_EQ(matched(links).at(4049), "");
}

TEST(ArtistMatch, TheOrderOfTheInputsDoesNotMatter) {
  std::vector<lastfm::Artist> artists{{1, "Metalica"}, {2, "Metallicaa"}, {3, "Slayerr"}};
  std::vector<SpotifyName> names{{"Metallica", 5}, {"Slayer", 5}, {"Slayers", 5}};
  const auto before = links_of(artists, names);
  EXPECT_EQ(matched(before).at(3), "Slayer") << "a doubled letter is the likelier slip";
  std::ranges::reverse(artists);
  std::ranges::reverse(names);
  const auto after = links_of(artists, names);
  ASSERT_EQ(before.size(), after.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(before[i].artist_id, after[i].artist_id);
    EXPECT_EQ(before[i].spotify_name, after[i].spotify_name);
  }
}

TEST(ArtistMatch, OfArtistsWithOneNameTheSameOneIsLinkedInAnyOrder) {
  for (const char* name : {"Metallica", "Metalica"}) {
    std::vector<lastfm::Artist> artists{{9, name}, {4, name}};
    std::set<std::int64_t> linked;
    for (int order = 0; order < 2; ++order) {
      for (const auto& [id, partner] : matched(links_of(artists, {{"Metallica", 5}}))) {
        if (!partner.empty()) linked.insert(id);
      }
      std::ranges::reverse(artists);
    }
    EXPECT_EQ(linked.size(), 1U) << name;
  }
}

TEST(ArtistMatch, OfEquallyProbableNamesTheOneWithMoreTracksWins) {
  for (const int tracks : {1, 9}) {
    const auto links =
        links_of({{1, "Lynard Skynyrd"}}, {{"Lynyrd Skynyrd", tracks}, {"Lynird Skynyrd", 5}});
    EXPECT_EQ(matched(links).at(1), tracks > 5 ? "Lynyrd Skynyrd" : "Lynird Skynyrd");
  }
}

TEST(ArtistMatch, NamesOfMixedScriptsAreComparedInLatin) {
  const auto links = links_of({{1, "Zемфира"}, {2, "Би-2"}}, {{"Zemfira", 3}, {"Bi-2", 2}});
  EXPECT_EQ(links[0].spotify_name, "Zemfira");
  EXPECT_EQ(links[0].rule, NameRule::kTransliterated);
  EXPECT_EQ(links[1].spotify_name, "Bi-2");
}

TEST(ArtistMatch, NamesThatHaveNoLatinFormMatchExactlyOrNotAtAll) {
  // Their letters share the first bytes in UTF-8, so that bytes would be similar.
  const auto partners =
      matched(links_of({{1, "††††††"}, {2, "ⵜⵉⵏⴰⵔⵉⵡⵏⵙⵙ"}, {3, "ⴰⴱⴳⴷ"}, {4, "Kit"}},
                       {{"†††††‡", 1}, {"ⵜⵉⵏⴰⵔⵉⵡⵏⵙⵣ", 1}, {"ⴰⴱⴳⴷ", 1}, {"Kat", 1}}));
  EXPECT_EQ(partners.at(1), "");
  EXPECT_EQ(partners.at(2), "");
  EXPECT_EQ(partners.at(3), "ⴰⴱⴳⴷ");
  EXPECT_EQ(partners.at(4), "");
}

TEST(ArtistMatch, WhatTheUserSaysComesFirst) {
  const std::vector<lastfm::Artist> artists{{1, "Nirvana"}, {2, "Nirvana UK"}, {3, "Blur"}};
  const std::vector<SpotifyName> names{{"nirvana", 5}, {"Blur", 5}};
  const auto links = links_of(artists, names, {{2, "Nirvana"}, {3, ""}});
  EXPECT_EQ(links[0].spotify_name, "") << "its partner is given to another artist";
  EXPECT_EQ(links[1].spotify_name, "nirvana");
  EXPECT_EQ(links[1].kind, MatchKind::kGiven);
  EXPECT_EQ(links[1].score, 1);
  EXPECT_EQ(links[2].spotify_name, "") << "kept apart";
  EXPECT_THAT(
      [&] {
        links_of(artists, names, {{1, "Nirwana"}});
      },
      ThrowsMessage<InputError>(
          HasSubstr("artist 1 is to be 'Nirwana', but no track table has an artist of that name")));
}

TEST(ArtistMatch, DoubtfulPairsAreListedLinkedOrNot) {
  const std::vector<lastfm::Artist> artists{{1, "Stephen King"}, {2, "Sam Roberts"}, {3, "Blur"}};
  const std::vector<SpotifyName> names{{"King Stephen", 9}, {"Sam Roberts Band", 3}, {"Blur", 8}};
  const ArtistMatches matches = match_artists(artists, names, {});
  ASSERT_EQ(matches.doubtful.size(), 2U);
  EXPECT_EQ(matches.doubtful[0].lastfm_name, "Stephen King") << "more tracks";
  EXPECT_EQ(matches.doubtful[0].rule, NameRule::kWords);
  EXPECT_FALSE(matches.doubtful[0].linked);
  EXPECT_EQ(matches.doubtful[1].rule, NameRule::kEnsemble);
  EXPECT_TRUE(matches.doubtful[1].linked);
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
  for (const ArtistLink& link : match_artists(artists, names, {}).links)
    links[link.artist_id] = link;

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
  EXPECT_EQ(fuzzy, 45);
  const std::map<std::string, int> hard{{"alias", 8}};  // names that share no letters
  EXPECT_EQ(missed, hard);
}

}  // namespace
}  // namespace mrec
