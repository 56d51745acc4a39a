#define MREC_LEVEL avx512
#include "model/equations_loop.h"
#include "model/kernel_loop.h"
#include "model/kernels/levels.h"
#include "model/score_loop.h"

mrec::PassResult mrec::kernels::pass_avx512(const PassTask& task) { return run_pass(task); }
void mrec::kernels::score_avx512(const ScoreTask& task) { run_score(task); }
void mrec::kernels::transpose_avx512(const float* from, int num_rows, int num_columns, float* to) {
  run_transpose(from, num_rows, num_columns, to);
}
void mrec::kernels::add_rows_avx512(const Equations& equations, const float* rows, int num_rows,
                                    int num_columns) {
  run_add_rows(equations, rows, num_rows, num_columns);
}
void mrec::kernels::add_dots_avx512(const Equations& equations, const float* rows, int width) {
  run_add_dots(equations, rows, width);
}
void mrec::kernels::solve_avx512(const Equations& equations, float* solution) {
  run_solve(equations, solution);
}
