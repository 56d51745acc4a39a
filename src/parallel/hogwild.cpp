#include "parallel/hogwild.h"

#include <algorithm>
#include <array>

#include "model/factor_rows.h"
#include "model/square_rows.h"
#include "parallel/trainer_rows.h"

namespace mrec {
namespace {

// Times per epoch that the square loss takes its Gram matrices anew.
constexpr int kGramsPerEpoch = 4;

// Collective: how many pairs each artist has on all ranks.
std::vector<float> pairs_of_artist(const Communicator& world, const SparseMatrix& weights) {
  std::vector<float> pairs(static_cast<std::size_t>(weights.cols()));
  for (Eigen::Index k = 0; k < weights.nonZeros(); ++k) {
    ++pairs[static_cast<std::size_t>(weights.innerIndexPtr()[k])];
  }
  world.sum(std::span(pairs));
  return pairs;
}

int num_feature_rows(const TrainingShard& shard, const Metadata* metadata) {
  return static_cast<int>(shard.weights.cols()) +
         (metadata != nullptr ? metadata->num_features() : 0);
}

}  // namespace

HogwildTrainer::HogwildTrainer(const Communicator& world, const Communicator& node,
                               const TrainingShard& shard, const Metadata* metadata,
                               const TrainParams& params)
    : world_(world),
      node_(node),
      leaders_(world.split(node.is_root() ? 0 : 1)),
      params_(params),
      num_nodes_(static_cast<int>(world.sum(std::int64_t{node.is_root()}))),
      num_interactions_(world.sum(static_cast<double>(shard.weights.nonZeros()))),
      num_users_(shard.num_users()),
      shared_(world, node,
              Embeddings::size(num_feature_rows(shard, metadata), params.dim,
                               optimizer_states(params))),
      user_memory_(Embeddings::size(static_cast<int>(shard.weights.rows()), params.dim,
                                    optimizer_states(params))),
      users_(user_memory_, static_cast<int>(shard.weights.rows()), params.dim,
             optimizer_states(params)),
      artists_{.features = Embeddings(shared_.span(), num_feature_rows(shard, metadata), params.dim,
                                      optimizer_states(params)),
               .num_artists = static_cast<int>(shard.weights.cols()),
               .metadata = metadata,
               .has_identity = params.has_identity()} {
  users_.initialize(params.seed, kUserStarts, static_cast<std::uint64_t>(shard.first_user),
                    initial_state(params));
  std::vector<float> pairs;
  if (params.is_square()) {
    std::ranges::fill(users_.values(), 0.0F);  // of users and tags alike; artists' draws suffice
    pairs = pairs_of_artist(world, shard.weights);
    square_.emplace(params, shard.weights, pairs,
                    world.sum(static_cast<double>(shard.weights.rows())), shard.first_interaction);
  } else {
    sgd_.emplace(params, shard.weights, shard.first_interaction);
  }
  if (node.is_root()) {
    artists_.features.initialize(params.seed, kArtistStarts, 0, initial_state(params));
    for (int a = 0; a < std::ssize(pairs); ++a) {
      const std::span row(artists_.features.row(a), static_cast<std::size_t>(params.dim));
      draw_start(params.seed, a, row);
      // An artist without a pair would keep its draws.
      if (pairs[static_cast<std::size_t>(a)] == 0) std::ranges::fill(row, 0.0F);
    }
    if (num_nodes_ > 1) {
      merge_.emplace(leaders_, artists_.features,
                     is_adadelta(params) ? Merge::States::kMeans : Merge::States::kSums);
    }
  }
  shared_.sync(node);
}

PassResult HogwildTrainer::pass(int part, int num_parts) {
  std::optional<Grams> sums;
  if (square_) sums = grams();
  if (merge_) merge_->send();
  const PassResult result =
      sgd_ ? sgd_->pass(artists_, users_, epoch_, part, num_parts)
           : square_->pass(artists_.features, users_, *sums, epoch_, part, num_parts);
  if (merge_) merge_->wait();
  shared_.sync(node_);
  if (num_nodes_ == 1) return result;
  if (merge_) {
    merge_->finish();
    if (params_.overlap && part + 1 < num_parts) {
      merge_->take();
    } else {
      (*merge_)();
    }
  }
  shared_.sync(node_);
  return result;
}

Grams HogwildTrainer::grams() {
  const auto sum = [](const Communicator& ranks, const Embeddings& table, int first, int last) {
    Eigen::MatrixXd gram = gram_of(FactorRows(table.row(first), last - first, table.dim(),
                                              Eigen::OuterStride<>(table.stride())));
    ranks.sum(std::span(gram.data(), static_cast<std::size_t>(gram.size())));
    return Matrix(gram.cast<float>());
  };
  const auto share = [&](int rank) {
    return static_cast<int>(std::int64_t{artists_.num_artists} * rank / node_.size());
  };
  Grams grams{
      .rows = sum(world_, users_, 0, users_.rows()),
      .artists = sum(node_, artists_.features, share(node_.rank()), share(node_.rank() + 1))};
  shared_.sync(node_);  // nobody goes on to change what is being summed
  return grams;
}

EpochResult HogwildTrainer::epoch() {
  int num_parts = num_nodes_ > 1 ? params_.merges_per_epoch(
                                       num_nodes_, num_interactions_ / artists_.num_artists)
                                 : 1;
  if (square_) num_parts = std::max(num_parts, kGramsPerEpoch);
  PassResult result;
  for (int part = 0; part < num_parts; ++part) {
    if (attend_) attend_();
    result += pass(part, num_parts);
  }
  ++epoch_;

  std::array<double, 4> sums{result.loss, result.steps, result.user_rate, result.artist_rate};
  world_.sum(sums);
  if (params_.user_alpha > 0) shrink(users_, params_.user_alpha, sums[2]);
  if (params_.artist_alpha > 0) {
    if (node_.is_root()) {
      shrink(artists_.features, params_.artist_alpha, sums[3]);
      if (merge_) merge_->accept();
    }
    shared_.sync(node_);
  }
  require_finite_loss(sums[0], epoch_);
  if (num_averaged_ >= 0) accumulate();
  return {.mean_loss = sums[0] / num_interactions_, .step_share = sums[1] / num_interactions_};
}

void HogwildTrainer::start_averaging() {
  num_averaged_ = 0;
  user_sum_.assign(users_.values().size(), 0);
  if (node_.is_root()) artist_sum_.assign(artists_.features.values().size(), 0);
}

void HogwildTrainer::accumulate() {
  ++num_averaged_;
  add_to(user_sum_, users_.values());
  if (node_.is_root()) add_to(artist_sum_, artists_.features.values());
  shared_.sync(node_);  // nobody goes on to change what is being added
}

void HogwildTrainer::finish() {
  sgd_.reset();
  square_.reset();
  if (num_averaged_ > 0) {
    put_mean(users_.values(), user_sum_, num_averaged_);
    if (node_.is_root()) put_mean(artists_.features.values(), artist_sum_, num_averaged_);
    user_sum_ = std::vector<float>();  // `= {}` would keep the memory
    artist_sum_ = std::vector<float>();
    num_averaged_ = -1;
  }
  if (node_.is_root()) artists_.compose_in_place();
  artists_.metadata = nullptr;
  artists_.has_identity = true;
  shared_.sync(node_);
}

TrainerState HogwildTrainer::state() {
  const TrainerRows rows = state_rows();
  TrainerState state{.epoch = epoch_, .num_averaged = num_averaged_};
  state.rows = records(rows.row, rows.num_rows, rows.record);
  if (node_.is_root()) {
    state.artists = records(rows.artist, artists_.features.rows(), rows.record);
  }
  shared_.sync(node_);  // nobody goes on to change what is being read
  return state;
}

TrainerRows HogwildTrainer::state_rows() {
  const Embeddings& features = artists_.features;
  const std::size_t record =
      users_.record_size() + (num_averaged_ >= 0 ? users_.record_values() : 0);
  return {.epoch = epoch_,
          .num_averaged = num_averaged_,
          .record = record,
          .artist_record = record,
          .num_rows = users_.rows(),
          .num_artists = world_.is_root() ? features.rows() : 0,
          .row = packer(users_, user_sum_),
          .artist = packer(features, artist_sum_)};
}

void HogwildTrainer::restore(const TrainerState& state) {
  epoch_ = state.epoch;
  if (state.num_averaged >= 0) {
    start_averaging();
    num_averaged_ = state.num_averaged;
  }
  take_records(state.rows, users_, user_sum_);
  if (node_.is_root()) {
    take_records(state.artists, artists_.features, artist_sum_);
    if (merge_) merge_->accept();
  }
  shared_.sync(node_);
}

std::optional<FactorRows> HogwildTrainer::artist_rows() const {
  if (artists_.metadata != nullptr || !artists_.has_identity) return std::nullopt;
  const Embeddings& rows = artists_.features;
  return FactorRows(rows.row(0), artists_.num_artists, rows.dim(),
                    Eigen::OuterStride<>(rows.stride()));
}

std::int64_t HogwildTrainer::bytes_sent() const {
  return world_.sum(merge_ ? merge_->bytes_sent() : std::int64_t{0});
}

Matrix HogwildTrainer::user_factors() const { return user_factors(0, num_users_); }

Matrix HogwildTrainer::user_factors(int first, int last) const {
  return factors_of(users_, first, last);
}

Vector HogwildTrainer::user_bias() const { return bias_of(users_, num_users_); }

Matrix HogwildTrainer::feature_factors() const {
  return factors_of(artists_.features, artists_.num_artists, artists_.features.rows());
}

Vector HogwildTrainer::feature_bias() const {
  const int count = artists_.features.rows() - artists_.num_artists;
  return Eigen::Map<const Vector>(&artists_.features.bias(0) + artists_.num_artists, count);
}

}  // namespace mrec
