#include "model/sgd.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "base/random.h"
#include "model/losses/all.h"

namespace mrec {
namespace {

// Draws of the order and of the interactions come from different streams.
constexpr std::uint64_t kChunkOrder = 1ULL << 32;
constexpr std::uint64_t kUserOrder = 4ULL << 32;

}  // namespace

StateShape optimizer_states(const TrainParams& params) {
  if (is_adadelta(params)) return 2;
  // The square loss steps element by element (square_sgd.h).
  return {1, params.adagrad == "row" && !params.is_square()};
}

float initial_state(const TrainParams& params) { return is_adadelta(params) ? 0 : 1; }

Sgd::Sgd(const TrainParams& params, const SparseMatrix& weights, std::int64_t first_interaction,
         const KernelLevel& level, std::span<const int> places)
    : params_(params),
      weights_(weights),
      first_interaction_(first_interaction),
      level_(level),
      places_(places),
      chunk_size_(places.empty() ? kChunkSize : 1) {
  with_loss(params, [](const auto& /*loss*/) {});  // throws when there is no such loss
}

void Sgd::make_order(int epoch) {
  const auto seed = static_cast<std::uint64_t>(params_.seed);
  const auto what = static_cast<std::uint64_t>(epoch);
  ordered_ = epoch;
  const int* offsets = weights_.outerIndexPtr();
  order_.resize(static_cast<std::size_t>(weights_.nonZeros()));
  chunks_.clear();
  std::size_t num_chunks = 0;
  for (int user = 0; user < weights_.rows(); ++user) {
    num_chunks += static_cast<std::size_t>((offsets[user + 1] - offsets[user] + chunk_size_ - 1) /
                                           chunk_size_);
  }
  chunks_.reserve(num_chunks);
  for (int user = 0; user < weights_.rows(); ++user) {
    const auto begin = static_cast<std::size_t>(offsets[user]);
    const auto end = static_cast<std::size_t>(offsets[user + 1]);
    if (begin == end) continue;
    Rng rng(seed, kUserOrder + what, key_of(begin));
    for (std::size_t first = begin; first < end; first += kSegment) {
      const auto own =
          std::span(order_).subspan(first, std::min<std::size_t>(kSegment, end - first));
      std::iota(own.begin(), own.end(), std::uint16_t{0});
      shuffle(own, rng);
    }
    for (int first = offsets[user]; first < offsets[user + 1]; first += chunk_size_) {
      chunks_.push_back({user, first});
    }
  }
  if (chunks_.empty()) return;
  Rng rng(seed, kChunkOrder + what, key_of(0));
  shuffle(chunks_, rng);
}

std::uint64_t Sgd::key_of(std::size_t k) const {
  return static_cast<std::uint64_t>(first_interaction_) +
         (places_.empty() ? k : static_cast<std::uint64_t>(places_[k]));
}

PassResult Sgd::pass(const ArtistModel& artists, const Embeddings& users, int epoch, int window,
                     int num_windows) {
  if (epoch != ordered_) make_order(epoch);
  if (artists.metadata != nullptr && metadata_.stride() == 0) {
    metadata_ = MetadataRows(*artists.metadata);
  }
  const auto boundary = [&](int w) {
    return chunks_.size() * static_cast<std::size_t>(w) / static_cast<std::size_t>(num_windows);
  };
  const std::size_t first = boundary(window);
  TrainParams params = params_;
  params.learning_rate = params_.learning_rate_at(epoch);
  const PassResult result =
      level_.pass({.params = params,
                   .weights = weights_,
                   .artists = artists,
                   .metadata = metadata_,
                   .users = users,
                   .order = order_,
                   .chunks = std::span(chunks_).subspan(first, boundary(window + 1) - first),
                   .chunk_size = chunk_size_,
                   .epoch = epoch,
                   .first_interaction = first_interaction_,
                   .places = places_});
  if (window + 1 == num_windows) {  // `= {}` would keep the memory
    order_ = std::vector<std::uint16_t>();
    chunks_ = std::vector<Chunk>();
    ordered_ = -1;
  }
  return result;
}

void shrink(const Embeddings& table, double alpha, double rate) {
  const auto factor = static_cast<float>(std::exp(-alpha * rate));
  for (float& value : table.values()) value *= factor;
}

}  // namespace mrec
