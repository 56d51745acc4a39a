#define MREC_LEVEL portable
#include "model/kernel_loop.h"
#include "model/kernels/levels.h"
#include "model/score_loop.h"

mrec::PassResult mrec::kernels::pass_portable(const PassTask& task) { return run_pass(task); }
void mrec::kernels::score_portable(const ScoreTask& task) { run_score(task); }
