#pragma once

#include <cstdint>
#include <vector>

#include "tune/sampler.h"

namespace mrec {

// Where our TPE differs from Optuna's, which is known to settle in a wrong category in a part of
// the studies: a start that covers every parameter evenly, and early suggestions whose categories
// are drawn anew.
struct TpeOptions {
  bool latin_start = true;
  int redraw_every = 8;         // suggestions; 0: never
  int redraw_before = 90;       // number of the trial
  bool learns_failures = true;  // a trial that failed by its objective is a bad one, not absent
};

// Optuna 5's algorithm.
inline TpeOptions optuna_tpe() {
  return {.latin_start = false, .redraw_every = 0, .learns_failures = false};
}

// The tree-structured Parzen estimator (Bergstra et al., NIPS 2011): draws from the density of the
// good configurations, and takes the draw with the best ratio to the density of the others. The
// parameters of a group are modelled jointly.
Sampler tpe_sampler(const SamplerInput& input, const TpeOptions& options);

// Of `n` finished trials, how many count as good.
std::size_t num_below(std::size_t n);

// Places in SamplerInput::trials, in the order of trial numbers.
struct Split {
  std::vector<std::size_t> below;  // the good
  std::vector<std::size_t> above;  // the others and, taken for bad, those that are pending
};
Split split_trials(const SamplerInput& input, bool learns_failures);

}  // namespace mrec
