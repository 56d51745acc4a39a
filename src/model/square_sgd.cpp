#include "model/square_sgd.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/random.h"
#include "model/row.h"
#include "model/square_rows.h"

namespace mrec {
namespace {

constexpr std::uint64_t kOrder = 5ULL << 32;
// Pairs of a row in one step: the row's own all-pairs term is paid once for them, and the row is
// fetched once.
constexpr int kChunk = 8;

using Local = Eigen::Map<RowVector, Eigen::Aligned64>;

// Moves a row along `push`; both have `size` floats.
void adagrad(float rate, const float* push, float* values, float* states, int size) {
  for (int c = 0; c < size; c += row::kLanes) {
    const row::Lanes g = row::row_load(push + c);
    const row::Lanes state = row::row_load(states + c) + g * g;
    row::row_store(states + c, state);
    row::row_store(values + c, row::row_load(values + c) + rate * g / row::root(state));
  }
}

}  // namespace

SquareSgd::SquareSgd(const TrainParams& params, const SparseMatrix& weights,
                     std::vector<float> pairs_of_artist, double num_rows, std::int64_t first_pair)
    : params_(params),
      weights_(weights),
      pairs_of_artist_(std::move(pairs_of_artist)),
      decay_of_artist_(pairs_of_artist_.size()),
      first_pair_(first_pair),
      row_loss_(square_loss(params)),
      row_(aligned_zeros(Embeddings::size(1, params.dim, 0))),
      artist_(row_),
      row_push_(row_),
      artist_push_(row_) {
  const SquareLoss loss = square_loss_of_artists(params);
  for (std::size_t a = 0; a < pairs_of_artist_.size(); ++a) {
    const double pairs = std::max(1.0F, pairs_of_artist_[a]);
    decay_of_artist_[a] = static_cast<float>(loss.ridge(pairs, num_rows) / pairs);
  }
}

void SquareSgd::draw_order(int epoch) {
  order_.resize(static_cast<std::size_t>(weights_.nonZeros()));
  std::iota(order_.begin(), order_.end(), 0);
  chunks_.clear();
  Rng rng(static_cast<std::uint64_t>(params_.seed), kOrder + static_cast<std::uint64_t>(epoch),
          static_cast<std::uint64_t>(first_pair_));
  for (int row = 0; row < weights_.rows(); ++row) {
    const int first = weights_.outerIndexPtr()[row];
    const int last = weights_.outerIndexPtr()[row + 1];
    std::span<int> pairs = std::span(order_).subspan(static_cast<std::size_t>(first),
                                                     static_cast<std::size_t>(last - first));
    shuffle(pairs, rng);
    for (int at = first; at < last; at += kChunk) {
      chunks_.push_back({row, at, std::min(at + kChunk, last)});
    }
  }
  shuffle(chunks_, rng);
}

PassResult SquareSgd::pass(const Embeddings& artists, const Embeddings& rows, const Grams& grams,
                           int epoch, int window, int num_windows) {
  if (window == 0) draw_order(epoch);
  const auto boundary = [&](int w) {
    return chunks_.size() * static_cast<std::size_t>(w) / static_cast<std::size_t>(num_windows);
  };
  PassResult result;
  for (std::size_t c = boundary(window); c < boundary(window + 1); ++c) {
    result.loss += step(artists, rows, grams, chunks_[c]);
    result.steps += chunks_[c].last - chunks_[c].first;
  }
  if (window + 1 == num_windows) {  // `= {}` would keep the memory
    order_ = std::vector<int>();
    chunks_ = std::vector<Chunk>();
  }
  return result;
}

double SquareSgd::step(const Embeddings& artists, const Embeddings& rows, const Grams& grams,
                       const Chunk& chunk) {
  const auto rate = static_cast<float>(params_.learning_rate);
  const auto unheard = static_cast<float>(params_.unheard_weight);
  row::copy(rows.row(chunk.row), row_.data(), rows.stride());
  const Local p(row_.data(), params_.dim);
  const Local q(artist_.data(), params_.dim);
  Local row_push(row_push_.data(), params_.dim);
  Local artist_push(artist_push_.data(), params_.dim);
  const auto pairs = static_cast<float>(weights_.outerIndexPtr()[chunk.row + 1] -
                                        weights_.outerIndexPtr()[chunk.row]);
  const float share = static_cast<float>(chunk.last - chunk.first) / pairs;
  const auto ridge = static_cast<float>(row_loss_.ridge(pairs, artists.rows()));
  row_push.noalias() = p * grams.artists;
  row_push = -share * (unheard * row_push + ridge * p);
  double loss = 0;
  for (int at = chunk.first; at < chunk.last; ++at) {
    const int k = order_[static_cast<std::size_t>(at)];
    const int artist = weights_.innerIndexPtr()[k];
    const auto [confidence, target] = fit_of(weights_.valuePtr()[k], params_);
    row::copy(artists.row(artist), artist_.data(), artists.stride());
    const float error = target - p.dot(q);
    loss += confidence * error * error;
    row_push += confidence * error * q;
    const auto a = static_cast<std::size_t>(artist);
    artist_push.noalias() = q * grams.rows;
    artist_push = confidence * error * p - (unheard / pairs_of_artist_[a]) * artist_push -
                  decay_of_artist_[a] * q;
    adagrad(rate, artist_push_.data(), artists.row(artist), artists.row_state(artist),
            artists.stride());
  }
  adagrad(rate, row_push_.data(), rows.row(chunk.row), rows.row_state(chunk.row), rows.stride());
  return loss;
}

}  // namespace mrec
