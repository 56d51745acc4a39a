#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/params.h"
#include "dataset/lastfm.h"

namespace mrec {

struct SplitParams {
  std::string method = "random";  // random | leave-one-out
  double train_share = 0.7;       // of each user's interactions, rounded down (random)
  double valid_share = 0.15;      // train + valid together rounded down; test gets the rest
  std::int64_t seed = 42;

  Fields fields();
};

// The three parts, as raw plays. Every input row is in exactly one of them.
struct SplitPlays {
  std::vector<lastfm::Play> train;
  std::vector<lastfm::Play> valid;
  std::vector<lastfm::Play> test;
};

// Per user; users with fewer than 3 interactions are in train only. Draws are keyed by (seed, user
// id, artist id), so the order of the rows does not matter. leave-one-out: one interaction to test,
// one to valid.
SplitPlays split_plays(std::span<const lastfm::Play> plays, const SplitParams& params);

}  // namespace mrec
