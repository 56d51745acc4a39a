#include "model/new_artist_map.h"

#include <gtest/gtest.h>

#include <Eigen/Cholesky>

#include "toy.h"

namespace mrec {
namespace {

const std::vector<std::string> kTagNames{"rock", "jazz", "nobody's"};
const SparseMatrix kTags = sparse(Matrix{{2, 0, 0}, {0, 3, 0}, {1, 1, 0}, {4, 0, 0}, {0, 0, 0}});
const FeatureMatrix kFeatures{
    .values = sparse(Matrix{{1, 30, 7}, {2, 20, 7}, {6, 10, 7}, {9, 0, 7}, {5, 0, 7}}),
    .names = {"energy", "listeners", "constant"},
    .types = {}};
const std::vector<int> kListeners{30, 20, 10, 0, 40};  // the last one has no tag
const Matrix kTargets{{1, 2}, {3, -1}, {0.5F, 4}, {99, 99}, {99, 99}};

// (X'X + 10) M = X'Y, written out.
Matrix ridge(const Eigen::MatrixXd& x, const Eigen::MatrixXd& y) {
  const Eigen::MatrixXd left =
      x.transpose() * x + 10 * Eigen::MatrixXd::Identity(x.cols(), x.cols());
  return left.ldlt().solve(x.transpose() * y).cast<float>();
}

NewArtistMap fitted() {
  NewArtistFit fit(kTags, kTagNames, kFeatures, kListeners);
  const Matrix map = fit.solve(kTargets);
  return std::move(fit).with(map);
}

TEST(NewArtistMap, IsTheRidgeRegressionOverArtistsWithListenersAndTags) {
  const NewArtistMap map = fitted();
  EXPECT_EQ(map.feature_names, (std::vector<std::string>{"energy", "constant"}))
      << "nobody listens to a new artist";
  EXPECT_FLOAT_EQ(map.feature_mean(0), 3);
  // Tags, energy of deviation 1 (it is sqrt(14 / 3)), the constant and 1.
  const double d = std::sqrt(14.0 / 3);
  const Eigen::MatrixXd x{{2, 0, 0, -2 / d, 0, 1}, {0, 3, 0, -1 / d, 0, 1}, {1, 1, 0, 3 / d, 0, 1}};
  Matrix expected = ridge(x, kTargets.topRows(3).cast<double>());
  expected.row(3) /= static_cast<float>(d);
  EXPECT_TRUE(map.map.isApprox(expected, 2e-3F)) << map.map << "\n\n" << expected;
}

TEST(NewArtistMap, ColumnsDoNotDependOnOneAnother) {
  const NewArtistFit fit(kTags, kTagNames, kFeatures, kListeners);
  const Matrix all = fit.solve(kTargets);
  EXPECT_EQ(all.col(1), fit.solve(kTargets.col(1)));
}

TEST(NewArtistMap, PlacesByWhatIsGiven) {
  const NewArtistMap map = fitted();
  const FeatureMatrix none{.values = SparseMatrix(1, 0), .names = {}, .types = {}};
  const auto placed = [&](const Matrix& tags, const std::vector<std::string>& names,
                          const FeatureMatrix& features) {
    return map.place(sparse(tags), names, features);
  };
  const Matrix usual = map.map.bottomRows(1);
  EXPECT_EQ(placed(Matrix{{5}}, {"unheard of"}, none), usual);
  EXPECT_TRUE(placed(Matrix{{1, 2}}, {"jazz", "rock"}, none)
                  .isApprox(usual + map.map.row(1) + 2 * map.map.row(0)));
  const FeatureMatrix energy{.values = sparse(Matrix{{5}}), .names = {"energy"}, .types = {}};
  EXPECT_TRUE(placed(Matrix{{0}}, {"jazz"}, energy).isApprox(usual + 2 * map.map.row(3)));
}

TEST(NewArtistMap, IsImpossibleWhereNothingIsKnown) {
  const FeatureMatrix none{.values = SparseMatrix(2, 0), .names = {}, .types = {}};
  const SparseMatrix untagged(2, 0);
  EXPECT_FALSE(NewArtistFit(untagged, {}, none, std::vector{1, 1}).is_possible());
  const FeatureMatrix energy{.values = sparse(Matrix{{1}, {2}}), .names = {"energy"}, .types = {}};
  EXPECT_FALSE(NewArtistFit(untagged, {}, energy, std::vector{0, 0}).is_possible());
  EXPECT_TRUE(NewArtistFit(untagged, {}, energy, std::vector{0, 1}).is_possible());
}

}  // namespace
}  // namespace mrec
