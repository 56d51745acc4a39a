#include "model/artist_scorer.h"

#include <gtest/gtest.h>

#include "model/kernel.h"
#include "toy.h"

namespace mrec {
namespace {

// All scores by blocks, as take() gets them.
Matrix scores_of(const ArtistScorer& artists, const Matrix& users) {
  Matrix scores = Matrix::Constant(users.rows(), artists.num_artists(), -7);
  for (int first = 0; first < users.rows(); first += ArtistScorer::kBlock) {
    const int count = std::min(ArtistScorer::kBlock, static_cast<int>(users.rows()) - first);
    std::vector<int> next(static_cast<std::size_t>(count));
    artists.score_block(users, first, count, [&](int u, int artist, std::span<float> piece) {
      int& expected = next[static_cast<std::size_t>(u)];
      ASSERT_EQ(artist, expected) << "pieces of a user come in order, without gaps";
      expected += static_cast<int>(piece.size());
      for (const float score : piece) scores(first + u, artist++) = score;
    });
    for (const int end : next) EXPECT_EQ(end, artists.num_artists());
  }
  return scores;
}

// Catalogues and users that do and do not fill tiles, groups and blocks.
TEST(ArtistScorer, EqualsTheProductAndItself) {
  for (const auto [num_artists, num_users, dim] :
       {std::array{1, 1, 1}, {700, 13, 5}, {1024, 8, 16}, {513, 300, 33}}) {
    const Matrix factors = random_matrix(num_artists, dim, 1);
    const Vector bias = random_matrix(num_artists, 1, 2).col(0);
    const Matrix users = random_matrix(num_users, dim, 3);
    const ArtistScorer artists(factors, bias);
    const Matrix scores = scores_of(artists, users);
    const Eigen::MatrixXd expected =
        (users.cast<double>() * factors.cast<double>().transpose()).rowwise() +
        bias.cast<double>().transpose();
    EXPECT_LT((scores.cast<double>() - expected).cwiseAbs().maxCoeff(), 1e-5);
    for (int u = 0; u < num_users; ++u) {
      for (int a = 0; a < num_artists; ++a) {
        ASSERT_EQ(artists.score(users.row(u).data(), a), scores(u, a)) << "the same bits";
      }
    }
  }
}

TEST(ArtistScorer, EqualVectorsTieWhereverTheyStand) {
  Matrix factors = random_matrix(1000, 24, 1);
  for (const int a : {17, 511, 512, 999}) factors.row(a) = factors.row(3);
  const ArtistScorer artists(factors, Vector::Zero(1000));
  const Matrix scores = scores_of(artists, random_matrix(20, 24, 2));
  for (const int a : {17, 511, 512, 999}) EXPECT_EQ(scores.col(a), scores.col(3));
}

TEST(ArtistScorer, ReadsRowsWhereTheyLie) {
  const Matrix factors = random_matrix(700, 20, 1);
  Matrix padded = Matrix::Constant(700, 32, 1e6F);
  padded.leftCols(20) = factors;
  const Vector bias = random_matrix(700, 1, 2).col(0);
  const Matrix users = random_matrix(9, 20, 3);
  const ArtistScorer apart(FactorRows(padded.data(), 700, 20, Eigen::OuterStride<>(32)), bias);
  EXPECT_EQ(scores_of(apart, users), scores_of(ArtistScorer(factors, bias), users));
}

TEST(ArtistScorer, IsTheSameAtEveryLevel) {
  const int dim = 21;
  const Matrix factors = random_matrix(dim, 64, 1);  // [4 groups] laid out as it comes
  const Matrix bias = random_matrix(1, 64, 2);
  const Matrix users = random_matrix(8, dim, 3);
  AlignedFloats packed(factors.data(), factors.data() + factors.size());
  AlignedFloats shifts(bias.data(), bias.data() + bias.size());
  ScoreTask task{.factors = packed.data(), .bias = shifts.data(), .dim = dim, .num_artists = 64};
  for (int u = 0; u < 8; ++u) task.users[static_cast<std::size_t>(u)] = users.row(u).data();
  task.stride = 64;
  const auto scores = [&](const KernelLevel& level) {
    AlignedFloats out = aligned_zeros(std::size_t{8} * 64);
    task.scores = out.data();
    level.score(task);
    return out;
  };
  for (const KernelLevel& level : kernel_levels()) {
    if (!level.supported()) continue;
    EXPECT_EQ(scores(level), scores(kernel_levels().front())) << level.name;
  }
}

}  // namespace
}  // namespace mrec
