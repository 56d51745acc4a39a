#include "dataset/name_normalizer.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace mrec {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST(ToUtf8, KeepsUtf8RepairsMisreadingsAndReadsLatin1) {
  for (const auto& [bytes, text] :
       Pairs{{"Björk", "Björk"},
             {"宇多田ヒカル", "宇多田ヒカル"},
             {"BallakÃ© Sissoko", "Ballaké Sissoko"},  // UTF-8 read as latin-1
             {"BeyoncÃƒÂ©", "Beyoncé"},                // twice
             {"Guns Nâ€™ Roses", "Guns N’ Roses"},     // UTF-8 read as cp1252
             {"OSKÃO", "OSKÃO"},                       // a name with a plain Ã
             {"tropic\xE1lia", "tropicália"},          // latin-1
             {"fu\xDF"
              "ball",
              "fußball"},
             {"†‡†", "†‡†"},
             {"  two\twords ", "two words"},
             {"", ""}}) {
    EXPECT_EQ(to_utf8(bytes), text);
  }
}

TEST(NormalizeName, SpellingsOfOneArtistShareAKey) {
  for (const auto& [a, b] : Pairs{{"The Killers", "killers"},
                                  {"blink-182", "Blink 182"},
                                  {"Panic! At the Disco", "Panic at the Disco"},
                                  {"Simon & Garfunkel", "Simon and Garfunkel"},
                                  {"Rihanna", "Rihannà"},
                                  {"Guns N’ Roses", "Guns N' Roses"},
                                  {"Sigur Rós", "SIGUR ROS"},
                                  {"Katy Perry\xEE\x88\x96", "Katy Perry"},
                                  {"Florence + The Machine", "Florence  The Machine"}}) {
    EXPECT_EQ(normalize_name(a), normalize_name(b));
  }
}

TEST(NormalizeName, DifferentArtistsDoNot) {
  for (const auto& [a, b] : Pairs{{"Sum 41", "Sum 40"},
                                  {"Мумий Тролль", "Мумии Тролль"},  // й is a letter of its own
                                  {"!!!", ":("},
                                  {"+44", "44th"},
                                  {"#####", "!!!"}}) {
    EXPECT_NE(normalize_name(a), normalize_name(b));
  }
}

TEST(NormalizeName, ANameOfSignsKeepsThem) {
  EXPECT_EQ(normalize_name("!!!"), "!!!");
  EXPECT_EQ(normalize_name("+\\-"), "+\\-");
  EXPECT_EQ(normalize_name("†‡†"), "†‡†");
}

TEST(NormalizeName, PureAsciiTakesTheSameWayAsAllOtherText) {
  // An ASCII name and the same with an accent that goes take different paths through the code.
  for (const std::string name :
       {"AC/DC", "Tyler, The Creator", "The The", "R&B 'n' Soul", "P.O.D."}) {
    EXPECT_EQ(normalize_name(name + "e"), normalize_name(name + "é"));
  }
}

TEST(TransliterateName, OtherScriptsBecomeAscii) {
  EXPECT_EQ(transliterate_name("Мумий Тролль"), "mumij troll");
  EXPECT_EQ(transliterate_name("Björk"), "bjork");
  EXPECT_EQ(transliterate_name("Æther ß Ł"), "aether ss l");
  EXPECT_EQ(transliterate_name("Metallica"), "metallica");
}

}  // namespace
}  // namespace mrec
