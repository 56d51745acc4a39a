#pragma once

#include <optional>
#include <span>
#include <vector>

#include "tune/space.h"
#include "tune/trial.h"

namespace mrec {

// How long training takes: a ridge regression of ln(seconds per epoch) on the parameters (ln of
// those that are above 0, shares of the range of the others, a column for each choice) and ln
// epochs. It learns from the attribute "seconds" of trials and the last step that they reported.
class CostModel {
 public:
  CostModel(const Space& space, std::span<const Trial> trials);

  // The seconds of so many epochs, with `sigmas` standard deviations of ln seconds on top; nullopt
  // before any trial has told how long it took.
  [[nodiscard]] std::optional<double> seconds(const Configuration& configuration, int epochs,
                                              double sigmas = 0) const;
  // What the values of some parameters add to ln seconds, up to a constant.
  [[nodiscard]] double ln_share(std::span<const std::size_t> params,
                                std::span<const double> values) const;
  // Of a prediction: by leaving each trial out in turn, drawn towards 0.3.
  [[nodiscard]] double sigma() const { return sigma_; }
  [[nodiscard]] std::size_t num_trials() const { return num_trials_; }

 private:
  const Space& space_;
  std::vector<std::size_t> first_column_;  // [params]
  std::size_t num_columns_;                // with the constant, then ln epochs, at the end
  std::vector<double> weights_;            // [columns]
  std::vector<double> centre_;             // [columns]
  double sigma_ = 0;
  std::size_t num_trials_ = 0;

  void add(std::size_t param, double value, std::span<double> row) const;
  [[nodiscard]] std::vector<double> row_of(const Configuration& configuration, int epochs) const;
};

}  // namespace mrec
