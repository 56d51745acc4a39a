// How fast a core trains, beside a plain scalar trainer that does what LightFM does, and what the
// machine could do. Built as mrec-bench-training; see scripts/bench/README.md.
#include <ctime>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>

#include "base/cli.h"
#include "base/error.h"
#include "eval/evaluate.h"
#include "lightfm_costs.h"
#include "lightfm_yardstick.h"
#include "model/loss.h"
#include "model/square_rows.h"
#include "model/toy.h"
#include "parallel/als.h"
#include "parallel/communicator.h"
#include "roofline.h"
#include "training_data.h"

namespace {

using namespace mrec;

struct Options {
  std::string train;
  std::string test;
  SyntheticSize size;
  std::vector<std::string> losses;
  std::vector<std::string> dims;
  int features = 0;
  int epochs = 10;
  int turn = 5;
  double until = 0;
  bool yardstick = true;
  bool roofline = false;

  Fields fields() {
    return {
        {.name = "train", .value = &train, .help = "train half of a split; without it: synthetic"},
        {.name = "test", .value = &test, .help = "its test half"},
        {.name = "users", .value = &size.users, .help = "synthetic: users", .min = 1},
        {.name = "artists", .value = &size.artists, .help = "synthetic: artists", .min = 64},
        {.name = "interactions",
         .value = &size.interactions,
         .help = "synthetic: interactions, about",
         .min = 1},
        {.name = "loss",
         .value = &losses,
         .help = "losses (default: all); als: a sweep of alternating least squares"},
        {.name = "dims", .value = &dims, .help = "dims (default: 16, 64, 128)"},
        {.name = "features", .value = &features, .help = "dense metadata columns, noise", .min = 0},
        {.name = "epochs", .value = &epochs, .help = "epochs of each", .min = 1},
        {.name = "turn",
         .value = &turn,
         .help = "epochs in a row before it is the other's turn; with 1 each finds the caches full "
                 "of the other's tables",
         .min = 1},
        {.name = "until",
         .value = &until,
         .help = "instead: CPU seconds until NDCG@10 of the test half is this, looked at after "
                 "every epoch outside the clock; --epochs at most",
         .min = 0,
         .max = 1},
        {.name = "yardstick", .value = &yardstick, .help = "run the yardstick"},
        {.name = "roofline", .value = &roofline, .help = "measure the machine's limits"},
    };
  }
};

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// CPU seconds of one of `times`.
template <typename Work>
double timed(int times, const Work& work) {
  const double start = cpu_seconds();
  for (int i = 0; i < times; ++i) work();
  return (cpu_seconds() - start) / times;
}

double quantile(std::vector<double> values, double q) {
  std::ranges::sort(values);
  const auto at = static_cast<std::size_t>(q * static_cast<double>(values.size() - 1) + 0.5);
  return values[at];
}

// Our kernel on tables of its own.
class Ours {
 public:
  Ours(const TrainingData& data, const Metadata* metadata, const TrainParams& params)
      : artists_(static_cast<int>(data.train.cols()) +
                     (metadata != nullptr ? metadata->num_features() : 0),
                 params.dim, optimizer_states(params), initial_state(params)),
        users_(static_cast<int>(data.train.rows()), params.dim, optimizer_states(params),
               initial_state(params)),
        model_{.features = artists_.table(),
               .num_artists = static_cast<int>(data.train.cols()),
               .metadata = metadata},
        sgd_(params, data.train, 0) {}

  PassResult epoch() { return sgd_.pass(model_, users_.table(), epoch_++, 0, 1); }

  [[nodiscard]] ScoreUser scorer() const {
    const Matrix all = model_.compose();
    const Vector bias = model_.compose_bias();
    return [all, bias, this](int user, std::span<float> scores) {
      const Eigen::Map<const Vector> p(users_.table().row(user), all.cols());
      Eigen::Map<Vector>(scores.data(), all.rows()) = all * p + bias;
    };
  }

 private:
  OwnedTable artists_;
  OwnedTable users_;
  ArtistModel model_;
  Sgd sgd_;
  int epoch_ = 0;
};

double ndcg(const TrainingData& data, const ScoreUser& score) {
  const MeanNdcg all = sum_ndcg({.held_out = data.test, .known = {&data.train}}, score);
  return all.users > 0 ? all.sum / all.users : 0;
}

// `users` and `artists` [x columns] multiplied, with a bias for each artist.
double ndcg(const TrainingData& data, const Matrix& users, const Matrix& artists,
            const Vector& bias) {
  return ndcg(data, [&](int user, std::span<float> scores) {
    Eigen::Map<Vector>(scores.data(), artists.rows()) =
        artists * users.row(user).transpose() + bias;
  });
}

double ndcg(const TrainingData& data, const LightfmYardstick& yardstick) {
  const Matrix users = yardstick.user_rows();
  const Matrix artists = yardstick.artist_rows();
  const Eigen::Index dim = users.cols() - 1;
  return ndcg(data, users.leftCols(dim), artists.leftCols(dim), artists.col(dim));
}

double ndcg(const TrainingData& data, const AlsTrainer& trainer) {
  return ndcg(data, trainer.user_factors(), trainer.artist_factors(), trainer.artist_bias());
}

// On the way to a given quality.
struct Runner {
  const char* name;
  std::function<void()> epoch;
  std::function<double()> ndcg;
  double seconds = 0;
  int epochs = 0;
  double reached = 0;
};

// An epoch of each in turn until both are there.
void race(const Options& options, const std::string& loss, int dim, std::vector<Runner> runners) {
  for (int done = 0; done < options.epochs; ++done) {
    for (Runner& runner : runners) {
      if (runner.reached >= options.until) continue;
      runner.seconds += timed(1, runner.epoch);
      ++runner.epochs;
      runner.reached = runner.ndcg();
    }
  }
  for (const Runner& runner : runners) {
    std::printf("%-9s %4d   %-9s   ", loss.c_str(), dim, runner.name);
    if (runner.reached >= options.until) {
      std::printf("%7.3f s, %d epochs, %.4f\n", runner.seconds, runner.epochs, runner.reached);
    } else {
      std::printf("      not in %d epochs, %.3f s (%.4f)\n", runner.epochs, runner.seconds,
                  runner.reached);
    }
  }
  std::fflush(stdout);
}

void race_sgd(const Options& options, const TrainingData& data, const TrainParams& params,
              const Metadata* metadata) {
  Ours ours(data, metadata, params);
  std::vector<Runner> runners{{.name = "mrec",
                               .epoch = [&] { ours.epoch(); },
                               .ndcg = [&] { return ndcg(data, ours.scorer()); }}};
  std::optional<LightfmYardstick> yardstick;
  if (options.yardstick) {
    yardstick.emplace(data.train, metadata != nullptr ? &metadata->values : nullptr,
                      LightfmYardstick::Params{.loss = params.loss, .dim = params.dim});
    runners.push_back({.name = "yardstick",
                       .epoch = [&] { yardstick->epoch(); },
                       .ndcg = [&] { return ndcg(data, *yardstick); }});
  }
  race(options, params.loss, params.dim, std::move(runners));
}

void race_als(const Options& options, const TrainingData& data, int dim) {
  TrainParams params;
  params.dim = dim;
  const Communicator world = Communicator::world();
  AlsTrainer trainer(world, world, {data.train}, params);
  race(options, "als", dim,
       {{.name = "mrec",
         .epoch =
             [&] {
               trainer.epoch();
               trainer.finish();
             },
         .ndcg = [&] { return ndcg(data, trainer); }}});
}

void measure(const Options& options, const TrainingData& data, const TrainParams& params,
             const Metadata* metadata) {
  std::optional<LightfmYardstick> yardstick;
  if (options.yardstick) {
    yardstick.emplace(data.train, metadata != nullptr ? &metadata->values : nullptr,
                      LightfmYardstick::Params{.loss = params.loss, .dim = params.dim});
  }
  // What calibrates: the yardstick's WARP at dim 64 on identities stands for LightFM's, from which
  // the measured table tells what LightFM takes for the rest.
  const std::optional<double> multiple =
      lightfm_cost(params.loss, params.dim, options.features, static_cast<int>(data.train.cols()));
  const bool is_anchor = params.loss == "warp" && params.dim == 64 && metadata == nullptr;
  std::optional<LightfmYardstick> anchor;
  if (options.yardstick && multiple && !is_anchor) {
    anchor.emplace(data.train, nullptr, LightfmYardstick::Params{.loss = "warp", .dim = 64});
  }
  Ours ours(data, metadata, params);
  std::vector<double> own;
  std::vector<double> calibrated;
  std::vector<double> theirs;
  std::vector<double> ratios;
  double own_sum = 0;
  double their_sum = 0;
  double steps = 0;
  const double per = 1e6 / static_cast<double>(data.train.nonZeros());
  for (int done = 0; done < options.epochs; done += options.turn) {
    const int turn = std::min(options.turn, options.epochs - done);
    own.push_back(per * timed(turn, [&] { steps += ours.epoch().steps; }));
    own_sum += own.back() * turn;
    if (!yardstick) continue;
    theirs.push_back(per * timed(turn, [&] { yardstick->epoch(); }));
    their_sum += theirs.back() * turn;
    ratios.push_back(theirs.back() / own.back());
    if (!multiple) continue;
    const double warp = anchor ? per * timed(turn, [&] { anchor->epoch(); }) : theirs.back();
    calibrated.push_back(warp * *multiple / own.back());
  }
  std::printf("%-9s %4d %4d   %7.3f (%.3f-%.3f)", params.loss.c_str(), params.dim, options.features,
              quantile(own, 0.5), quantile(own, 0.25), quantile(own, 0.75));
  if (yardstick) {
    std::printf("   %7.3f   %6.1f   %6.1f (%.1f-%.1f)", quantile(theirs, 0.5), their_sum / own_sum,
                quantile(ratios, 0.5), quantile(ratios, 0.25), quantile(ratios, 0.75));
    if (calibrated.empty()) {
      std::printf("      -            ");
    } else {
      std::printf("   %6.1f (%.1f-%.1f)", quantile(calibrated, 0.5), quantile(calibrated, 0.25),
                  quantile(calibrated, 0.75));
    }
  }
  std::printf("   %.2f", steps / options.epochs / static_cast<double>(data.train.nonZeros()));
  if (data.test.nonZeros() > 0) {
    std::printf("   %.4f", ndcg(data, ours.scorer()));
    if (yardstick) {
      std::printf(" %.4f", ndcg(data, *yardstick));
    }
  }
  std::printf("\n");
  std::fflush(stdout);
}

// A sweep beside an epoch of the yardstick's WARP at dim 64, of which implicit's ALS takes 0.12,
// 0.21 and 0.34 at dims 16, 64 and 128 per positive.
void measure_als(const Options& options, const TrainingData& data, int dim) {
  LightfmYardstick anchor(data.train, nullptr, LightfmYardstick::Params{.loss = "warp", .dim = 64});
  TrainParams params;
  params.dim = dim;
  const Communicator world = Communicator::world();
  AlsTrainer trainer(world, world, {data.train}, params);
  const double per = 1e6 / static_cast<double>(data.train.nonZeros());
  std::vector<double> own;
  std::vector<double> shares;
  for (int done = 0; done < options.epochs; done += options.turn) {
    const int turn = std::min(options.turn, options.epochs - done);
    own.push_back(per * timed(turn, [&] { trainer.epoch(); }));
    if (options.yardstick) {
      shares.push_back(own.back() / (per * timed(turn, [&] { anchor.epoch(); })));
    }
  }
  std::printf("als       %4d    0   %7.3f (%.3f-%.3f)", dim, quantile(own, 0.5),
              quantile(own, 0.25), quantile(own, 0.75));
  if (options.yardstick) {
    std::printf("   %.3f (%.3f-%.3f) of the yardstick's WARP", quantile(shares, 0.5),
                quantile(shares, 0.25), quantile(shares, 0.75));
  }
  std::printf("\n");
  std::fflush(stdout);
}

void run(Options& options) {
  if (options.train.empty() != options.test.empty()) {
    throw InputError("--train and --test are the halves of one split: give both or neither");
  }
  if (options.roofline) print_roofline();
  if (options.losses.empty()) options.losses = loss_names();
  if (options.dims.empty()) options.dims = {"16", "64", "128"};
  const TrainingData data =
      options.train.empty() ? synthetic(options.size) : read_split(options.train, options.test);
  std::printf("%s: %ld users, %ld artists, %ld interactions\n", data.name.c_str(),
              static_cast<long>(data.train.rows()), static_cast<long>(data.train.cols()),
              static_cast<long>(data.train.nonZeros()));
  std::optional<Metadata> metadata;
  if (options.features > 0) {
    metadata.emplace(
        Metadata{noise_metadata(static_cast<int>(data.train.cols()), options.features, 0.05)});
  }
  const bool is_race = options.until > 0;
  if (is_race && data.test.nonZeros() == 0) {
    throw InputError("--until is about the test half of a split: give --train and --test");
  }
  if (is_race) {
    std::printf("CPU seconds until NDCG@10 is %.4f\n", options.until);
  } else {
    std::printf(
        "CPU us per interaction: median (quartiles) over turns; ratio of the sums; median ratio to "
        "the yardstick as it is (raw) and to LightFM by its table (calibrated)\n"
        "%-9s %4s %4s   %s   %s   %s   %s   %s   %s\n",
        "loss", "dim", "meta", "mrec", "yardstick", "sums", "raw", "calibrated",
        "steps   NDCG@10 of both");
  }
  for (const std::string& loss : options.losses) {
    for (const std::string& dim : options.dims) {
      if (loss == "als") {
        (is_race ? race_als : measure_als)(options, data, std::stoi(dim));
        continue;
      }
      TrainParams params;
      params.loss = loss;
      params.dim = std::stoi(dim);
      params.epochs = options.epochs;
      params.sample_weights = false;
      (is_race ? race_sgd : measure)(options, data, params, metadata ? &*metadata : nullptr);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const MpiSession session;
  Options options;
  try {
    if (!parse_cli(argc, argv,
                   {.name = "mrec-bench-training",
                    .summary = "CPU time of training on one core beside a plain scalar trainer "
                               "that does what LightFM does.",
                    .example = "mrec-bench-training --roofline --epochs 5"},
                   options.fields())) {
      return 0;
    }
    run(options);
    return 0;
  } catch (const InputError& error) {
    std::cerr << "mrec-bench-training: " << error.what() << '\n';
    return 2;
  }
}
