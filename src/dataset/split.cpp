#include "dataset/split.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.h"
#include "base/random.h"
#include "base/text.h"

namespace mrec {

Fields SplitParams::fields() {
  return {{.name = "train_share",
           .value = &train_share,
           .help = "random split: share of a user's interactions for training",
           .min = 0.01,
           .max = 1},
          {.name = "valid_share",
           .value = &valid_share,
           .help = "random split: share for validation; the rest is for the test",
           .min = 0,
           .max = 0.99},
          {.name = "seed", .value = &seed, .help = "decides the draws of the split"}};
}

SplitPlays split_plays(std::span<const lastfm::Play> plays, const SplitParams& params) {
  if (params.train_share + params.valid_share > 1 + 1e-9) {
    throw InputError("train_share " + shortest(params.train_share) + " and valid_share " +
                     shortest(params.valid_share) + " are together above 1");
  }
  std::map<std::int64_t, std::vector<lastfm::Play>> by_user;
  for (const lastfm::Play& play : plays) by_user[play.user_id].push_back(play);

  SplitPlays parts;
  for (auto& [user, own] : by_user) {
    // A random order that depends on nothing but seed, user and artists.
    std::ranges::sort(own, {}, [&](const lastfm::Play& play) {
      return Rng(static_cast<std::uint64_t>(params.seed), static_cast<std::uint64_t>(user),
                 static_cast<std::uint64_t>(play.artist_id))
          .next();
    });
    constexpr std::size_t kFewest = 3;
    const std::size_t n = own.size();
    std::size_t train = n;
    std::size_t known = n;  // train + valid
    if (n >= kFewest && params.method == "leave-one-out") {
      train = n - 2;
      known = n - 1;
    } else if (n >= kFewest) {
      const auto count = static_cast<double>(n);
      // A share such as 0.7 + 0.15 is not exact: a hair is added before rounding down.
      constexpr double kHair = 1e-9;
      train = static_cast<std::size_t>(std::floor(params.train_share * count + kHair));
      known = static_cast<std::size_t>(
          std::floor((params.train_share + params.valid_share) * count + kHair));
      known = std::min(known, n);
    }
    const auto at = [&](std::size_t i) { return own.begin() + static_cast<std::ptrdiff_t>(i); };
    parts.train.insert(parts.train.end(), own.begin(), at(train));
    parts.valid.insert(parts.valid.end(), at(train), at(known));
    parts.test.insert(parts.test.end(), at(known), own.end());
  }
  return parts;
}

}  // namespace mrec
