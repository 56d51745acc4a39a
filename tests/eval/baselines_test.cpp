#include "eval/baselines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <Eigen/LU>
#include <cmath>
#include <filesystem>
#include <map>

#include "base/error.h"
#include "base/random.h"
#include "dataset/lastfm.h"
#include "eval/evaluate.h"
#include "model/toy.h"

namespace mrec {
namespace {

// 12 users x 9 artists with weights that must not matter.
SparseMatrix random_plays() {
  Rng rng(5);
  Matrix plays = Matrix::Zero(12, 9);
  for (float& value : plays.reshaped()) {
    if (rng.uniform() < 0.4) value = static_cast<float>(1 + rng.below(9));
  }
  return sparse(plays);
}

Matrix ones_of(const SparseMatrix& plays) {
  return Matrix(plays).unaryExpr([](float x) { return x > 0 ? 1.0F : 0.0F; });
}

// Scores of all users [users x artists].
Matrix scores_of(const std::string& name, const SparseMatrix& plays) {
  const Baseline baseline = make_baseline(name, plays);
  Matrix scores(plays.rows(), plays.cols());
  for (int u = 0; u < plays.rows(); ++u) {
    baseline.score(u, {scores.row(u).data(), static_cast<std::size_t>(plays.cols())});
  }
  return scores;
}

TEST(Baselines, PopularityCountsListeners) {
  const SparseMatrix plays = random_plays();
  const Matrix scores = scores_of("popularity", plays);
  for (int u = 0; u < plays.rows(); ++u) {
    EXPECT_TRUE(scores.row(u).isApprox(ones_of(plays).colwise().sum()));
  }
}

TEST(Baselines, ItemKnnSumsCosines) {
  const SparseMatrix plays = random_plays();
  const Matrix x = ones_of(plays);
  Matrix cosine(9, 9);
  for (int a = 0; a < 9; ++a) {
    for (int b = 0; b < 9; ++b) {
      cosine(a, b) = x.col(a).dot(x.col(b)) / (x.col(a).norm() * x.col(b).norm());
    }
  }
  EXPECT_TRUE(scores_of("item-knn", plays).isApprox(x * cosine, 1e-5F));
}

TEST(Baselines, Bm25WeighsUsersByLengthAndArtistsByRarity) {
  const SparseMatrix plays = random_plays();
  Matrix n = ones_of(plays);
  const float mean = n.sum() / 12;
  const Vector length = n.rowwise().sum();
  const RowVector listeners = n.colwise().sum();
  for (int u = 0; u < 12; ++u) {
    for (int a = 0; a < 9; ++a) {
      n(u, a) *= 2.2F / (1.2F * (0.25F + 0.75F * length(u) / mean) + 1) *
                 std::log(12 / (1 + listeners(a)));
    }
  }
  EXPECT_TRUE(scores_of("item-knn-bm25", plays).isApprox(n * n.transpose() * n, 1e-4F));
}

TEST(Baselines, EaseEqualsItsPrimalSolution) {
  const SparseMatrix plays = random_plays();
  const Eigen::MatrixXd x = ones_of(plays).cast<double>();
  const Eigen::MatrixXd p = (x.transpose() * x + 100 * Eigen::MatrixXd::Identity(9, 9)).inverse();
  Eigen::MatrixXd b = -p * p.diagonal().cwiseInverse().asDiagonal();
  b.diagonal().setZero();
  EXPECT_TRUE(scores_of("ease", plays).isApprox((x * b).cast<float>(), 1e-4F));
}

TEST(Baselines, RandomScoresBelongToTheUser) {
  const SparseMatrix plays = random_plays();
  const Matrix scores = scores_of("random", plays);
  EXPECT_EQ(scores, scores_of("random", plays));
  EXPECT_NE(scores.row(0), scores.row(1));
}

TEST(Baselines, AnUnknownNameIsRefused) {
  EXPECT_THAT([] { make_baseline("x", random_plays()); },
              testing::ThrowsMessage<InputError>(
                  "baseline 'x' is not one of ease, item-knn, item-knn-bm25, popularity, random"));
}

// The splits of the public data set, where they lie beside the project, and the figures that an
// independent program got on them.
class PublicSplit : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(root)) {
      GTEST_SKIP() << "the public data sets are not at " << root << "; see data/README.md";
    }
  }

  // NDCG@10 of the baselines on a split, whose parts known to the user are `known`.
  void expect(const std::vector<std::string>& known, const std::string& held_out,
              const std::map<std::string, double>& figures) const {
    std::map<std::int64_t, int> users;
    std::map<std::int64_t, int> artists;
    std::vector<std::vector<Eigen::Triplet<float>>> parts;
    ReadReport report;
    std::vector<std::string> names = known;
    names.push_back(held_out);
    for (const std::string& name : names) {
      auto& entries = parts.emplace_back();
      for (const auto& play : lastfm::read_split_file(root + "/splits/" + name, report)) {
        const int user = users.emplace(play.user_id, std::ssize(users)).first->second;
        const int artist = artists.emplace(play.artist_id, std::ssize(artists)).first->second;
        entries.emplace_back(user, artist, 1.0F);
      }
    }
    std::vector<SparseMatrix> matrices;
    for (const auto& entries : parts) {
      matrices.emplace_back(std::ssize(users), std::ssize(artists));
      matrices.back().setFromTriplets(entries.begin(), entries.end());
    }
    EvalTask task{.held_out = matrices.back()};
    for (std::size_t i = 0; i < known.size(); ++i) task.known.push_back(&matrices[i]);
    for (const auto& [name, figure] : figures) {
      const Baseline baseline = make_baseline(name, matrices.front());
      const MeanNdcg ndcg = sum_ndcg(task, baseline.score);
      EXPECT_NEAR(ndcg.sum / ndcg.users, figure, 0.003) << name << " on " << held_out;
    }
  }

  const std::string root = MREC_REAL_DATA;
};

TEST_F(PublicSplit, AGivesThePublishedFigures) {
  expect({"A.train.tsv", "A.val.tsv"}, "A.test.tsv",
         {{"random", 0.0005},
          {"popularity", 0.0772},
          {"item-knn", 0.2016},
          {"item-knn-bm25", 0.2009},
          {"ease", 0.2142}});
}

TEST_F(PublicSplit, BGivesThePublishedFigures) {
  expect(
      {"B.train.tsv"}, "B.test.tsv",
      {{"popularity", 0.0795}, {"item-knn", 0.2175}, {"item-knn-bm25", 0.2175}, {"ease", 0.2362}});
}

}  // namespace
}  // namespace mrec
