#pragma once

#include <array>
#include <string>

#include "base/random.h"

namespace mrec {

// One to three syllables, with a capital letter in front.
inline std::string synthetic_word(Rng& rng) {
  constexpr std::array kSyllables{"ka",  "lo",  "mer", "tin", "so", "ri",  "ven",
                                  "da",  "pol", "ash", "wil", "fe", "gor", "nu",
                                  "bel", "tra", "shi", "dor", "ma", "que"};
  std::string text;
  for (std::uint32_t n = 1 + rng.below(3); n > 0; --n) text += kSyllables[rng.below(20)];
  text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

}  // namespace mrec
