#pragma once

#include "features/step.h"

namespace mrec::features {

// Missing numbers become the mean or the median of the known ones, or 0; missing indicators the
// more frequent value. A column without any value goes.
class Impute : public Step {
 public:
  Fields fields() override {
    return {{.name = "strategy",
             .value = &strategy_,
             .help = "what stands for a missing number",
             .choices = {"mean", "median", "zero"}}};
  }
  void apply(Table& table, const Knowledge& knowledge) const override;

 private:
  std::string strategy_ = "mean";
};

// Scales the columns with more than two values:
//   min-max       (x - min) / (max - min)
//   log-min-max   min-max of log(x + 1e-10) where all x > 0, else min-max (the original's way)
//   standard      (x - mean) / deviation
//   robust        (x - median) / (third quartile - first quartile)
//   quantile      the share of smaller values and of half the equal ones, 0..1
// A column whose divisor is 0 becomes 0 after the subtraction is done, not divided.
class Scale : public Step {
 public:
  explicit Scale(const char* strategy) : strategy_(strategy) {}
  Fields fields() override {
    return {{.name = "strategy",
             .value = &strategy_,
             .help = "how numbers are scaled; columns of two values stay as they are",
             .choices = {"none", "min-max", "log-min-max", "standard", "robust", "quantile"}},
            {.name = "columns",
             .value = &columns_,
             .help = "which columns, a star at the end standing for any ending; none: all"}};
  }
  void apply(Table& table, const Knowledge& knowledge) const override;

 private:
  std::string strategy_;
  std::vector<std::string> columns_;
};

// Takes columns away.
class Drop : public Step {
 public:
  Fields fields() override {
    return {{.name = "columns",
             .value = &columns_,
             .help = "which columns, a star at the end standing for any ending",
             .required = true}};
  }
  void apply(Table& table, const Knowledge& knowledge) const override;

 private:
  std::vector<std::string> columns_;
};

}  // namespace mrec::features
