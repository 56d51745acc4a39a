#include "model/row.h"

#include <gtest/gtest.h>

#include "base/aligned.h"
#include "base/random.h"

namespace mrec {
namespace {

// 16 floats, the first of them given.
AlignedFloats lanes(std::initializer_list<float> first, float rest = 0) {
  AlignedFloats all(16, rest);
  std::copy(first.begin(), first.end(), all.begin());
  return all;
}

TEST(Row, DotIsTheSumOfProductsForEverySize) {
  Rng rng(1);
  for (int size = 0; size <= 144; size += 16) {
    AlignedFloats a(144);
    AlignedFloats b(144);
    double expected = 0;
    double expected_difference = 0;
    for (int c = 0; c < size; ++c) {
      a[c] = static_cast<float>(rng.uniform() - 0.5);
      b[c] = static_cast<float>(rng.uniform() - 0.5);
      expected += static_cast<double>(a[c]) * b[c];
      expected_difference += static_cast<double>(a[c] - b[c]) * b[c];
    }
    EXPECT_NEAR(row::dot(a.data(), b.data(), size), expected, 1e-6) << size;
    EXPECT_NEAR(row::dot_difference(a.data(), b.data(), b.data(), size), expected_difference, 4e-6)
        << size;
  }
}

TEST(Row, AdagradStepsByTheRootOfTheSquaresBefore) {
  const row::Adagrad adagrad{.learning_rate = 0.1F};
  AlignedFloats value = lanes({1, 1});
  AlignedFloats state = lanes({1, 4}, 1);
  const AlignedFloats direction = lanes({3, -2});
  const float rate = row::step(row::Adagrad::Step(adagrad, 2, value.data(), state.data(), 0),
                               direction.data(), 16, 2);
  EXPECT_FLOAT_EQ(value[0], 1 + 0.1F / 1 * 6);
  EXPECT_FLOAT_EQ(value[1], 1 - 0.1F / 2 * 4);
  EXPECT_FLOAT_EQ(state[0], 1 + 36);
  EXPECT_FLOAT_EQ(state[1], 4 + 16);
  EXPECT_NEAR(rate, 0.075, 1e-6) << "of the two before the padding";
}

TEST(Row, RowAdagradStepsByTheRootOfTheMeanSquaresBefore) {
  const row::RowAdagrad adagrad{.learning_rate = 0.1F};
  AlignedFloats value = lanes({1, 1});
  float state = 4;
  const AlignedFloats direction = lanes({3, -2});
  EXPECT_FLOAT_EQ(row::step(row::RowAdagrad::Step(adagrad, 2, value.data(), &state, 0),
                            direction.data(), 16, 2),
                  0.05F);
  EXPECT_FLOAT_EQ(value[0], 1 + 0.05F * 6);
  EXPECT_FLOAT_EQ(value[1], 1 - 0.05F * 4);
  EXPECT_FLOAT_EQ(state, 4 + (36 + 16) / 2);
}

TEST(Row, AdadeltaFollowsZeilersAlgorithm1) {
  const row::Adadelta adadelta{.rho = 0.9F, .epsilon = 1e-2F};
  AlignedFloats value = lanes({1});
  AlignedFloats state(32);  // squares, steps
  const AlignedFloats direction = lanes({1});
  double squares = 0;
  double steps = 0;
  double expected = 1;
  for (int i = 0; i < 3; ++i) {
    row::step(row::Adadelta::Step(adadelta, 2, value.data(), state.data(), 16), direction.data(),
              16, 1);
    squares = 0.9 * squares + 0.1 * 4;
    const double move = std::sqrt(steps + 1e-2) / std::sqrt(squares + 1e-2) * 2;
    steps = 0.9 * steps + 0.1 * move * move;
    expected += move;
    EXPECT_NEAR(value[0], expected, 1e-5) << i;
  }
}

}  // namespace
}  // namespace mrec
