#include "eval/baselines.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>

#include "base/error.h"
#include "base/random.h"

namespace mrec {
namespace {

using DoubleMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using DoubleSparse = Eigen::SparseMatrix<double, Eigen::RowMajor, int>;
using Score = std::function<void(int, std::span<float>)>;

// The pattern of `train` with ones.
DoubleSparse ones_of(const SparseMatrix& train) {
  DoubleSparse ones = train.cast<double>();
  ones.coeffs().setOnes();
  return ones;
}

Eigen::VectorXd listeners_of(const DoubleSparse& ones) {
  return ones.transpose() * Eigen::VectorXd::Ones(ones.rows());
}

void copy_to(const Eigen::VectorXd& values, std::span<float> scores) {
  std::ranges::transform(values, scores.begin(),
                         [](double value) { return static_cast<float>(value); });
}

Score popularity(const SparseMatrix& train) {
  return [listeners = listeners_of(ones_of(train))](int, std::span<float> scores) {
    copy_to(listeners, scores);
  };
}

// With N the columns of X scaled to length 1, the scores of user u are x_u N'N = (x_u N') N: two
// products with sparse matrices instead of an artists x artists matrix.
Score item_knn(const SparseMatrix& train) {
  const DoubleSparse ones = ones_of(train);
  const Eigen::VectorXd lengths = listeners_of(ones).cwiseMax(1).cwiseSqrt();
  const auto scaled =
      std::make_shared<const DoubleSparse>(ones * lengths.cwiseInverse().asDiagonal());
  // Row u of X N' needs N only where u has listened, which is row u of N times its artists' ones.
  return [scaled, lengths](int user, std::span<float> scores) {
    const Eigen::VectorXd own = scaled->row(user).transpose();
    const Eigen::VectorXd heard = own.unaryExpr([](double x) { return x > 0 ? 1.0 : 0.0; });
    copy_to(scaled->transpose() * (*scaled * heard), scores);
  };
}

// BM25 with the users as documents and the artists as terms: N_ui = w_u idf_i where u has heard i,
// w_u = (k1 + 1) / (k1 (1 - b + b n_u / mean n) + 1), idf_i = log(U / (1 + listeners_i)). The
// scores of user u are n_u N' N.
Score item_knn_bm25(const SparseMatrix& train) {
  constexpr double kK1 = 1.2;
  constexpr double kB = 0.75;
  const DoubleSparse ones = ones_of(train);
  const auto num_users = static_cast<double>(std::max<Eigen::Index>(ones.rows(), 1));
  const Eigen::VectorXd heard = ones * Eigen::VectorXd::Ones(ones.cols());
  const double mean = std::max(heard.sum() / num_users, 1e-12);
  const Eigen::VectorXd user_weight = heard.unaryExpr(
      [&](double count) { return (kK1 + 1) / (kK1 * (1 - kB + kB * count / mean) + 1); });
  const Eigen::VectorXd idf = listeners_of(ones).unaryExpr(
      [&](double listeners) { return std::log(num_users / (1 + listeners)); });
  const DoubleSparse by_user = user_weight.asDiagonal() * ones;
  const auto scaled = std::make_shared<const DoubleSparse>(by_user * idf.asDiagonal());
  return [scaled](int user, std::span<float> scores) {
    const Eigen::VectorXd own = scaled->row(user).transpose();
    copy_to(scaled->transpose() * (*scaled * own), scores);
  };
}

// EASE^R: B = I - P diag(1 / P_jj) with P = (X'X + l I)^-1, which is (I - X' K^-1 X) / l with
// K = X X' + l I over the users. Row u of X B is then x_u - p / diag(P), where
// p = x_u P = (x_u - (x_u X') K^-1 X) / l.
constexpr double kL2 = 100;

Score ease(const SparseMatrix& train) {
  constexpr Eigen::Index kMostUsers = 20'000;
  if (train.rows() > kMostUsers) {
    throw InputError("the baseline ease is solved over the users and takes at most " +
                     std::to_string(kMostUsers) + " of them; leave it out of --baselines");
  }
  const auto ones = std::make_shared<const DoubleSparse>(ones_of(train));
  DoubleMatrix kernel = DoubleMatrix(DoubleSparse(*ones * DoubleSparse(ones->transpose())));
  kernel.diagonal().array() += kL2;
  const Eigen::Index users = kernel.rows();
  const auto inverse = std::make_shared<const DoubleMatrix>(
      kernel.llt().solve(DoubleMatrix::Identity(users, users)));
  // P_jj = (1 - x_j' K^-1 x_j) / l over the listeners x_j of an artist.
  const auto diagonal = std::make_shared<Eigen::VectorXd>(ones->cols());
  const DoubleSparse listeners = ones->transpose();
  for (int artist = 0; artist < listeners.rows(); ++artist) {
    double sum = 0;
    for (DoubleSparse::InnerIterator a(listeners, artist); a; ++a) {
      for (DoubleSparse::InnerIterator b(listeners, artist); b; ++b) {
        sum += (*inverse)(a.col(), b.col());
      }
    }
    (*diagonal)(artist) = (1 - sum) / kL2;
  }
  return [ones, inverse, diagonal](int user, std::span<float> scores) {
    const Eigen::VectorXd own = ones->row(user).transpose();
    const Eigen::VectorXd common = *ones * own;  // artists in common with every user
    const Eigen::VectorXd p = (own - ones->transpose() * (*inverse * common)) / kL2;
    copy_to(own - p.cwiseQuotient(*diagonal), scores);
  };
}

Score random_scores(const SparseMatrix& /*train*/) {
  return [](int user, std::span<float> scores) {
    Rng rng(1, 0, static_cast<std::uint64_t>(user));
    for (float& score : scores) score = static_cast<float>(rng.uniform());
  };
}

struct Entry {
  const char* name;
  Score (*make)(const SparseMatrix&);
};

constexpr std::array kBaselines{Entry{"ease", ease}, Entry{"item-knn", item_knn},
                                Entry{"item-knn-bm25", item_knn_bm25},
                                Entry{"popularity", popularity}, Entry{"random", random_scores}};

}  // namespace

std::vector<std::string> baseline_names() {
  std::vector<std::string> names;
  names.reserve(kBaselines.size());
  for (const Entry& entry : kBaselines) names.emplace_back(entry.name);
  return names;
}

Baseline make_baseline(const std::string& name, const SparseMatrix& train) {
  for (const Entry& entry : kBaselines) {
    if (name == entry.name) return {.name = name, .score = entry.make(train)};
  }
  std::string known;
  for (const std::string& other : baseline_names()) known += (known.empty() ? "" : ", ") + other;
  throw InputError("baseline '" + name + "' is not one of " + known);
}

}  // namespace mrec
