#include "dataset/track_table.h"

#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <string>

#include "base/random.h"

namespace mrec::spotify {
namespace {

std::optional<double> shortened(const std::string& text) {
  const std::string readable = text + std::string(16, '7');  // what stands behind does not matter
  return short_decimal(readable.data(), text.size());
}

std::optional<double> whole(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

TEST(ShortDecimal, IsExactlyWhatFromCharsReadsOrNothing) {
  Rng rng(1);
  constexpr std::string_view kSigns("0123456789012345678901234567890123456789..-+e /:\0\x80\xB0",
                                    51);
  int taken = 0;
  for (int i = 0; i < 400'000; ++i) {
    std::string text;
    for (std::uint32_t n = rng.below(11); n > 0; --n) {
      text += kSigns[rng.below(static_cast<std::uint32_t>(kSigns.size()))];
    }
    const auto found = shortened(text);
    if (!found) continue;
    ++taken;
    const auto expected = whole(text);
    ASSERT_TRUE(expected) << text;
    ASSERT_EQ(std::bit_cast<std::uint64_t>(*found), std::bit_cast<std::uint64_t>(*expected))
        << text;
  }
  EXPECT_GT(taken, 50'000);
}

TEST(ShortDecimal, TakesEveryPlainNumberOfEightDigits) {
  if constexpr (std::endian::native != std::endian::little) GTEST_SKIP() << "never takes any";
  Rng rng(2);
  for (int i = 0; i < 100'000; ++i) {
    std::string text = std::to_string(rng.below(100'000'000));
    if (text.size() == 1 && rng.below(2) == 0) text = "0" + text;
    if (text.size() > 1 && text.size() < 8 && rng.below(3) > 0) {
      text.insert(1 + rng.below(static_cast<std::uint32_t>(text.size() - 1)), ".");
    }
    if (rng.below(2) == 0) text.insert(0, "-");
    const auto found = shortened(text);
    ASSERT_TRUE(found) << text;
    ASSERT_EQ(std::bit_cast<std::uint64_t>(*found), std::bit_cast<std::uint64_t>(*whole(text)))
        << text;
  }
}

TEST(ShortDecimal, LeavesEverythingElse) {
  for (const char* text :
       {"",   "-",  ".",         "-.",         ".5",  "5.",  "1.2.3", "--1", "+1",  "1e3",
        "1 ", " 1", "123456789", "1.23456789", "nan", "inf", "0x1",   "1,5", "1/2", "./1"}) {
    EXPECT_FALSE(shortened(text)) << text;
  }
}

}  // namespace
}  // namespace mrec::spotify
