#pragma once

#include <cstddef>

#include "model/kernel.h"
#include "model/row.h"

namespace mrec {
inline namespace MREC_LEVEL {

// Groups of 16 artists by 4 users: the sums stay in registers while the dimensions go by.
inline void run_score(const ScoreTask& task) {
  constexpr std::size_t kAtOnce = 4;
  static_assert(std::tuple_size_v<decltype(task.users)> % kAtOnce == 0);
  for (int a = 0; a < task.num_artists; a += row::kLanes) {
    const float* group = task.factors + static_cast<std::ptrdiff_t>(a) * task.dim;
    const row::Lanes bias = row::row_load(task.bias + a);
    for (std::size_t u = 0; u < task.users.size(); u += kAtOnce) {
      row::Lanes sums[kAtOnce] = {};
      for (int i = 0; i < task.dim; ++i) {
        const row::Lanes factor =
            row::row_load(group + static_cast<std::ptrdiff_t>(i) * row::kLanes);
        for (std::size_t v = 0; v < kAtOnce; ++v) {
          sums[v] = sums[v] + task.users[u + v][i] * factor;
        }
      }
      for (std::size_t v = 0; v < kAtOnce; ++v) {
        row::row_store(task.scores + static_cast<std::ptrdiff_t>(u + v) * task.stride + a,
                       sums[v] + bias);
      }
    }
  }
}

}  // namespace MREC_LEVEL
}  // namespace mrec
