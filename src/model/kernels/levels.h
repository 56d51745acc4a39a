#pragma once

#include "model/kernel.h"

// What a level has (KernelLevel), each compiled in a file of its own with its own -march
// (CMakeLists.txt).
namespace mrec::kernels {

PassResult pass_portable(const PassTask& task);
PassResult pass_avx2(const PassTask& task);
PassResult pass_avx512(const PassTask& task);

void score_portable(const ScoreTask& task);
void score_avx2(const ScoreTask& task);
void score_avx512(const ScoreTask& task);

void transpose_portable(const float* from, int num_rows, int num_columns, float* to);
void transpose_avx2(const float* from, int num_rows, int num_columns, float* to);
void transpose_avx512(const float* from, int num_rows, int num_columns, float* to);

void add_rows_portable(const Equations& equations, const float* rows, int num_rows,
                       int num_columns);
void add_rows_avx2(const Equations& equations, const float* rows, int num_rows, int num_columns);
void add_rows_avx512(const Equations& equations, const float* rows, int num_rows, int num_columns);

void add_dots_portable(const Equations& equations, const float* rows, int width);
void add_dots_avx2(const Equations& equations, const float* rows, int width);
void add_dots_avx512(const Equations& equations, const float* rows, int width);

void solve_portable(const Equations& equations, float* solution);
void solve_avx2(const Equations& equations, float* solution);
void solve_avx512(const Equations& equations, float* solution);

}  // namespace mrec::kernels
