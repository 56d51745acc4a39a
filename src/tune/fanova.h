#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tune/space.h"
#include "tune/trial.h"

namespace mrec {

// The place of a value in [0, 1], as the forest sees a parameter with numbers: by its logarithm
// where it is drawn so, and with half a step at each end.
double unit_place(const Distribution& distribution, double value);

// A random forest that predicts the value of a trial, and what follows from it by functional
// analysis of variance (Hutter, Hoos, Leyton-Brown, ICML 2014): since a leaf is a box, means over
// all values of other parameters are sums over leaves. It learns from complete trials, at most
// 1,000 for a tree; a parameter that a trial lacks lies in the middle, or at its first choice.
class Forest {
 public:
  Forest(const Space& space, std::span<const Trial> trials);

  // No tree: fewer than 4 trials, or all values are equal.
  [[nodiscard]] bool empty() const { return trees_.empty(); }

  // [params]: the share of the variance of the value over the space that the parameter has by
  // itself, whatever the others are; what they have together is missing from 1.
  [[nodiscard]] std::vector<double> shares() const;

  // The mean value over all other parameters. `x` and `y` are places of numbers in [0, 1], or
  // indices of choices.
  [[nodiscard]] double marginal(std::size_t param_x, double x, std::size_t param_y, double y) const;

 private:
  // What a leaf allows of a parameter.
  struct Side {
    double low = 0;
    double high = 1;
    std::uint64_t choices = 0;  // a bit for each
    double share = 1;           // of all values
  };
  struct Leaf {
    std::vector<Side> sides;  // [params]
    double value = 0;
    double volume = 1;
  };
  using Tree = std::vector<Leaf>;
  struct Sample;
  struct Split;

  [[nodiscard]] bool is_categorical(std::size_t param) const { return num_choices_[param] > 0; }
  [[nodiscard]] bool holds(const Side& side, std::size_t param, double place) const;
  [[nodiscard]] Split best_split(const Sample& sample, std::span<std::size_t> rows) const;
  void grow(const Sample& sample, std::span<std::size_t> rows, const std::vector<Side>& box,
            Tree& tree) const;
  [[nodiscard]] double variance_of(const Tree& tree, std::size_t param, double mean) const;

  std::vector<std::size_t> num_choices_;  // [params], 0 for numbers
  std::vector<Tree> trees_;
};

}  // namespace mrec
