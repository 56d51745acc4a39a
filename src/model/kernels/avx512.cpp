#define MREC_LEVEL avx512
#include "model/kernel_loop.h"
#include "model/kernels/levels.h"
#include "model/score_loop.h"

mrec::PassResult mrec::kernels::pass_avx512(const PassTask& task) { return run_pass(task); }
void mrec::kernels::score_avx512(const ScoreTask& task) { run_score(task); }
