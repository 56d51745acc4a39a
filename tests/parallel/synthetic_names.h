#pragma once

#include <string>
#include <vector>

#include "base/random.h"
#include "dataset/artist_match.h"
#include "synthetic_word.h"

namespace mrec {

// Names of two sources that share some artists, which the second often writes otherwise.
struct SyntheticNames {
  std::vector<lastfm::Artist> artists;
  std::vector<SpotifyName> names;
};

inline SyntheticNames synthetic_names(int num_artists, int num_names, std::uint64_t seed) {
  const auto name = [&](std::uint64_t index) {
    Rng rng(seed, 1, index);
    std::string text = rng.below(6) == 0 ? "The " : "";
    for (std::uint32_t n = 1 + rng.below(3); n > 0; --n) text += synthetic_word(rng) + " ";
    text.pop_back();
    return text;
  };
  const auto rewritten = [](std::string text, Rng& rng) {
    switch (rng.below(6)) {
      case 0:
        return text + " feat. Guest";
      case 1:
        text.insert(text.begin() + rng.below(static_cast<std::uint32_t>(text.size())), 'x');
        return text;
      case 2:
        std::swap(text[text.size() - 1], text[text.size() - 2]);
        return text;
      case 3: {
        const std::size_t gap = text.find(' ');
        return gap == std::string::npos ? text : text.substr(gap + 1) + ", " + text.substr(0, gap);
      }
      default:
        return text;
    }
  };
  SyntheticNames result;
  for (int i = 0; i < num_artists; ++i)
    result.artists.push_back({i + 1, name(static_cast<std::uint64_t>(i))});
  for (int i = 0; i < num_names; ++i) {
    Rng rng(seed, 2, static_cast<std::uint64_t>(i));
    // The first half of the artists is in both sources.
    const bool shared = i < num_artists / 2;
    const std::string text = name(static_cast<std::uint64_t>(shared ? i : num_artists + i));
    result.names.push_back(
        {shared ? rewritten(text, rng) : text, 1 + static_cast<int>(rng.below(50))});
  }
  return result;
}

}  // namespace mrec
