#include "dataset/name_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/random.h"
#include "dataset/similarity.h"

namespace mrec {
namespace {

// The most probable match of `name` among `names`, and its rule; kCount when there is none.
NameRule rule_between(const std::string& name, const std::string& other) {
  const NameIndex index(std::vector<std::string>{other});
  const auto matches = index.find(name);
  return matches.empty() ? NameRule::kCount : matches.front().rule;
}

TEST(NameIndex, TellsByWhatRuleANameIsFound) {
  EXPECT_EQ(rule_between("The Killers", "killers"), NameRule::kSame);
  EXPECT_EQ(rule_between("Kino", "Кино"), NameRule::kTransliterated);
  EXPECT_EQ(rule_between("Machine Drum", "Machinedrum"), NameRule::kSpacing);
  EXPECT_EQ(rule_between("Lynard Skynyrd", "Lynyrd Skynyrd"), NameRule::kTypo);
  EXPECT_EQ(rule_between("Sum 41", "Sum 40"), NameRule::kCount) << "digits must agree";
  EXPECT_EQ(rule_between("U2", "UB"), NameRule::kCount);
  EXPECT_EQ(rule_between("+/-", "!!!"), NameRule::kCount);
  EXPECT_EQ(rule_between("!!!", "!!!"), NameRule::kSame);
}

TEST(NameIndex, ReadsTheMessyNameOnEitherSide) {
  const NameIndex clean(std::vector<std::string>{"Roy Ayers"});
  ASSERT_EQ(clean.find("Ayers, Roy").size(), 1U);
  EXPECT_EQ(clean.find("Ayers, Roy")[0].rule, NameRule::kReordered);
  const NameIndex messy(std::vector<std::string>{"Ayers, Roy"});
  ASSERT_EQ(messy.find("Roy Ayers").size(), 1U);
  EXPECT_EQ(messy.find("Roy Ayers")[0].rule, NameRule::kReordered);
}

TEST(NameIndex, NamesOfTwoOrThreeSignsHaveNoSlips) {
  for (const auto& [name, other] : {std::pair{"U2", "UB"}, std::pair{"Ok", "Oh"},
                                    std::pair{"Ash", "Ashe"}, std::pair{"陈晨", "程晨"}}) {
    EXPECT_EQ(rule_between(name, other), NameRule::kCount) << name << " " << other;
  }
}

TEST(NameIndex, SpacesInFourLettersAreForAPersonToDecide) {
  const auto probability = [](const char* name, const char* other) {
    const auto matches = NameIndex(std::vector<std::string>{other}).find(name);
    return matches.empty() ? 0 : matches.front().probability;
  };
  EXPECT_DOUBLE_EQ(probability("ACDC", "AC/DC"), 0.5);
  EXPECT_DOUBLE_EQ(probability("JayZ", "Jay-Z"), 0.5);
  EXPECT_GE(probability("A.F.I.X.", "AFIX"), 0.6) << "initials";
  EXPECT_GE(probability("Jay-Z", "Jay Z"), 0.9) << "the same words";
  EXPECT_EQ(probability("El-P", "ELP"), 0);
}

TEST(NameIndex, ItMattersWhichOfTheTwoNamesWasTyped) {
  const auto probability = [](const char* typed, const char* catalogue) {
    const auto matches = NameIndex(std::vector<std::string>{typed}).find(catalogue);
    return matches.empty() ? 0 : matches.front().probability;
  };
  constexpr const char* kPairs[][2] = {{"Killers", "The Killers"},
                                       {"Ayers, Roy", "Roy Ayers"},
                                       {"Muse feat. Nobody", "Muse"},
                                       {"Nirvana [US]", "Nirvana"},
                                       {"Mogwai - Helicon 1", "Mogwai"}};
  for (const auto& [messy, clean] : kPairs) {
    EXPECT_GT(probability(messy, clean), probability(clean, messy) + 0.05) << messy;
    EXPECT_GE(probability(clean, messy), 0.6) << messy << ": still linked";
  }
  // A catalogue's name that lists several artists is less likely somebody's own.
  EXPECT_LT(probability("Dylan & Baez", "Dylan/Baez"), probability("Dylan/Baez", "Dylan & Baez"));
}

TEST(NameIndex, ANameThatDiffersByTheArticleOnlyIsNotJudgedByItsWords) {
  const auto matches =
      NameIndex(std::vector<std::string>{"The John Butler Trio"}).find("John Butler Trio");
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_EQ(matches[0].rule, NameRule::kSame);
}

TEST(NameIndex, ASlipIsLessCredibleInShortNamesAndAmongMany) {
  const auto probability = [](const char* name, const char* other, std::size_t universe) {
    const NameIndex index(std::vector<std::string>{other}, universe);
    const auto matches = index.find(name);
    return matches.empty() ? 0 : matches.front().probability;
  };
  EXPECT_GT(probability("Metalica", "Metallica", 1'000), 0.9);
  EXPECT_LT(probability("Metalica", "Metallica", 1'000'000),
            probability("Metalica", "Metallica", 10'000));
  EXPECT_LT(probability("Muze", "Muse", 10'000), probability("Metallika", "Metallica", 10'000));
  // A letter in place of another is less credible than a doubled one.
  EXPECT_LT(probability("Dirty Money", "Dirty Honey", 60'000), 0.5);
  EXPECT_GT(probability("Dirty Monney", "Dirty Money", 60'000), 0.5);
}

// Random names over a small alphabet, so that many are near each other.
std::string random_name(Rng& rng) {
  std::string name;
  const std::uint32_t size = 4 + rng.below(12);
  for (std::uint32_t i = 0; i < size; ++i) name += static_cast<char>('b' + rng.below(3));
  return name;
}

// One or two random edits.
std::string misspelt(std::string name, Rng& rng) {
  for (std::uint32_t edits = 1 + rng.below(2); edits > 0; --edits) {
    const auto at = rng.below(static_cast<std::uint32_t>(name.size()));
    const char letter = static_cast<char>('b' + rng.below(3));
    switch (rng.below(4)) {
      case 0:
        name.insert(name.begin() + at, letter);
        break;
      case 1:
        name.erase(name.begin() + at);
        break;
      case 2:
        name[at] = letter;
        break;
      default:
        if (at + 1 < name.size()) std::swap(name[at], name[at + 1]);
    }
  }
  return name;
}

TEST(NameIndex, FindsEveryNameAtDistanceOneAndMostAtTwo) {
  Rng rng(7);
  std::set<std::string> distinct;
  while (distinct.size() < 400) distinct.insert(random_name(rng));
  const std::vector<std::string> names(distinct.begin(), distinct.end());
  const NameIndex index(names);
  int at_two = 0;
  int found_at_two = 0;
  for (int i = 0; i < 400; ++i) {
    const std::string name = misspelt(names[static_cast<std::size_t>(i)], rng);
    if (name.size() < 4) continue;
    std::set<int> found;
    for (const NameMatch& match : index.find(name)) found.insert(match.name);
    for (int other = 0; other < 400; ++other) {
      const std::string& candidate = names[static_cast<std::size_t>(other)];
      const int distance = edit_distance(name, candidate, 3);
      const bool both_long = std::min(name.size(), candidate.size()) >= 9;
      if (distance <= 1) {
        EXPECT_TRUE(found.contains(other)) << name << " " << candidate;
      } else if (distance == 2 && both_long) {
        ++at_two;
        found_at_two += found.contains(other) ? 1 : 0;
      } else {
        EXPECT_FALSE(found.contains(other)) << name << " " << candidate << " " << distance;
      }
    }
  }
  EXPECT_GT(at_two, 100);
  EXPECT_GT(found_at_two, 0.97 * at_two) << "a swap across a joint of thirds escapes";
}

TEST(NameIndex, AnEmptyIndexFindsNothing) {
  EXPECT_TRUE(NameIndex(std::vector<std::string>{}).find("Muse").empty());
}

}  // namespace
}  // namespace mrec
