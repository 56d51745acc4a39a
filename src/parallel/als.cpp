#include "parallel/als.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <utility>

#include "model/artist_scorer.h"
#include "model/factor_rows.h"
#include "model/square_rows.h"

namespace mrec {
namespace {

// One observed pair on its way to the rank that solves its artist.
struct Pair {
  int artist;
  int row;  // among the rows of all ranks
  float weight;
};

// [ranks + 1] from everybody's number of rows.
std::vector<int> begins_of(const std::vector<int>& counts) {
  std::vector<int> begins(counts.size() + 1);
  std::partial_sum(counts.begin(), counts.end(), begins.begin() + 1);
  return begins;
}

// Collective: artists in pieces of about equal numbers of pairs.
std::vector<int> artist_begins(const Communicator& world, const SparseMatrix& pairs) {
  std::vector<double> counts(static_cast<std::size_t>(pairs.cols()));
  for (Eigen::Index k = 0; k < pairs.nonZeros(); ++k) {
    ++counts[static_cast<std::size_t>(pairs.innerIndexPtr()[k])];
  }
  world.sum(std::span(counts));
  std::vector<std::int64_t> offsets{0};
  for (const double count : counts) {
    offsets.push_back(offsets.back() + static_cast<std::int64_t>(count));
  }
  std::vector<int> begins;
  begins.reserve(static_cast<std::size_t>(world.size()) + 1);
  for (int rank = 0; rank < world.size(); ++rank) {
    begins.push_back(rank == 0 ? 0 : shard_of(offsets, rank, world.size()).begin);
  }
  begins.push_back(static_cast<int>(pairs.cols()));
  return begins;
}

// Collective: this rank's artists [own artists x all rows], with the pairs of all ranks.
SparseMatrix pairs_by_artist(const Communicator& world, const SparseMatrix& pairs, int first_row,
                             int num_rows, const std::vector<int>& artist_begins) {
  std::vector<std::vector<std::byte>> outgoing(static_cast<std::size_t>(world.size()));
  for (int r = 0; r < pairs.rows(); ++r) {
    for (SparseMatrix::InnerIterator it(pairs, r); it; ++it) {
      const Pair pair{static_cast<int>(it.col()), first_row + r, it.value()};
      const auto owner =
          std::ranges::upper_bound(artist_begins, pair.artist) - artist_begins.begin() - 1;
      std::vector<std::byte>& bytes = outgoing[static_cast<std::size_t>(owner)];
      bytes.resize(bytes.size() + sizeof(Pair));
      std::memcpy(bytes.data() + bytes.size() - sizeof(Pair), &pair, sizeof(Pair));
    }
  }
  const auto rank = static_cast<std::size_t>(world.rank());
  const int first = artist_begins[rank];
  std::vector<Eigen::Triplet<float>> entries;
  for (const std::vector<std::byte>& bytes : world.exchange(outgoing)) {
    for (std::size_t at = 0; at < bytes.size(); at += sizeof(Pair)) {
      Pair pair{};
      std::memcpy(&pair, bytes.data() + at, sizeof(Pair));
      entries.emplace_back(pair.artist - first, pair.row, pair.weight);
    }
  }
  SparseMatrix result(artist_begins[rank + 1] - first, num_rows);
  result.setFromTriplets(entries.begin(), entries.end());
  return result;
}

// Writes rows [n x d] in another basis [d x d], in place. Its columns are to them what artists are
// to users: the kernel for scores is twice as fast here as a product for any machine.
void turn(Eigen::Map<Matrix> rows, const Matrix& basis) {
  const Matrix columns = basis.transpose();
  const ArtistScorer products(columns, Vector::Zero(columns.rows()));
  Matrix block;
  for (Eigen::Index first = 0; first < rows.rows(); first += ArtistScorer::kBlock) {
    const Eigen::Index count = std::min<Eigen::Index>(ArtistScorer::kBlock, rows.rows() - first);
    block = rows.middleRows(first, count);
    products.score_block(block, 0, static_cast<int>(count),
                         [&](int row, int column, std::span<const float> values) {
                           std::ranges::copy(values, &rows(first + row, column));
                         });
  }
}

}  // namespace

AlsTrainer::Table::Table(const Communicator& world, const Communicator& node,
                         std::vector<int> piece_begins, int num_columns)
    : begins(std::move(piece_begins)),
      memory(world, node,
             static_cast<std::size_t>(begins.back()) * static_cast<std::size_t>(num_columns)),
      dim(num_columns) {}

Eigen::Map<Matrix> AlsTrainer::Table::rows(int begin, int end) const {
  return {memory.span().data() + static_cast<std::ptrdiff_t>(begin) * dim, end - begin, dim};
}

Shard AlsTrainer::Table::piece(int rank) const {
  return {begins[static_cast<std::size_t>(rank)], begins[static_cast<std::size_t>(rank) + 1]};
}

AlsTrainer::AlsTrainer(const Communicator& world, const Communicator& node,
                       const TrainingShard& shard, const TrainParams& params)
    : world_(world),
      node_(node),
      leaders_(world.split(node.is_root() ? 0 : 1)),
      params_(params),
      row_pairs_(shard.weights),
      num_users_(shard.num_users()),
      rows_(world, node, begins_of(world.all(static_cast<int>(shard.weights.rows()))), params.dim),
      artists_(world, node, artist_begins(world, shard.weights), params.dim),
      artist_pairs_(pairs_by_artist(world, shard.weights, rows_.piece(world.rank()).begin,
                                    rows_.num_rows(), artists_.begins)),
      num_pairs_(world.sum(static_cast<double>(shard.weights.nonZeros()))) {
  // A rank's node is known by the place of its root among the leaders.
  const int place = node.is_root() ? leaders_.rank() : 0;
  leader_of_ = world.all(node.max(place));

  // Every node makes its own copy.
  if (node.is_root()) {
    Eigen::Map<Matrix> all = artists_.rows(0, artists_.num_rows());
    for (int a = 0; a < all.rows(); ++a) {
      draw_start(params.seed, a, {all.row(a).data(), static_cast<std::size_t>(all.cols())});
    }
  }
  artists_.memory.sync(node);
}

EpochResult AlsTrainer::epoch() {
  const double own_loss = half_sweep(row_pairs_, square_loss(params_), artists_, rows_);
  half_sweep(artist_pairs_, square_loss_of_artists(params_), rows_, artists_);
  ++epoch_;
  const double loss = world_.sum(own_loss);
  if (!std::isfinite(loss)) {
    throw Verdict(1, "training diverged in epoch " + std::to_string(epoch_) +
                         ": factors are no longer finite; use a larger regularization");
  }
  return {.mean_loss = loss / num_pairs_, .step_share = 1};
}

void AlsTrainer::finish() { half_sweep(row_pairs_, square_loss(params_), artists_, rows_); }

TrainerState AlsTrainer::state() {
  TrainerState state{.epoch = epoch_, .rows = Matrix(row_pairs_.rows(), 0)};
  if (node_.is_root()) state.artists = artist_factors();
  artists_.memory.sync(node_);  // nobody goes on to change what is being read
  return state;
}

void AlsTrainer::restore(const TrainerState& state) {
  epoch_ = state.epoch;
  if (node_.is_root()) artists_.rows(0, artists_.num_rows()) = state.artists;
  artists_.memory.sync(node_);
}

double AlsTrainer::half_sweep(const SparseMatrix& pairs, const SquareLoss& loss, Table& fixed,
                              Table& solved) {
  const Vector spectrum = diagonalize(fixed);
  const Eigen::Map<Matrix> others = fixed.rows(0, fixed.num_rows());
  RowSolver solver(loss, spectrum, others.data(), fixed.num_rows(), fixed.dim);
  const Shard own = solved.piece(world_.rank());
  Eigen::Map<Matrix> rows = solved.rows(own.begin, own.end);
  double sum = 0;
  std::vector<PairFit> fits;
  for (int r = 0; r < pairs.rows(); ++r) {
    constexpr int kRowsBetween = 32;
    if (attend_ && r % kRowsBetween == 0) attend_();
    const auto first = pairs.outerIndexPtr()[r];
    const auto count = static_cast<std::size_t>(pairs.outerIndexPtr()[r + 1] - first);
    const std::span columns(pairs.innerIndexPtr() + first, count);
    fits.clear();
    for (const float weight : std::span(pairs.valuePtr() + first, count)) {
      fits.push_back(fit_of(weight, params_));
    }
    sum += solver.solve(columns, fits, rows.row(r).data());
  }
  exchange(solved);
  return sum;
}

Vector AlsTrainer::diagonalize(Table& table) {
  const Shard own = table.piece(world_.rank());
  Eigen::MatrixXd gram = gram_of(table.rows(own.begin, own.end));
  world_.sum(std::span(gram.data(), static_cast<std::size_t>(gram.size())));
  const Spectrum spectrum = spectrum_of(gram);
  // The ranks of a node turn the node's copy together.
  const auto share = [&](int rank) {
    return static_cast<int>(std::int64_t{table.num_rows()} * rank / node_.size());
  };
  turn(table.rows(share(node_.rank()), share(node_.rank() + 1)), spectrum.vectors);
  table.memory.sync(node_);
  return spectrum.values;
}

void AlsTrainer::exchange(Table& table) {
  table.memory.sync(node_);
  if (node_.size() == world_.size()) return;
  if (node_.is_root()) {
    for (int rank = 0; rank < world_.size(); ++rank) {
      const Shard piece = table.piece(rank);
      Eigen::Map<Matrix> rows = table.rows(piece.begin, piece.end);
      leaders_.broadcast(std::span(rows.data(), static_cast<std::size_t>(rows.size())),
                         leader_of_[static_cast<std::size_t>(rank)]);
    }
  }
  table.memory.sync(node_);
}

Matrix AlsTrainer::artist_factors() const { return artists_.rows(0, artists_.num_rows()); }

std::optional<FactorRows> AlsTrainer::artist_rows() const {
  return FactorRows(artists_.memory.span().data(), artists_.num_rows(), artists_.dim,
                    Eigen::OuterStride<>(artists_.dim));
}

Matrix AlsTrainer::user_factors() const {
  const int first = rows_.piece(world_.rank()).begin;
  return rows_.rows(first, first + num_users_);
}

}  // namespace mrec
