#pragma once

#include "model/kernel.h"

// One pass at each level, each compiled in a file of its own with its own -march (CMakeLists.txt).
namespace mrec::kernels {

PassResult pass_portable(const PassTask& task);
PassResult pass_avx2(const PassTask& task);
PassResult pass_avx512(const PassTask& task);

}  // namespace mrec::kernels
