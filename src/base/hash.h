#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace mrec {

// 64 bits of a text, for tables in memory: fast, no defence against texts made to collide, and not
// the same on machines of another byte order, so not for files. The construction is that of wyhash
// (Wang Yi): 16 bytes at a time go through a product of 128 bits whose halves are folded together.
inline std::uint64_t hash_bytes(std::string_view text) {
  constexpr std::uint64_t kFirst = 0xA0761D6478BD642FULL;
  constexpr std::uint64_t kSecond = 0xE7037ED1A0B428DBULL;
  __extension__ using Product = unsigned __int128;
  const auto fold = [](std::uint64_t a, std::uint64_t b) {
    const Product product = Product{a} * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
  };
  const auto load = [](const char* from) {
    std::uint64_t word = 0;
    std::memcpy(&word, from, sizeof word);
    return word;
  };
  const auto load_half = [](const char* from) {
    std::uint32_t word = 0;
    std::memcpy(&word, from, sizeof word);
    return std::uint64_t{word};
  };
  const auto byte = [](char c) { return std::uint64_t{static_cast<unsigned char>(c)}; };

  const char* from = text.data();
  const std::size_t size = text.size();
  std::uint64_t state = kFirst;
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  if (size >= 16) {
    const char* const last = from + size - 16;
    for (; from < last; from += 16) state = fold(load(from) ^ kSecond, load(from + 8) ^ state);
    low = load(last);  // overlaps what the loop took
    high = load(last + 8);
  } else if (size >= 8) {
    low = load(from);
    high = load(from + size - 8);
  } else if (size >= 4) {
    low = load_half(from);
    high = load_half(from + size - 4);
  } else if (size > 0) {
    low = byte(from[0]) << 16U | byte(from[size / 2]) << 8U | byte(from[size - 1]);
  }
  return fold(kSecond ^ size, fold(low ^ kSecond, high ^ state));
}

}  // namespace mrec
