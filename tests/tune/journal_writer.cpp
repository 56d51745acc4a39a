// journal_writer FILE TRIALS: a study of so many trials, slowly, and whatever others enqueue first.
// For optuna_test.py.

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "tune/journal.h"
#include "tune/sampler.h"

namespace {

using namespace mrec;

const char* const kSpace = R"(
dim = "int:16:128:16"
loss = ["warp", "bpr"]
rate = "float:0.01:1:log"
sampled = { type = "int", low = 5, high = 100, log = true, when = { loss = "warp" } }
)";

// The trial that waits longest, or a new one.
std::int64_t next(Journal& journal, const StudySettings& settings) {
  journal.refresh();
  const SamplerParams params;
  for (const Trial& trial : journal.trials()) {
    if (trial.state != TrialState::kWaiting) continue;
    const SamplerInput input{.params = params,
                             .space = settings.space,
                             .trials = journal.trials(),
                             .number = trial.number};
    const std::int64_t number = trial.number;
    journal.start(number, *suggest(input, trial.configuration));
    return number;
  }
  const auto number = static_cast<std::int64_t>(journal.trials().size());
  return journal.start(*suggest(
      {.params = params, .space = settings.space, .trials = journal.trials(), .number = number}));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const StudySettings settings{.name = "tastes",
                               .metric = "ndcg@10",
                               .space = parse_space(kSpace, "space"),
                               .identity = {{"seed", "42"}}};
  Journal journal(argv[1], settings);
  for (int i = 0; i < std::atoi(argv[2]); ++i) {
    const std::int64_t number = next(journal, settings);
    const Configuration x = journal.trials()[static_cast<std::size_t>(number)].configuration;
    const double value = 1 - std::abs(x[0] - 64) / 128 - std::abs(std::log(x[2] / 0.1)) / 10;
    for (const int step : {5, 10}) {
      journal.report(number, step, value * step / 10);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    if (number % 7 == 6) {
      journal.prune(number, value / 2);
    } else if (number % 7 == 5) {
      journal.fail(number, Failure::kObjective, "diverged");
    } else {
      journal.complete(number, value, {{"precision@10", "0.5"}, {"host", "node1"}});
    }
  }
  return 0;
}
