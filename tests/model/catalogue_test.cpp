#include "model/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mrec {
namespace {

const std::vector<std::string> kNames{"Metallica", "Megadeth",     "The Killers", "Killers",
                                      "Björk",     "Мумий Тролль", "!!!",         "Metric"};
const std::vector<int> kListeners{90, 50, 80, 3, 40, 10, 5, 20};

TEST(Catalogue, FindsNamesHoweverTheyAreSpelt) {
  const Catalogue catalogue(kNames, kListeners);
  EXPECT_EQ(catalogue.find("metallica"), 0);
  EXPECT_EQ(catalogue.find("BJORK"), 4);
  EXPECT_EQ(catalogue.find("killers"), 2) << "the better known of two";
  EXPECT_EQ(catalogue.find("!!!"), 6);
  EXPECT_EQ(catalogue.find("Metalica"), std::nullopt);
}

TEST(Catalogue, SuggestsTheMostSimilarFirst) {
  const Catalogue catalogue(kNames, kListeners);
  EXPECT_EQ(catalogue.suggest("Metalica", 3).front(), 0);
  EXPECT_EQ(catalogue.suggest("mumij trol", 1), std::vector<int>{5});
  EXPECT_EQ(catalogue.suggest("met", 2), (std::vector<int>{0, 7})) << "the beginning of a name";
  EXPECT_TRUE(catalogue.suggest("zzzzzzzz", 3).empty());
  EXPECT_TRUE(catalogue.suggest("", 3).empty());
  EXPECT_TRUE(catalogue.suggest("Metalica", 0).empty());
}

TEST(Catalogue, OfEquallySimilarNamesTheBetterKnownComesFirst) {
  const std::vector<std::string> names{"Slayer A", "Slayer B", "Slayer C"};
  const std::vector<int> listeners{1, 9, 1};
  EXPECT_EQ(Catalogue(names, listeners).suggest("Slayer D", 9), (std::vector<int>{1, 0, 2}));
}

TEST(Catalogue, OfEquallyKnownArtistsOfOneNameTheFirstIsMeant) {
  const std::vector<std::string> names{"MUM", "múm"};
  const std::vector<int> listeners{5, 5};
  EXPECT_EQ(Catalogue(names, listeners).find("Mum"), 0);
}

}  // namespace
}  // namespace mrec
