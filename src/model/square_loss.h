#pragma once

#include <span>

#include "base/aligned.h"
#include "base/matrix.h"
#include "model/kernel.h"

namespace mrec {

// The whole-data square loss (Hu, Koren, Volinsky, ICDM 2008; weighted as Rendle et al.,
// "Revisiting the performance of iALS", RecSys 2022). Rows r are users (and tags, which are rows
// like users), S the observed pairs with their confidences c and targets t:
//
//   L = sum over (r, a) in S of c_ra (t_ra - p_r . q_a)^2
//       + unheard * sum over all (r, a) of (p_r . q_a)^2
//       + sum over r of ridge(n_r, A) |p_r|^2  +  sum over a of ridge(n_a, R) |q_a|^2
//
//   ridge(n, others) = regularization * (n + unheard * others)^exponent
//
// n_r counts the pairs of a row, A and R all artists and rows. The sum over all pairs is
// p_r' (Q'Q) p_r, so that only the d x d Gram matrix of the other side is needed, never the pairs.
struct SquareLoss {
  double unheard = 0.1;
  double regularization = 0.003;
  double exponent = 1;

  [[nodiscard]] double ridge(double observed, double others) const;
};

// What L asks of an observed pair.
struct PairFit {
  float confidence;
  float target;
};

// Minimizes L by one row at a time while the other side stands still: what a half-sweep of ALS does
// for every row, and a fold-in for one. Works in the basis in which the Gram matrix is diagonal.
class RowSolver {
 public:
  // `spectrum` [d]: eigenvalues of the Gram matrix of `other` [others x d, stride floats apart],
  // whose rows are already written in the basis of the eigenvectors.
  RowSolver(const SquareLoss& loss, const Vector& spectrum, const float* other, int others,
            int stride);

  // The row [d] that fits these pairs best, p = (D + V'CV)^-1 V'C t; zeros for no pairs. n >= d
  // pairs cost n d^2, fewer n^2 d, by way of their residuals (c (t - p . v) is y):
  //
  //   p = D^-1 V'y,   (C^-1 + V D^-1 V') y = t
  //
  // Returns the loss of the pairs, the sum of c (t - p . v)^2.
  double solve(std::span<const int> columns, std::span<const PairFit> fits, float* row);

 private:
  double solve_one(int column, PairFit fit, float* row);
  double solve_few(std::span<const int> columns, std::span<const PairFit> fits, float* row);
  double solve_many(std::span<const int> columns, std::span<const PairFit> fits, float* row);
  [[nodiscard]] Eigen::Map<const Vector> other(int column) const;
  void fetch(int column) const;
  [[nodiscard]] Eigen::Map<Vector> gathered(std::size_t i);
  [[nodiscard]] Equations no_equations(int size);

  const SquareLoss loss_;
  const KernelLevel& level_;
  const Vector spectrum_;
  const float* other_;
  int others_;
  int stride_;
  int width_;                 // the stride of d equations
  Vector weight_;             // [d] diagonal of D
  Vector scale_;              // [d] of D^-1/2
  AlignedFloats gathered_;    // [pairs x width_] scaled rows of the other side, then zeros
  AlignedFloats transposed_;  // [width_ x pairs]
  AlignedFloats values_;      // of the equations
  AlignedFloats solution_;
};

// Eigenvalues and vectors of a symmetric matrix [d x d] by its lower triangle, in single precision.
struct Spectrum {
  Vector values;   // [d]
  Matrix vectors;  // [d x d] in columns
};
Spectrum spectrum_of(const Eigen::MatrixXd& gram);

}  // namespace mrec
