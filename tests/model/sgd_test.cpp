#include "model/sgd.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "base/random.h"
#include "model/loss.h"
#include "toy.h"

namespace mrec {
namespace {

Metadata random_metadata(int artists, int features) {
  Rng rng(11);
  Metadata metadata{Matrix(artists, features)};
  for (float& value : metadata.values.reshaped()) value = static_cast<float>(rng.uniform() - 0.5);
  return metadata;
}

TEST(Scorer, ScoresAreThoseOfTheComposedRepresentations) {
  const Metadata metadata = random_metadata(6, 3);
  const OwnedTable features(6 + 3, 5, 1);
  for (int r = 0; r < 9; ++r) features.table().bias(r) = 0.1F * static_cast<float>(r);
  const OwnedTable users(2, 5, 1);
  users.table().bias(1) = 0.25F;
  for (const bool has_identity : {true, false}) {
    const ArtistModel model{features.table(), 6, &metadata, has_identity};
    Scorer scorer(model);
    scorer.set_user(users.table(), 1);
    const Eigen::Map<const RowVector> user(users.table().row(1), 5);
    const Vector expected =
        (model.compose() * user.transpose() + model.compose_bias()).array() + 0.25F;
    for (int a = 0; a < 6; ++a) {
      EXPECT_NEAR(scorer.score(a), expected(a), 1e-6);
      EXPECT_NEAR(scorer.difference(a, 5 - a), expected(a) - expected(5 - a), 1e-6);
    }
    const int four[] = {4, 0, 5, 4};
    const row::Four scores = scorer.scores<4>(four);
    const row::Four two = scorer.scores<2>(four);
    for (int i = 0; i < 4; ++i) {
      EXPECT_EQ(scores[i], scorer.score(four[i]));  // the same bits
      if (i < 2) {
        EXPECT_EQ(two[i], scores[i]);
      }
    }
  }
}

// Every parameter's first Adagrad step is learning rate * (minus the slope of the loss): checked
// against finite differences of the BPR loss over composed representations.
TEST(Sgd, AStepIsTheGradientOfTheLoss) {
  const Metadata metadata = random_metadata(2, 3);
  const SparseMatrix weights = sparse(Matrix{{1, 0}});  // heard artist 0; 1 is the only negative
  TrainParams params;
  params.loss = "bpr";
  params.dim = 4;
  params.learning_rate = 0.1;
  params.warmup = 0;
  const OwnedTable features(2 + 3, 4, 1);
  const OwnedTable users(1, 4, 1);
  const ArtistModel model{features.table(), 2, &metadata, true};

  const auto loss = [&] {
    Scorer scorer(model);
    scorer.set_user(users.table(), 0);
    return std::log1p(std::exp(static_cast<double>(scorer.score(1)) - scorer.score(0)));
  };
  std::vector<float*> parameters;
  for (int c = 0; c < 4; ++c) parameters.push_back(users.table().row(0) + c);
  for (int r = 0; r < 5; ++r) {
    for (int c = 0; c < 4; ++c) parameters.push_back(features.table().row(r) + c);
    parameters.push_back(&features.table().bias(r));
  }
  std::vector<double> slopes;
  std::vector<float> before;
  for (float* parameter : parameters) {
    constexpr float h = 1e-2F;
    const float value = *parameter;
    *parameter = value + h;
    const double up = loss();
    *parameter = value - h;
    const double down = loss();
    *parameter = value;
    slopes.push_back((up - down) / (2.0 * h));
    before.push_back(value);
  }

  Sgd sgd(params, weights, 0);
  ASSERT_EQ(sgd.pass(model, users.table(), 0, 0, 1).steps, 1);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    EXPECT_NEAR(*parameters[i] - before[i], -0.1 * slopes[i], 2e-5) << i;
  }
}

// A pair of artists and the user are stepped in one go. With one heard artist and one unheard, the
// pushes are known; row after row must give the same.
template <typename Optimizer>
void expect_steps_of_rows(const TrainParams& params, const Optimizer& optimizer) {
  const StateShape states = optimizer_states(params);
  const auto tables = [&] {
    return std::array{OwnedTable(2, params.dim, states, initial_state(params)),
                      OwnedTable(1, params.dim, states, initial_state(params))};
  };
  const std::array trained = tables();
  const std::array expected = tables();
  const ArtistModel model{.features = trained[0].table(), .num_artists = 2};
  const SparseMatrix weights = sparse(Matrix{{1, 0}});
  Sgd sgd(params, weights, 0);
  const Embeddings& artists = expected[0].table();
  const Embeddings& user = expected[1].table();
  const auto step = [&](const Embeddings& table, int r, float factor, const AlignedFloats& along) {
    row::step(typename Optimizer::Step(optimizer, factor, table.row(r), table.row_state(r),
                                       table.state_gap()),
              along.data(), table.stride(), table.dim());
  };
  for (int epoch = 0; epoch < 5; ++epoch) {
    sgd.pass(model, trained[1].table(), epoch, 0, 1);
    const auto size = static_cast<std::size_t>(artists.stride());
    const AlignedFloats p(user.row(0), user.row(0) + size);
    AlignedFloats direction(size);
    double difference = artists.bias(0) - artists.bias(1);
    for (std::size_t c = 0; c < size; ++c) {
      direction[c] = artists.row(0)[c] - artists.row(1)[c];
      difference += p[c] * direction[c];
    }
    const auto push = static_cast<float>(1 / (1 + std::exp(difference)));
    step(artists, 0, push, p);
    step(artists, 1, -push, p);
    step(user, 0, push, direction);
    for (const int a : {0, 1}) {
      optimizer.step_one(a == 0 ? push : -push, &artists.bias(a), artists.bias_state(a),
                         artists.state_gap());
    }
  }
  for (const int t : {0, 1}) {
    const auto near = [&](std::span<const float> got, std::span<const float> wanted) {
      for (std::size_t i = 0; i < got.size(); ++i) ASSERT_NEAR(got[i], wanted[i], 2e-6) << i;
    };
    near(trained[t].table().values(), expected[t].table().values());
    near(trained[t].table().states(), expected[t].table().states());
  }
}

TEST(Sgd, APairIsSteppedAsRowAfterRow) {
  for (const std::string optimizer : {"row", "element", "adadelta"}) {
    TrainParams params;
    params.loss = "bpr";
    params.dim = 24;
    params.warmup = 0;
    if (optimizer == "adadelta") {
      params.optimizer = optimizer;
    } else {
      params.adagrad = optimizer;
    }
    with_optimizer(params, [&](const auto& steps) {
      SCOPED_TRACE(optimizer);
      expect_steps_of_rows(params, steps);
    });
  }
}

// Users of two tastes: those of even artists and those of odd ones.
SparseMatrix two_tastes(int users, int artists) {
  Matrix plays = Matrix::Zero(users, artists);
  Rng rng(3);
  for (int u = 0; u < users; ++u) {
    for (int a = u % 2; a < artists; a += 2) {
      if (rng.uniform() < 0.5) plays(u, a) = 1;
    }
  }
  return sparse(plays);
}

TEST(Sgd, EveryLossAndOptimizerLearnsTwoTastes) {
  const SparseMatrix weights = two_tastes(40, 30);
  for (const std::string& loss : loss_names()) {
    for (const std::string optimizer : {"adagrad", "adadelta"}) {
      TrainParams params;
      params.loss = loss;
      params.optimizer = optimizer;
      params.dim = 8;
      const StateShape states = optimizer_states(params);
      const OwnedTable artists(30, 8, states, initial_state(params));
      const OwnedTable users(40, 8, states, initial_state(params));
      const ArtistModel model{.features = artists.table(), .num_artists = 30};
      Sgd sgd(params, weights, 0);
      for (int epoch = 0; epoch < 40; ++epoch) sgd.pass(model, users.table(), epoch, 0, 1);
      // Unheard artists of the user's taste come before those of the other one; chance is 0.5, and
      // all of them were negatives, too.
      Scorer scorer(model);
      double right = 0;
      double pairs = 0;
      for (int u = 0; u < 40; ++u) {
        scorer.set_user(users.table(), u);
        for (int own = u % 2; own < 30; own += 2) {
          if (weights.coeff(u, own) != 0) continue;
          for (int other = 1 - u % 2; other < 30; other += 2) {
            right += scorer.score(own) > scorer.score(other) ? 1 : 0;
            pairs += 1;
          }
        }
      }
      EXPECT_GT(right / pairs, 0.8) << loss << " " << optimizer;
    }
  }
}

// Ten users of BPR, which teaches something at every interaction: steps count visits.
struct Visits {
  Visits() {
    params.loss = "bpr";
    params.dim = 4;
  }
  double in_window(Sgd& sgd, int window, int num_windows) const {
    return sgd.pass(model, users.table(), 0, window, num_windows).steps;
  }

  SparseMatrix weights = two_tastes(10, 20);
  TrainParams params;
  OwnedTable artists{20, 4, 1};
  OwnedTable users{10, 4, 1};
  ArtistModel model{.features = artists.table(), .num_artists = 20};
};

TEST(Sgd, WindowsTogetherVisitEveryInteractionOnce) {
  const Visits visits;
  Sgd sgd(visits.params, visits.weights, 0);
  double steps = 0;
  for (int window = 0; window < 7; ++window) steps += visits.in_window(sgd, window, 7);
  EXPECT_EQ(steps, static_cast<double>(visits.weights.nonZeros()));
}

// A user's interactions go in chunks, those of a part of the artists one by one.
TEST(Sgd, OfAPartOfTheArtistsEveryInteractionIsAChunk) {
  const Visits visits;
  const auto count = static_cast<int>(visits.weights.nonZeros());
  std::vector<int> places(static_cast<std::size_t>(count));
  std::iota(places.begin(), places.end(), 0);
  Sgd whole(visits.params, visits.weights, 0);
  Sgd part(visits.params, visits.weights, 0, best_level(), places);
  double most = 0;
  for (int window = 0; window < count; ++window) {
    most = std::max(most, visits.in_window(whole, window, count));
    EXPECT_EQ(visits.in_window(part, window, count), 1);
  }
  EXPECT_GT(most, 1);
}

TEST(Sgd, TheSameSeedGivesTheSameParameters) {
  const SparseMatrix weights = two_tastes(10, 20);
  const auto train = [&](std::int64_t seed) {
    TrainParams params;
    params.dim = 4;
    params.seed = seed;
    const OwnedTable artists(20, 4, 1);
    const OwnedTable users(10, 4, 1);
    const ArtistModel model{.features = artists.table(), .num_artists = 20};
    Sgd sgd(params, weights, 0);
    for (int epoch = 0; epoch < 3; ++epoch) sgd.pass(model, users.table(), epoch, 0, 1);
    return model.compose();
  };
  EXPECT_EQ(train(1), train(1));
  EXPECT_NE(train(1), train(2));
}

// Every loss and optimizer, with metadata: the levels that this machine has give the same bits.
TEST(Sgd, EveryLevelGivesTheSameBits) {
  const SparseMatrix weights = two_tastes(40, 30);
  const Metadata metadata = random_metadata(30, 19);
  for (const std::string& loss : loss_names()) {
    for (const std::string optimizer : {"adagrad", "row", "adadelta"}) {
      TrainParams params;
      params.loss = loss;
      params.dim = 24;
      if (optimizer == "row") {
        params.adagrad = "row";
      } else {
        params.optimizer = optimizer;
      }
      const auto train = [&](const KernelLevel& level) {
        const OwnedTable artists(30 + 19, 24, optimizer_states(params), initial_state(params));
        const OwnedTable users(40, 24, optimizer_states(params), initial_state(params));
        const ArtistModel model{artists.table(), 30, &metadata, true};
        Sgd sgd(params, weights, 0, level);
        for (int epoch = 0; epoch < 3; ++epoch) sgd.pass(model, users.table(), epoch, 0, 1);
        return model.compose();
      };
      const Matrix expected = train(kernel_levels().front());
      for (const KernelLevel& level : kernel_levels()) {
        if (!level.supported()) continue;
        EXPECT_EQ(train(level), expected) << loss << optimizer << level.name;
      }
    }
  }
}

TEST(Sgd, TheLearningRateRisesInTheFirstEpochs) {
  TrainParams params;
  params.learning_rate = 0.3;
  params.epochs = 30;
  params.warmup = 0.1;
  EXPECT_DOUBLE_EQ(params.learning_rate_at(0), 0.1);
  EXPECT_DOUBLE_EQ(params.learning_rate_at(1), 0.2);
  EXPECT_DOUBLE_EQ(params.learning_rate_at(2), 0.3);
  EXPECT_DOUBLE_EQ(params.learning_rate_at(29), 0.3);
  params.warmup = 0;
  EXPECT_DOUBLE_EQ(params.learning_rate_at(0), 0.3);
  params = {.epochs = 1, .learning_rate = 0.3, .warmup = 0.1};
  EXPECT_DOUBLE_EQ(params.learning_rate_at(0), 0.3);
}

TEST(Sgd, ShrinkIsOneStepAfterAnother) {
  const OwnedTable owned(2, 3, 1);
  const Embeddings& table = owned.table();
  table.row(0)[1] = 2;
  double expected = 2;
  for (int step = 0; step < 1000; ++step) expected *= 1 - 1e-4 * 0.5;
  shrink(table, 1e-4, 1000 * 0.5);
  EXPECT_NEAR(table.row(0)[1], expected, 1e-5);
}

}  // namespace
}  // namespace mrec
