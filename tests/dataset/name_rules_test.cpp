#include "dataset/name_rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

namespace mrec {
namespace {

std::optional<NameRule> reading(const std::string& messy, const std::string& clean) {
  const std::string key = name_key(clean);
  for (const LooseKey& loose : readings_of(messy)) {
    if (loose.key == key) return loose.rule;
  }
  return std::nullopt;
}

bool symmetric(const std::string& a, const std::string& b, NameRule rule) {
  for (const LooseKey& one : symmetric_keys(a)) {
    for (const LooseKey& other : symmetric_keys(b)) {
      if (one.key == other.key && one.rule == rule) return true;
    }
  }
  return false;
}

TEST(NameRules, AKeyForgetsSpacesOfLongNamesAndOfInitials) {
  EXPECT_EQ(name_key("blink-182"), name_key("Blink182"));
  EXPECT_EQ(name_key("H.I.M."), name_key("HiM"));
  EXPECT_EQ(name_key("The Killers"), name_key("killers"));
  EXPECT_NE(name_key("A Ha"), name_key("Aha")) << "three letters are too few";
  EXPECT_NE(name_key("!!!"), name_key("???"));
}

TEST(NameRules, MessyNamesAreReadAsWhatTheyMayStandFor) {
  EXPECT_EQ(reading("Ayers, Roy", "Roy Ayers"), NameRule::kReordered);
  EXPECT_EQ(reading("Rembrandts, The", "The Rembrandts"), NameRule::kReordered);
  EXPECT_EQ(reading("Black, Frank & The Catholics", "Frank Black and the Catholics"),
            NameRule::kReordered);
  EXPECT_EQ(reading("Guns%20N&apos;Roses", "Guns N'Roses"), NameRule::kEncoded);
  EXPECT_EQ(reading("03 - Mogwai", "Mogwai"), NameRule::kEncoded);
  EXPECT_EQ(reading("03Mogwai", "Mogwai"), NameRule::kEncoded);
  EXPECT_EQ(reading("P!nk", "Pink"), NameRule::kSymbols);
  EXPECT_EQ(reading("Ke$ha", "Kesha"), NameRule::kSymbols);
  EXPECT_EQ(reading("Nirvana [US]", "Nirvana"), NameRule::kBrackets);
  EXPECT_EQ(reading("李香蘭（山口淑子）", "李香蘭"), NameRule::kBrackets);
  EXPECT_EQ(reading("Hardsoul feat Ron Carroll", "Hardsoul"), NameRule::kGuests);
  EXPECT_EQ(reading("Hyper vs. the Crystal Method", "Hyper"), NameRule::kGuests);
  EXPECT_EQ(reading("Count Basie and His Orchestra", "Count Basie"), NameRule::kEnsemble);
  EXPECT_EQ(reading("Mogwai - Helicon 1", "Mogwai"), NameRule::kTitle);
  EXPECT_EQ(reading("Proud Mary - Leonard Nimoy", "Leonard Nimoy"), NameRule::kTitleFirst);
  EXPECT_EQ(reading("Garden State - 09Nick Drake", "Nick Drake"), NameRule::kTitleFirst);
  EXPECT_EQ(reading("Die Toten Hosen", "Toten Hosen"), NameRule::kArticle);
}

TEST(NameRules, ANameInTwoScriptsIsReadInEither) {
  EXPECT_EQ(reading("Yoko Shimomura 下村陽子", "下村陽子"), NameRule::kTwoScripts);
  EXPECT_EQ(reading("Yoko Shimomura 下村陽子", "Yoko Shimomura"), NameRule::kTwoScripts);
  EXPECT_EQ(reading("Zемфира", "емфира"), std::nullopt) << "one word";
  EXPECT_EQ(reading("エイトMAN", "MAN"), std::nullopt);
}

TEST(NameRules, EastAsianBytesReadAsLatinAreFoundByTheNameTheyGive) {
  EXPECT_EQ(reading("¥Ý¥ë¥Î¥°¥é¥Õ¥£¥Æ¥£", "ポルノグラフィティ"), NameRule::kEncoded);
  EXPECT_EQ(reading("½ÅÈ­", "신화"), NameRule::kEncoded) << "EUC-KR";
  EXPECT_EQ(reading("Björk Guðmundsdóttir", "ポルノ"), std::nullopt);
}

TEST(NameRules, NumbersAndWordsThatBelongToTheNameStay) {
  EXPECT_EQ(reading("33Miles", "Miles"), std::nullopt);
  EXPECT_EQ(reading("10cc", "cc"), std::nullopt);
  EXPECT_EQ(reading("2Pac", "Pac"), std::nullopt);
  EXPECT_EQ(reading("50 Cent", "Cent"), std::nullopt);
  EXPECT_EQ(reading("Daft Punk", "Da"), std::nullopt) << "\"ft\" within a word";
  EXPECT_EQ(reading("Withered Hand", "Hand"), std::nullopt);
}

TEST(NameRules, SeveralArtistsAreTheSameInAnyOrder) {
  EXPECT_TRUE(symmetric("Necro & Ill Bill", "Ill Bill and Necro", NameRule::kCollaborators));
  EXPECT_TRUE(symmetric("Jay-Z/Linkin Park", "Linkin Park vs. Jay-Z", NameRule::kCollaborators));
  EXPECT_TRUE(symmetric("Afrojack ft. Eva Simons", "Afrojack Featuring Eva Simons",
                        NameRule::kCollaborators));
  EXPECT_TRUE(
      symmetric("Howie Day w/ John Mayer", "Howie Day & John Mayer", NameRule::kCollaborators));
  EXPECT_FALSE(symmetric("Necro & Ill Bill", "Necro & Ill Will", NameRule::kCollaborators));
}

TEST(NameRules, WordsMayBeInAnyOrderAndTwice) {
  EXPECT_TRUE(symmetric("Claude Claude Debussy", "Claude Debussy", NameRule::kWords));
  EXPECT_TRUE(symmetric("Kurtág György", "György Kurtág", NameRule::kWords));
  EXPECT_FALSE(symmetric("M O N", "O M N", NameRule::kWords)) << "initials";
}

TEST(NameRules, EveryRuleHasAName) {
  for (int rule = 0; rule < static_cast<int>(NameRule::kCount); ++rule) {
    EXPECT_FALSE(rule_name(static_cast<NameRule>(rule)).empty()) << rule;
  }
  EXPECT_EQ(rule_name(NameRule::kTitle), "title");
  EXPECT_EQ(rule_name(NameRule::kTypo), "typo");
}

}  // namespace
}  // namespace mrec
