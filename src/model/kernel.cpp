#include "model/kernel.h"

#include "model/kernels/levels.h"

namespace mrec {
namespace {

bool always() { return true; }

#if defined(__x86_64__)
bool has_avx2() { return __builtin_cpu_supports("avx2") != 0; }
bool has_avx512() {
  return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
         __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512bw") != 0;
}
#endif

constexpr KernelLevel kLevels[] = {
    {"portable", always, kernels::pass_portable, kernels::score_portable,
     kernels::transpose_portable, kernels::add_rows_portable, kernels::add_dots_portable,
     kernels::solve_portable},
#if defined(__x86_64__)
    {"avx2", has_avx2, kernels::pass_avx2, kernels::score_avx2, kernels::transpose_avx2,
     kernels::add_rows_avx2, kernels::add_dots_avx2, kernels::solve_avx2},
    {"avx512", has_avx512, kernels::pass_avx512, kernels::score_avx512, kernels::transpose_avx512,
     kernels::add_rows_avx512, kernels::add_dots_avx512, kernels::solve_avx512},
#endif
};

}  // namespace

std::span<const KernelLevel> kernel_levels() { return kLevels; }

const KernelLevel& best_level() {
  const KernelLevel* best = kLevels;
  for (const KernelLevel& level : kLevels) {
    if (level.supported()) best = &level;
  }
  return *best;
}

}  // namespace mrec
