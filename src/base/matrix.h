#pragma once

#include <Eigen/Core>
#include <Eigen/SparseCore>

namespace mrec {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::VectorXf;
using RowVector = Eigen::RowVectorXf;

// CSR with 32-bit indices: one rank's part of a matrix has fewer than 2^31 entries.
// Beware: Eigen 3.4 copies it on std::move; pass by const&, return by value.
using SparseMatrix = Eigen::SparseMatrix<float, Eigen::RowMajor, int>;

}  // namespace mrec
