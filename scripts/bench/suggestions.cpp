// CPU time of one suggestion with so many trials before it: ten parameters, four of them numbers,
// two by their logarithm, two in steps, two of four choices each.
//   mrec-bench-suggestions TRIALS REPEATS
#include <ctime>
#include <iostream>
#include <string>

#include "tune/sampler.h"

namespace {

using namespace mrec;

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "mrec-bench-suggestions TRIALS REPEATS\n";
    return 2;
  }
  const std::int64_t num_trials = std::stol(argv[1]);
  const int repeats = std::stoi(argv[2]);
  std::vector<Param> params;
  for (int i = 0; i < 4; ++i) params.push_back(parse_param("x" + std::to_string(i) + "=float:0:1"));
  for (int i = 0; i < 2; ++i) {
    const std::string number = std::to_string(i);
    params.push_back(parse_param("l" + number + "=float:0.001:0.1:log"));
    params.push_back(parse_param("n" + number + "=int:16:128:16"));
    params.push_back(parse_param("c" + number + "=cat:a,b,c,d"));
  }
  const Space space(params);
  const SamplerParams random{.sampler = "random"};
  std::vector<Trial> trials;
  for (std::int64_t number = 0; number < num_trials; ++number) {
    Trial trial{.number = number, .state = TrialState::kComplete};
    trial.configuration =
        *suggest({.params = random, .space = space, .trials = {}, .number = number});
    trial.value = trial.configuration[0] + trial.configuration[1] * trial.configuration[2];
    trials.push_back(std::move(trial));
  }
  const SamplerParams tpe{.sampler = "tpe-optuna"};
  const double begin = cpu_seconds();
  for (int repeat = 0; repeat < repeats; ++repeat) {
    suggest({.params = tpe, .space = space, .trials = trials, .number = num_trials + repeat});
  }
  std::cout << 1000 * (cpu_seconds() - begin) / repeats << '\n';
}
