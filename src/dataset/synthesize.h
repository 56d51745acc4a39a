#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/params.h"

namespace mrec {

struct SynthesizeParams {
  int users = 100'000;
  int artists = 50'000;
  std::int64_t interactions = 5'000'000;
  int tastes = 16;
  double taste_strength = 3;
  double popularity_exponent = 1;
  double train_share = 0.8;
  double valid_share = 0.1;
  std::int64_t seed = 1;

  Fields fields();
};

struct SynthesizedSizes {
  std::int64_t train = 0;
  std::int64_t valid = 0;
  std::int64_t test = 0;
};

// A data set whose truth is known, as large as one likes. Artists have a popularity by Zipf's law,
// rank^-exponent, and, like users, a vector of `tastes` normal numbers. A user hears artists one
// after another: of those that popularity offers, one with the affinity x (the product of both
// vectors, of variance 1) is taken with the probability 1 / (1 + exp(4 - strength x)). Users'
// numbers of artists are log-normal; plays grow with x. Nobody and nothing has a name, features or
// tags.
//
// Writes dataset.h5 (dataset.h) with the weights of `--weighting log`, some thousands of users at a
// time: memory grows with users (24 bytes each) and artists, not with interactions. The same
// parameters give the same data. Throws InputError for parameters that do not go together, Error
// when the file cannot be written.
SynthesizedSizes synthesize(const std::string& path, SynthesizeParams params,
                            const std::vector<std::pair<std::string, std::string>>& provenance);

}  // namespace mrec
