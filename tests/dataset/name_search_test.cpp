#include "dataset/name_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

namespace mrec {
namespace {

using testing::ElementsAre;

const std::vector<std::string> kNames{
    "Beyoncé",   "The Beatles",  "Beat Happening",      "Nick Cave and the Bad Seeds",
    "AC/DC",     "Daft Punk",    "Мумий Тролль",        "宇多田ヒカル",
    "!!!",       "Sigur Rós",    "Radiohead",           "Guns N' Roses",
    "Metallica", "Metal Church", "Beatles Revival Band"};

class NameSearchTest : public testing::Test {
 protected:
  // In the order of kNames, those before others being better known.
  std::vector<std::string> find(const std::string& query, int offset = 0, int limit = 10) {
    std::vector<std::string> names;
    for (const NameSearch::Found& one : page(query, offset, limit).names) {
      names.push_back(kNames[static_cast<std::size_t>(one.name)]);
    }
    return names;
  }
  NameSearch::Page page(const std::string& query, int offset = 0, int limit = 10) {
    std::vector<int> place(kNames.size());
    std::iota(place.begin(), place.end(), 0);
    return NameSearch(kNames, place).find(query, offset, limit, [](int) { return true; });
  }
};

TEST_F(NameSearchTest, NamesAreFoundByTheirBeginAndByTheBeginsOfTheirWords) {
  EXPECT_THAT(find("bea"), ElementsAre("The Beatles", "Beat Happening", "Beatles Revival Band"));
  EXPECT_THAT(find("metal"), ElementsAre("Metallica", "Metal Church"));
  EXPECT_THAT(find("seeds cav"), ElementsAre("Nick Cave and the Bad Seeds"));
  EXPECT_THAT(find("beatles r"), ElementsAre("Beatles Revival Band"));
}

TEST_F(NameSearchTest, TheWholeNameComesFirst) {
  EXPECT_THAT(find("beatles"), ElementsAre("The Beatles", "Beatles Revival Band"));
  EXPECT_EQ(page("the beatles").names[0].hit, NameHit::kExact);
  EXPECT_EQ(page("beatles").names[1].hit, NameHit::kPrefix);
  EXPECT_EQ(page("cave").names[0].hit, NameHit::kWords);
}

TEST_F(NameSearchTest, CaseAccentsSignsAndScriptsDoNotMatter) {
  EXPECT_THAT(find("BEYONCE"), ElementsAre("Beyoncé"));
  EXPECT_THAT(find("sigur ro"), ElementsAre("Sigur Rós"));
  EXPECT_THAT(find("acdc"), ElementsAre("AC/DC"));
  EXPECT_THAT(find("guns n roses"), ElementsAre("Guns N' Roses"));
  EXPECT_THAT(find("троль"), ElementsAre("Мумий Тролль"));
  EXPECT_THAT(find("mumij"), ElementsAre("Мумий Тролль"));
  EXPECT_THAT(find("宇多"), ElementsAre("宇多田ヒカル"));
  EXPECT_THAT(find("!!!"), ElementsAre("!!!"));
}

TEST_F(NameSearchTest, SlipsAreForgivenInLongEnoughWords) {
  EXPECT_THAT(find("radiohed"), ElementsAre("Radiohead"));
  EXPECT_THAT(find("raidohead"), ElementsAre("Radiohead")) << "swapped";
  EXPECT_THAT(find("metalica"), ElementsAre("Metallica"));
  EXPECT_THAT(find("daftpunk"), ElementsAre("Daft Punk"));
  EXPECT_THAT(find("daf tpunk"), ElementsAre("Daft Punk"));
  EXPECT_THAT(find("gans n roses"), ElementsAre("Guns N' Roses")) << "as one word";
  EXPECT_THAT(find("gans"), ElementsAre()) << "four letters are too few";
  EXPECT_EQ(page("beyonse").names[0].hit, NameHit::kTypo);
  EXPECT_TRUE(find("zzzzzzzz").empty());
}

TEST_F(NameSearchTest, PagesFollowOneAnother) {
  EXPECT_EQ(page("bea", 0, 2).total, 3);
  EXPECT_THAT(find("bea", 0, 2), ElementsAre("The Beatles", "Beat Happening"));
  EXPECT_THAT(find("bea", 2, 2), ElementsAre("Beatles Revival Band"));
  EXPECT_TRUE(find("bea", 7, 2).empty());
}

TEST_F(NameSearchTest, OddQueriesFindNothing) {
  EXPECT_TRUE(find("").empty());
  EXPECT_TRUE(find("   ").empty());
  EXPECT_TRUE(find(std::string(500, 'x')).empty());
  EXPECT_TRUE(find("\xFF\xFE").empty());
  const NameSearch none({}, {});
  EXPECT_EQ(none.find("a", 0, 5, [](int) { return true; }).total, 0);
}

}  // namespace
}  // namespace mrec
