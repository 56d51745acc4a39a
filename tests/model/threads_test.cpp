// Always built with MREC_STRICT and the thread sanitizer (CMakeLists.txt): ranks are processes,
// whose accesses no sanitizer sees, so threads stand for them.
#include <gtest/gtest.h>

#include <thread>

#include "model/factor_rows.h"
#include "model/loss.h"
#include "model/square_sgd.h"
#include "toy.h"

namespace mrec {
namespace {

constexpr int kThreads = 3;
constexpr int kUsers = 60;
constexpr int kArtists = 30;

// Users of two tastes, half of whose artists are heard.
SparseMatrix two_tastes() {
  Matrix plays = Matrix::Zero(kUsers, kArtists);
  Rng rng(3);
  for (int u = 0; u < kUsers; ++u) {
    for (int a = u % 2; a < kArtists; a += 2) {
      if (rng.uniform() < 0.5) plays(u, a) = 1;
    }
  }
  return sparse(plays);
}

// Share of pairs of an unheard artist of the user's taste and one of the other in the right order.
double right_order(const ArtistModel& model, const Embeddings& users, const SparseMatrix& weights) {
  Scorer scorer(model);
  double right = 0;
  double pairs = 0;
  for (int u = 0; u < kUsers; ++u) {
    scorer.set_user(users, u);
    for (int own = u % 2; own < kArtists; own += 2) {
      if (weights.coeff(u, own) != 0) continue;
      for (int other = 1 - u % 2; other < kArtists; other += 2) {
        right += scorer.score(own) > scorer.score(other) ? 1 : 0;
        pairs += 1;
      }
    }
  }
  return right / pairs;
}

// What thread `t` trains on: the others' users have no interactions here.
SparseMatrix own_users(const SparseMatrix& weights, int t) {
  Matrix own = Matrix::Zero(kUsers, kArtists);
  for (int u = t; u < kUsers; u += kThreads) own.row(u) = weights.row(u);
  return sparse(own);
}

// Every thread goes through its own users; all update the same few artists all the time.
void train_by_threads(const TrainParams& params, const Metadata* metadata) {
  const SparseMatrix weights = two_tastes();
  const int num_features = metadata != nullptr ? metadata->num_features() : 0;
  const OwnedTable artists(kArtists + num_features, params.dim, optimizer_states(params),
                           initial_state(params));
  const OwnedTable users(kUsers, params.dim, optimizer_states(params), initial_state(params));
  const ArtistModel model{artists.table(), kArtists, metadata, true};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        const SparseMatrix mine = own_users(weights, t);
        Sgd sgd(params, mine, 0);
        for (int epoch = 0; epoch < 20; ++epoch) sgd.pass(model, users.table(), epoch, 0, 1);
      });
    }
  }
  EXPECT_GT(right_order(model, users.table(), weights), 0.75)
      << params.loss << ' ' << params.optimizer << ' ' << params.adagrad;
}

TEST(Threads, UpdateTheSameArtistsWithoutARaceWithEveryLoss) {
  for (const std::string& loss : loss_names()) {
    TrainParams params;
    params.loss = loss;
    params.dim = 8;
    train_by_threads(params, nullptr);
  }
}

TEST(Threads, SoDoTheyWithEveryOptimizerAndMetadata) {
  Metadata metadata{random_matrix(kArtists, 5, 11) / 20};
  for (const std::string optimizer : {"element", "row", "adadelta"}) {
    TrainParams params;
    params.dim = 8;
    if (optimizer == "adadelta") {
      params.optimizer = optimizer;
    } else {
      params.adagrad = optimizer;
    }
    train_by_threads(params, &metadata);
  }
}

TEST(Threads, SoDoTheyWithTheSquareLoss) {
  TrainParams params;
  params.loss = "ials";
  params.dim = 8;
  const SparseMatrix weights = two_tastes();
  std::vector<float> pairs(kArtists);
  for (Eigen::Index k = 0; k < weights.nonZeros(); ++k) {
    ++pairs[static_cast<std::size_t>(weights.innerIndexPtr()[k])];
  }
  const OwnedTable artists(kArtists, params.dim, optimizer_states(params));
  const OwnedTable users(kUsers, params.dim, optimizer_states(params));
  const auto gram = [](const Embeddings& table) {
    const FactorRows rows(table.row(0), table.rows(), table.dim(),
                          Eigen::OuterStride<>(table.stride()));
    return Matrix(gram_of(rows).cast<float>());
  };
  for (int epoch = 0; epoch < 20; ++epoch) {
    const Grams grams{gram(users.table()), gram(artists.table())};
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        const SparseMatrix mine = own_users(weights, t);
        SquareSgd sgd(params, mine, pairs, kUsers, 0);
        sgd.pass(artists.table(), users.table(), grams, epoch, 0, 1);
      });
    }
  }
  const ArtistModel model{artists.table(), kArtists, nullptr, true};
  EXPECT_GT(right_order(model, users.table(), weights), 0.75);
}

}  // namespace
}  // namespace mrec
