#include "dataset/synthesize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "dataset/dataset.h"
#include "temp_dir.h"

namespace mrec {
namespace {

// More than one batch of users.
SynthesizeParams small_params() {
  return {.users = 5000, .artists = 400, .interactions = 100'000, .tastes = 4};
}

std::vector<double> listeners_of(const SparseMatrix& weights) {
  std::vector<double> listeners(static_cast<std::size_t>(weights.cols()));
  for (Eigen::Index k = 0; k < weights.nonZeros(); ++k) {
    ++listeners[static_cast<std::size_t>(weights.innerIndexPtr()[k])];
  }
  return listeners;
}

TEST(Synthesize, IsASoundDataSetOfTheSizeAskedFor) {
  const TempDir directory;
  const std::string path = directory.path("s.h5");
  const SynthesizedSizes sizes = synthesize(path, small_params(), {{"created_by", "a test"}});
  const Dataset dataset = load_dataset(path);  // checks that parts do not overlap and much else
  EXPECT_EQ(dataset.users.size(), 5000);
  EXPECT_EQ(dataset.artists.size(), 400);
  EXPECT_EQ(dataset.train.weights.nonZeros(), sizes.train);
  EXPECT_EQ(dataset.test.weights.nonZeros(), sizes.test);
  const auto all = static_cast<double>(sizes.train + sizes.valid + sizes.test);
  EXPECT_NEAR(all, 100'000, 2000);
  EXPECT_NEAR(static_cast<double>(sizes.train) / all, 0.8, 0.04);  // users round down
  for (int u = 0; u < 5000; ++u) {
    ASSERT_GE(dataset.train.weights.row(u).nonZeros(), 2) << u;
    ASSERT_GE(dataset.test.weights.row(u).nonZeros(), 1) << u;
  }
  EXPECT_EQ(DatasetFile(path).attribute("params", "users"), "5000");
}

TEST(Synthesize, TheSeedDecidesAll) {
  const TempDir directory;
  SynthesizeParams params = small_params();
  const auto bytes_of = [&](const std::string& name) {
    synthesize(directory.path(name), params, {});
    return read_file(directory.path(name));
  };
  const std::string first = bytes_of("a.h5");
  EXPECT_EQ(bytes_of("b.h5"), first);
  params.seed = 2;
  EXPECT_NE(bytes_of("c.h5"), first);
}

// By Zipf's law the r-th of n artists has 1 / (r ln n) or so of all listeners.
TEST(Synthesize, PopularityFollowsZipf) {
  const TempDir directory;
  SynthesizeParams params = small_params();
  params.taste_strength = 0;
  params.interactions = 30'000;
  synthesize(directory.path("s.h5"), params, {});
  std::vector<double> listeners = listeners_of(load_dataset(directory.path("s.h5")).train.weights);
  std::ranges::sort(listeners, std::greater{});
  // Nobody hears an artist twice, which dampens the first ranks.
  EXPECT_NEAR(listeners[40] / listeners[160], 4, 1);
  EXPECT_GT(listeners[4], 3 * listeners[40]);
}

// How much the numbers of common listeners of two artists vary beside what their popularity alone
// would make of them.
double spread_of_common_listeners(double taste_strength) {
  const TempDir directory;
  SynthesizeParams params = small_params();
  params.taste_strength = taste_strength;
  synthesize(directory.path("s.h5"), params, {});
  SparseMatrix heard = load_dataset(directory.path("s.h5")).train.weights;
  heard.coeffs() = 1;
  const Matrix common = Matrix(SparseMatrix(heard.transpose() * heard));
  double sum = 0;
  double squares = 0;
  double pairs = 0;
  for (int a = 0; a < common.rows(); ++a) {
    for (int b = 0; b < a; ++b) {
      const double expected = static_cast<double>(common(a, a)) * common(b, b) / 5000;
      if (expected < 50) continue;  // too few to tell from noise
      const double excess = common(a, b) / expected;
      sum += excess;
      squares += excess * excess;
      ++pairs;
    }
  }
  return std::sqrt(squares / pairs - sum / pairs * sum / pairs);
}

TEST(Synthesize, TastesAreThereToBeLearnt) {
  EXPECT_GT(spread_of_common_listeners(3), 2 * spread_of_common_listeners(0));
}

TEST(Synthesize, WhatCannotBeIsRefused) {
  const TempDir directory;
  SynthesizeParams params = small_params();
  params.interactions = 1'000'000;
  EXPECT_THAT([&] { synthesize(directory.path("s.h5"), params, {}); },
              testing::ThrowsMessage<InputError>(testing::HasSubstr("200 per user")));
  EXPECT_FALSE(std::filesystem::exists(directory.path("s.h5.part")));
}

}  // namespace
}  // namespace mrec
