#include "model/row.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/random.h"

namespace mrec {
namespace {

TEST(Row, DotIsTheSumOfProductsForEverySize) {
  Rng rng(1);
  for (int size = 0; size < 70; ++size) {
    std::vector<float> a(70);
    std::vector<float> b(70);
    double expected = 0;
    for (int c = 0; c < size; ++c) {
      a[c] = static_cast<float>(rng.uniform() - 0.5);
      b[c] = static_cast<float>(rng.uniform() - 0.5);
      expected += static_cast<double>(a[c]) * b[c];
    }
    EXPECT_NEAR(row::dot(a.data(), b.data(), size), expected, 1e-6) << size;
  }
}

TEST(Row, AdagradStepsByTheRootOfTheSquaresBefore) {
  const row::Adagrad adagrad{.learning_rate = 0.1F};
  std::vector<float> value{1, 1};
  std::vector<float> state{1, 4};
  const std::vector<float> direction{3, -2};
  adagrad.step(2, direction.data(), value.data(), state.data(), 0, 2);
  EXPECT_FLOAT_EQ(value[0], 1 + 0.1F / 1 * 6);
  EXPECT_FLOAT_EQ(value[1], 1 - 0.1F / 2 * 4);
  EXPECT_FLOAT_EQ(state[0], 1 + 36);
  EXPECT_FLOAT_EQ(state[1], 4 + 16);
  EXPECT_FLOAT_EQ(adagrad.mean_rate(std::vector<float>{1, 4}.data(), 0, 2), 0.075F);
}

TEST(Row, AdadeltaFollowsZeilersAlgorithm1) {
  const row::Adadelta adadelta{.rho = 0.9F, .epsilon = 1e-2F};
  std::vector<float> value{1};
  std::vector<float> state{0, 0};  // squares, steps
  const float direction = 1;
  double squares = 0;
  double steps = 0;
  double expected = 1;
  for (int i = 0; i < 3; ++i) {
    adadelta.step(2, &direction, value.data(), state.data(), 1, 1);
    squares = 0.9 * squares + 0.1 * 4;
    const double move = std::sqrt(steps + 1e-2) / std::sqrt(squares + 1e-2) * 2;
    steps = 0.9 * steps + 0.1 * move * move;
    expected += move;
    EXPECT_NEAR(value[0], expected, 1e-5) << i;
  }
}

}  // namespace
}  // namespace mrec
