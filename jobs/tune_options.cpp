#include "jobs/tune_options.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/random.h"
#include "tune/default_space.h"

namespace mrec {

Fields TuneOptions::fields() {
  Fields own{
      {.name = "dataset",
       .value = &datasets,
       .help = "dataset.h5 of mrec-prepare, with a validation part; given several times, such as "
               "with other weights of the same split, the data set is searched, too",
       .required = true},
      {.name = "study",
       .value = &study,
       .help = "journal of all trials, which Optuna reads, too, also while the study runs; "
               "trainings that are put aside are kept in STUDY.ckpt",
       .required = true},
      {.name = "model",
       .value = &model,
       .help = "model.h5 to write: the winner, trained on train and validation; without it the "
               "study alone",
       .writes = true},
      {.name = "h5",
       .value = &h5,
       .help = "study.h5 to write each minute and at the end, for h5py and the like",
       .writes = true},
      {.name = "space", .value = &space, .help = "TOML file that says what is searched"},
      {.name = "search",
       .value = &search,
       .help = "an option of mrec-train to search, in place of --space or beside it: "
               "dim=int:16:128:16, learning_rate=float:0.01:0.2:log, loss=cat:warp,bpr; without "
               "any, what matters for --loss"},
      {.name = "resume",
       .value = &resume,
       .help = "go on with the study when it is there; what was searched must be the same"},
      {.name = "trials",
       .value = &trials,
       .help = "trials to finish in all, whatever the number of ranks and runs",
       .min = 1,
       .max = 1'000'000},
      {.name = "minutes",
       .value = &minutes,
       .help = "no training begins that would, as far as those before tell, end after so many "
               "minutes; 0: no limit",
       .min = 0,
       .max = 1e6},
      {.name = "until",
       .value = &until,
       .help = "no training begins that would end after this time, in seconds since 1970, when the "
               "machine is taken away; what is left to do then ends the job with status 75, as a "
               "signal does; 0: no limit",
       .min = 0},
      {.name = "order",
       .value = &order,
       .help = "arrival: a suggestion knows all results so far. strict:L: it knows those of the "
               "trials up to L before it, so that the same study comes of any number of ranks, run "
               "once or resumed; strict alone: L is three times the number of groups"},
      {.name = "cost_aware",
       .value = &cost_aware,
       .help = "TPE prefers what is cheap to train, the less so the later in the study"},
      {.name = "ranks_per_trial",
       .value = &ranks_per_trial,
       .help = "ranks that train a trial together; of more than two ranks, one hands trials out",
       .min = 1,
       .max = 100'000},
      {.name = "k", .value = &k, .help = "NDCG@k of validation decides", .min = 1, .max = 10'000},
      {.name = "report_every",
       .value = &report_every,
       .help = "epochs between validations, at which a trial may be pruned; 0: only at the end and "
               "at the rungs of asha",
       .min = 0,
       .max = 100'000},
      {.name = "top",
       .value = &top,
       .help = "so many of the best trials are trained again with fresh seeds, and the best mean "
               "wins; 1: the best trial wins as it is",
       .min = 1,
       .max = 1'000},
      {.name = "repeats",
       .value = &repeats,
       .help = "fresh seeds for each of them",
       .min = 1,
       .max = 1'000},
      {.name = "quiet", .value = &quiet, .help = "no progress"}};
  // One seed decides all.
  Fields of_sampler = sampler.fields();
  std::erase_if(of_sampler, [](const Field& field) { return field.name == "seed"; });
  return join(join(join(std::move(own), of_sampler), pruner.fields()), train.fields());
}

TrainParams params_of(const TuneOptions& options, const TrainOptions& values, std::int64_t seed) {
  TrainParams params = options.train;
  const Fields fields = params.fields();
  for (const auto& [name, text] : values) {
    if (name == kDatasetParam) continue;
    const auto field = std::ranges::find(fields, name, &Field::name);
    if (field == fields.end()) throw InputError("mrec-train has no option '" + name + "'");
    set(*field, text);
  }
  params.seed = seed;
  return params;
}

TrainOptions values_of(const Space& space, const Configuration& configuration) {
  TrainOptions values;
  for (std::size_t p = 0; p < space.size(); ++p) {
    if (std::isnan(configuration[p])) continue;
    const Param& param = space.params()[p];
    values[param.name] = to_text(param.distribution, configuration[p]);
  }
  return values;
}

TrainOptions winning_options(const Space& space, const Trial& trial) {
  TrainOptions values = values_of(space, trial.configuration);
  const auto epochs = trial.attributes.find("epochs");
  if (epochs != trial.attributes.end()) values["epochs"] = epochs->second;
  return values;
}

bool ends_anywhere(const TrainParams& params) {
  return params.averaging == 0 || params.solver == "als";
}

std::int64_t seed_of(std::int64_t study_seed, std::int64_t trial, int repeat) {
  Rng rng(static_cast<std::uint64_t>(study_seed), static_cast<std::uint64_t>(trial),
          static_cast<std::uint64_t>(repeat));
  return 1 + static_cast<std::int64_t>(rng.next() >> 2U);
}

namespace {

// Every value of the space must be one of mrec-train's.
void check_space(const TuneOptions& options, const Space& space) {
  for (const Param& param : space.params()) {
    if (param.name == kDatasetParam) {
      throw InputError("search: to search among data sets, give --dataset several times");
    }
    if (param.name == "epochs" || param.name == "seed") {
      throw InputError("search: '" + param.name + "' is not to be searched: " +
                       (param.name == "seed" ? "every trial has its own"
                                             : "--epochs is what a trial may spend; with "
                                               "--averaging 0 the best report counts"));
    }
    std::vector<double> ends{param.distribution.low, param.distribution.high};
    if (param.distribution.is_categorical()) {
      ends.resize(param.distribution.choices.size());
      std::iota(ends.begin(), ends.end(), 0);
    }
    for (const double end : ends) {
      params_of(options, {{param.name, to_text(param.distribution, end)}}, 1);
    }
  }
}

// Of "strict:L"; for "strict" alone -3 W, which StudyRun understands.
int lag_of(const std::string& order, int num_groups) {
  if (order == "arrival") return 0;
  if (order == "strict") return -3 * num_groups;
  const std::string_view strict = "strict:";
  int lag = 0;
  const char* end = order.data() + order.size();
  const bool is_strict = order.starts_with(strict);
  const auto [rest, error] =
      std::from_chars(order.data() + (is_strict ? strict.size() : order.size()), end, lag);
  constexpr int kMost = 100'000;
  if (!is_strict || error != std::errc() || rest != end || lag < 1 || lag > kMost) {
    throw InputError("order = '" + order +
                     "' is none of arrival, strict and strict:L with L from "
                     "1 to 100000");
  }
  return lag;
}

}  // namespace

Space space_of(const TuneOptions& options) {
  Space space;
  if (!options.space.empty()) space = read_space(options.space);
  if (options.space.empty() && options.search.empty()) {
    space = default_space(options.train.loss, options.train.solver);
  }
  std::vector<Param> more;
  for (const std::string& flag : options.search) more.push_back(parse_param(flag));
  space = with(space, more);
  check_space(options, space);
  if (options.datasets.size() == 1) return space;
  Distribution choice{.kind = Distribution::Kind::kCategorical};
  for (const std::string& path : options.datasets) {
    if (std::ranges::count(options.datasets, path) > 1) {
      throw InputError("dataset: " + path + " is given twice");
    }
    choice.choices.emplace_back(path);
  }
  return with(space, {{.name = kDatasetParam, .distribution = choice}});
}

void require_comparable(const TuneOptions& options, const std::vector<DatasetFile>& datasets) {
  const auto pairs = [](const DatasetFile& dataset) {
    const SparseMatrix valid = dataset.interactions("valid").weights;
    return std::vector<int>(valid.innerIndexPtr(), valid.innerIndexPtr() + valid.nonZeros());
  };
  for (std::size_t i = 0; i < datasets.size(); ++i) {
    const std::vector<std::int64_t> offsets = datasets[i].row_offsets("valid");
    if (offsets.back() == 0) {
      throw InputError(options.datasets[i] +
                       ": has no validation part, by which trials are judged; make one with "
                       "mrec-prepare --split");
    }
    if (i == 0) continue;
    if (datasets[i].num_artists() != datasets[0].num_artists() ||
        offsets != datasets[0].row_offsets("valid") || pairs(datasets[i]) != pairs(datasets[0])) {
      throw InputError(options.datasets[i] +
                       ": has other artists or another validation part than " +
                       options.datasets[0] +
                       ", so that trials on them cannot be compared; prepare both with the same "
                       "split and filters");
    }
  }
}

TrainOptions made_with(const TuneOptions& options, const std::vector<DatasetFile>& datasets) {
  std::string sums;
  for (const DatasetFile& dataset : datasets) sums += (sums.empty() ? "" : ",") + dataset.sha256();
  TrainOptions settings{{"dataset_sha256", sums},
                        {"k", std::to_string(options.k)},
                        {"report_every", std::to_string(options.report_every)}};
  TrainParams params = options.train;  // fields() points into an object that it could change
  for (const Field& field : params.fields()) {
    settings.emplace("train." + field.name, to_text(field));
  }
  return settings;
}

StudyPlan plan_of(const TuneOptions& options, int num_groups) {
  StudyPlan plan{.rule = {.sampler = options.sampler,
                          .lag = lag_of(options.order, num_groups),
                          .cost_aware = options.cost_aware,
                          .num_trials = options.trials},
                 .pruner = options.pruner,
                 .max_step = options.train.epochs};
  plan.rule.sampler.seed = options.train.seed;
  if (plan.rule.lag == 0) return plan;
  if (options.pruner.pruner == "asha") {
    throw InputError(
        "pruner = asha chooses among the trials that have come so far, which is not "
        "the same each time; with --order strict take asha-stop or median");
  }
  if (options.cost_aware) {
    throw InputError(
        "--cost-aware looks at seconds, which are not the same each time; leave it or "
        "--order strict");
  }
  return plan;
}

}  // namespace mrec
