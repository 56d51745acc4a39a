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
  double train_share = 0.7;
  double valid_share = 0.15;
  std::int64_t seed = 42;

  Fields fields();  // all but the method
};

// The three parts, as raw plays. Every input row is in exactly one of them.
struct SplitPlays {
  std::vector<lastfm::Play> train;
  std::vector<lastfm::Play> valid;
  std::vector<lastfm::Play> test;
};

// Per user: of n interactions floor(train_share n) go to train, floor((train_share + valid_share)
// n) to train and valid together, the rest to test. leave-one-out: one to test, one to valid. Users
// with fewer than 3 interactions are in train only. Draws are keyed by (seed, user id, artist id),
// so the order of the rows does not matter. Throws InputError for shares above 1 together.
SplitPlays split_plays(std::span<const lastfm::Play> plays, const SplitParams& params);

}  // namespace mrec
