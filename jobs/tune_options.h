#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "dataset/dataset.h"
#include "model/train_params.h"
#include "tune/pruner.h"
#include "tune/study_run.h"

namespace mrec {

// The parameter that chooses among data sets, where there are several.
inline constexpr const char* kDatasetParam = "dataset";

struct TuneOptions {
  std::vector<std::string> datasets;
  std::string study;
  std::string model;
  std::string h5;
  std::string space;
  std::vector<std::string> search;
  bool resume = false;
  int trials = 50;
  double minutes = 0;
  std::int64_t until = 0;
  std::string order = "arrival";
  bool cost_aware = false;
  int ranks_per_trial = 1;
  int k = 10;
  int report_every = 5;
  int top = 5;
  int repeats = 3;
  bool quiet = false;
  SamplerParams sampler;
  PrunerParams pruner;
  TrainParams train;

  Fields fields();
};

// Options of mrec-train, and kDatasetParam, as texts.
using TrainOptions = std::map<std::string, std::string>;

// The parameters of a training. Throws InputError for what mrec-train does not take.
TrainParams params_of(const TuneOptions& options, const TrainOptions& values, std::int64_t seed);
TrainOptions values_of(const Space& space, const Configuration& configuration);
// What the winner is trained by: its options, and the epochs after which it did best.
TrainOptions winning_options(const Space& space, const Trial& trial);
// Whether training could end at any epoch just as well, so that the best report counts.
bool ends_anywhere(const TrainParams& params);

// A seed for a trial, and for every time that it is trained again.
std::int64_t seed_of(std::int64_t study_seed, std::int64_t trial, int repeat);

// What is searched: checked, so that every value is one of mrec-train's.
Space space_of(const TuneOptions& options);
// Throws InputError unless validation means the same in all data sets.
void require_comparable(const TuneOptions& options, const std::vector<DatasetFile>& datasets);
// What must be the same when a study goes on: all that decides what a trial is worth.
TrainOptions made_with(const TuneOptions& options, const std::vector<DatasetFile>& datasets);
// How it is carried out by so many groups of ranks.
StudyPlan plan_of(const TuneOptions& options, int num_groups);

}  // namespace mrec
