#include "model/sgd.h"

#include <cmath>
#include <numeric>
#include <span>

namespace mrec {
namespace {

// Draws of the order and of the interactions come from different streams.
constexpr std::uint64_t kOrder = 1ULL << 32;

row::Adagrad adagrad(const TrainParams& params) {
  return {.learning_rate = static_cast<float>(params.learning_rate)};
}

row::Adadelta adadelta(const TrainParams& params) {
  return {.rho = static_cast<float>(params.adadelta_rho),
          .epsilon = static_cast<float>(params.adadelta_epsilon)};
}

bool is_adadelta(const TrainParams& params) { return params.optimizer == "adadelta"; }

// Applies the pushes of one interaction to the user's and the artists' rows.
template <typename Optimizer>
class Updater {
 public:
  Updater(const Optimizer& optimizer, const ArtistModel& artists, const Embeddings& users,
          bool measure_user, bool measure_artist)
      : optimizer_(optimizer),
        artists_(artists),
        users_(users),
        measure_user_(measure_user),
        measure_artist_(measure_artist),
        user_direction_(static_cast<std::size_t>(users.stride())),
        coefficients_(artists.metadata != nullptr
                          ? static_cast<std::size_t>(artists.metadata->num_features())
                          : 0) {}

  void apply(int user, const std::vector<Push>& pushes, PassResult& result) {
    const int size = users_.stride();
    float* p = users_.row(user);
    const Embeddings& features = artists_.features;

    // The user's direction needs the artists as they are before the step.
    std::ranges::fill(user_direction_, 0.0F);
    std::ranges::fill(coefficients_, 0.0F);
    float total = 0;
    for (const Push& push : pushes) {
      total += push.weight;
      if (artists_.has_identity) {
        row::add(push.weight, features.row(push.artist), user_direction_.data(), size);
      }
      if (!coefficients_.empty()) {
        row::add(push.weight, artists_.metadata->values.row(push.artist).data(),
                 coefficients_.data(), static_cast<int>(coefficients_.size()));
      }
    }
    for (std::size_t f = 0; f < coefficients_.size(); ++f) {
      row::add(coefficients_[f], features.row(metadata_row(f)), user_direction_.data(), size);
    }

    if (measure_artist_) result.artist_rate += mean_artist_rate(pushes);
    if (measure_user_) {
      result.user_rate +=
          optimizer_.mean_rate(users_.row_state(user), users_.state_gap(), users_.dim());
    }

    if (artists_.has_identity) {
      for (const Push& push : pushes) step(features, push.artist, push.weight, p);
    }
    for (std::size_t f = 0; f < coefficients_.size(); ++f) {
      if (coefficients_[f] != 0) step(features, metadata_row(f), coefficients_[f], p);
    }
    optimizer_.step(1, user_direction_.data(), p, users_.row_state(user), users_.state_gap(), size);
    step_bias(users_, user, total);
  }

 private:
  [[nodiscard]] int metadata_row(std::size_t f) const {
    return artists_.num_artists + static_cast<int>(f);
  }

  void step(const Embeddings& table, int r, float factor, const float* direction) const {
    optimizer_.step(factor, direction, table.row(r), table.row_state(r), table.state_gap(),
                    table.stride());
    step_bias(table, r, factor);
  }

  void step_bias(const Embeddings& table, int r, float factor) const {
    constexpr float kOne = 1;
    optimizer_.step(factor, &kOne, &table.bias(r), table.bias_state(r), table.state_gap(), 1);
  }

  [[nodiscard]] double mean_artist_rate(const std::vector<Push>& pushes) const {
    const Embeddings& features = artists_.features;
    double sum = 0;
    int count = 0;
    const auto add = [&](int r) {
      sum += optimizer_.mean_rate(features.row_state(r), features.state_gap(), features.dim());
      ++count;
    };
    if (artists_.has_identity) {
      for (const Push& push : pushes) add(push.artist);
    }
    for (std::size_t f = 0; f < coefficients_.size(); ++f) add(metadata_row(f));
    return sum / count;
  }

  const Optimizer& optimizer_;
  const ArtistModel& artists_;
  const Embeddings& users_;
  bool measure_user_;
  bool measure_artist_;
  std::vector<float> user_direction_;  // [stride] minus the gradient by the user's row
  std::vector<float> coefficients_;    // [metadata columns] sum of push * value
};

}  // namespace

PassResult& PassResult::operator+=(const PassResult& other) {
  loss += other.loss;
  steps += other.steps;
  user_rate += other.user_rate;
  artist_rate += other.artist_rate;
  return *this;
}

int optimizer_states(const TrainParams& params) {
  return is_adadelta(params) ? row::Adadelta::kStates : row::Adagrad::kStates;
}

float initial_state(const TrainParams& params) {
  return is_adadelta(params) ? row::Adadelta::kInitialState : row::Adagrad::kInitialState;
}

Sgd::Sgd(const TrainParams& params, const SparseMatrix& weights, std::int64_t first_interaction)
    : params_(params),
      weights_(weights),
      first_interaction_(first_interaction),
      loss_(make_loss(params)),
      user_of_(static_cast<std::size_t>(weights.nonZeros())),
      order_(user_of_.size()) {
  for (int user = 0; user < weights.rows(); ++user) {
    for (int k = weights.outerIndexPtr()[user]; k < weights.outerIndexPtr()[user + 1]; ++k) {
      user_of_[static_cast<std::size_t>(k)] = user;
    }
  }
}

Sgd::~Sgd() = default;

PassResult Sgd::pass(const ArtistModel& artists, const Embeddings& users, int epoch, int window,
                     int num_windows) {
  if (window == 0) {
    std::iota(order_.begin(), order_.end(), 0);
    Rng rng(static_cast<std::uint64_t>(params_.seed), kOrder + static_cast<std::uint64_t>(epoch),
            static_cast<std::uint64_t>(first_interaction_));
    shuffle(order_, rng);
  }
  const auto boundary = [&](int w) {
    return order_.size() * static_cast<std::size_t>(w) / static_cast<std::size_t>(num_windows);
  };
  const std::size_t first = boundary(window);
  const std::size_t last = boundary(window + 1);
  return is_adadelta(params_) ? run(adadelta(params_), artists, users, epoch, first, last)
                              : run(adagrad(params_), artists, users, epoch, first, last);
}

template <typename Optimizer>
PassResult Sgd::run(const Optimizer& optimizer, const ArtistModel& artists, const Embeddings& users,
                    int epoch, std::size_t first, std::size_t last) {
  PassResult result;
  Scorer scorer(artists);
  Updater updater(optimizer, artists, users, params_.user_alpha > 0, params_.artist_alpha > 0);
  std::vector<Push> pushes;
  const int* offsets = weights_.outerIndexPtr();
  for (std::size_t at = first; at < last; ++at) {
    const int k = order_[at];
    const int user = user_of_[static_cast<std::size_t>(k)];
    const Positive positive{.artist = weights_.innerIndexPtr()[k],
                            .weight = params_.sample_weights ? weights_.valuePtr()[k] : 1,
                            .heard = {weights_.innerIndexPtr() + offsets[user],
                                      static_cast<std::size_t>(offsets[user + 1] - offsets[user])}};
    Rng rng(static_cast<std::uint64_t>(params_.seed), static_cast<std::uint64_t>(epoch),
            static_cast<std::uint64_t>(first_interaction_ + k));
    scorer.set_user(users, user);
    pushes.clear();
    result.loss += loss_->draw(scorer, positive, rng, pushes);
    if (pushes.empty()) continue;
    result.steps += 1;
    updater.apply(user, pushes, result);
  }
  return result;
}

void shrink(const Embeddings& table, double alpha, double rate) {
  const auto factor = static_cast<float>(std::exp(-alpha * rate));
  for (float& value : table.values()) value *= factor;
}

}  // namespace mrec
