#pragma once

#include "model/kernel.h"

// A pass and scoring at each level, each compiled in a file of its own with its own -march
// (CMakeLists.txt).
namespace mrec::kernels {

PassResult pass_portable(const PassTask& task);
PassResult pass_avx2(const PassTask& task);
PassResult pass_avx512(const PassTask& task);

void score_portable(const ScoreTask& task);
void score_avx2(const ScoreTask& task);
void score_avx512(const ScoreTask& task);

}  // namespace mrec::kernels
