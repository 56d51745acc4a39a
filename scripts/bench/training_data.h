#pragma once

#include <cstdint>
#include <string>

#include "base/matrix.h"

namespace mrec {

// What a training benchmark works on. Artists are numbered at random, so that their order in memory
// says nothing of their popularity.
struct TrainingData {
  std::string name;
  SparseMatrix train;  // [users x artists], ones
  SparseMatrix test;   // empty of entries when there is no truth to look for
};

// Reads the train and test half of a split, files of lines `user artist ...` with a header.
TrainingData read_split(const std::string& train, const std::string& test);

struct SyntheticSize {
  int users = 100'000;
  int artists = 50'000;
  std::int64_t interactions = 1'000'000;
};

// Planted low rank and Zipf popularity: an artist's taste is one of 64 groups, a user listens to
// artists of two of them, the popular ones of a group more often.
TrainingData synthetic(const SyntheticSize& size);

// Metadata of [artists x features] normal noise, of length about `length` a row.
Matrix noise_metadata(int artists, int features, double length);

}  // namespace mrec
