#define MREC_LEVEL portable
#include "model/kernel_loop.h"
#include "model/kernels/levels.h"

mrec::PassResult mrec::kernels::pass_portable(const PassTask& task) { return run_pass(task); }
