#include "base/hash.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>

#include "base/random.h"

namespace mrec {
namespace {

TEST(HashBytes, EveryByteAndTheLengthCount) {
  Rng rng(1);
  std::string text;
  std::set<std::uint64_t> seen{hash_bytes(text)};
  std::size_t num_texts = 1;
  for (std::size_t size = 1; size <= 100; ++size) {
    text += static_cast<char>(rng.below(256));
    seen.insert(hash_bytes(text));
    ++num_texts;
    for (std::size_t at = 0; at < size; ++at) {
      std::string other = text;
      other[at] = static_cast<char>(other[at] ^ (1 + rng.below(255)));
      seen.insert(hash_bytes(other));
      ++num_texts;
    }
    EXPECT_EQ(seen.size(), num_texts) << size;
  }
  for (std::size_t size = 0; size < 40; ++size) seen.insert(hash_bytes(std::string(size, '\0')));
  EXPECT_EQ(seen.size(), num_texts + 39) << "zeros of several lengths; the empty text is known";
}

TEST(HashBytes, IsTheSameWhereverTheTextLies) {
  const std::string text = "Sigur R\xC3\xB3s, and some more of it";
  for (std::size_t size = 0; size <= text.size(); ++size) {
    for (std::size_t shift = 0; shift < 8; ++shift) {
      const std::string moved = std::string(shift, 'x') + text.substr(0, size) + "y";
      EXPECT_EQ(hash_bytes(std::string_view(moved).substr(shift, size)),
                hash_bytes(std::string_view(text).substr(0, size)));
    }
  }
}

// Tables take the lowest bits for the place: of 64 places with 1,000 texts each on average none is
// far from it (the deviation is 31).
TEST(HashBytes, LowBitsOfNumberedNamesAreEven) {
  std::array<int, 64> low{};
  std::array<int, 64> high{};
  for (int i = 0; i < 64'000; ++i) {
    const std::uint64_t hash = hash_bytes("Artist " + std::to_string(i));
    ++low[hash % 64];
    ++high[hash >> 58U];
  }
  for (std::size_t i = 0; i < 64; ++i) {
    EXPECT_NEAR(low[i], 1000, 160) << i;
    EXPECT_NEAR(high[i], 1000, 160) << i;
  }
}

}  // namespace
}  // namespace mrec
