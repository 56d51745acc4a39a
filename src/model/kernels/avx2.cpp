#define MREC_LEVEL avx2
#include "model/kernel_loop.h"
#include "model/kernels/levels.h"

mrec::PassResult mrec::kernels::pass_avx2(const PassTask& task) { return run_pass(task); }
