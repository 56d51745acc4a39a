#include "base/numbered_texts.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mrec {
namespace {

// Of many lengths, among them "" and some longer than a chunk of the memory for texts.
std::string text_of(std::uint32_t i) {
  if (i == 5) return "";
  return std::to_string(i) + std::string(i % 1'000 == 7 ? 100'000 : i % 30, 'x');
}

TEST(NumberedTexts, AreNumberedByTheirFirstAppearance) {
  constexpr std::uint32_t kTexts = 20'000;
  NumberedTexts texts;
  std::vector<std::string> all;
  for (std::uint32_t i = 0; i < kTexts; ++i) {
    all.push_back(text_of(i));
    ASSERT_EQ(texts.find(all.back()), NumberedTexts::kNone) << i;
    const auto [number, is_new] = texts.add(all.back());
    ASSERT_EQ(number, i);
    ASSERT_TRUE(is_new);
  }
  ASSERT_EQ(texts.size(), kTexts);
  for (std::uint32_t i = 0; i < kTexts; ++i) {
    ASSERT_EQ(texts[i], all[i]);
    ASSERT_EQ(texts.find(all[i]), i);
    const auto [number, is_new] = texts.add(all[i]);
    ASSERT_EQ(number, i);
    ASSERT_FALSE(is_new);
  }
  all.emplace_back("unknown");
  const std::vector<std::uint32_t> numbers = texts.find(std::span<const std::string>(all));
  ASSERT_EQ(numbers.size(), all.size());
  for (std::uint32_t i = 0; i < kTexts; ++i) ASSERT_EQ(numbers[i], i);
  EXPECT_EQ(numbers.back(), NumberedTexts::kNone);
}

TEST(NumberedTexts, TextsWithTheSameHashAreNotTakenForOneAnother) {
  NumberedTexts texts;
  constexpr std::uint64_t kHash = 0x123456789ABCDEF0ULL;
  for (const char* text : {"A", "B", "AB", ""}) {
    const std::uint32_t before = texts.size();
    EXPECT_EQ(texts.find(text, kHash), NumberedTexts::kNone) << text;
    EXPECT_EQ(texts.add(text, kHash).value, before) << text;
  }
  EXPECT_EQ(texts.find("AB", kHash), 2U);
  EXPECT_FALSE(texts.add("B", kHash).is_new);
}

TEST(NumberedTexts, BytesOfAnyKindAreTexts) {
  NumberedTexts texts;
  const std::string zeros("a\0b", 3);
  EXPECT_EQ(texts.add(zeros).value, 0U);
  EXPECT_TRUE(texts.add(std::string("a\0c", 3)).is_new);
  EXPECT_TRUE(texts.add("a").is_new);
  EXPECT_TRUE(texts.add("\xFF\xFE").is_new);
  EXPECT_EQ(texts.find(zeros), 0U);
  EXPECT_EQ(texts[0], zeros);
}

}  // namespace
}  // namespace mrec
