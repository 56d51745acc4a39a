#include "parallel/rotation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <functional>

#include "model/optimizer.h"
#include "parallel/trainer_rows.h"

namespace mrec {
namespace {

// Bytes of records, to which rows are added and from which they are taken in the same order.
class Records {
 public:
  explicit Records(std::size_t size) : record_(size) {}

  void add(const Embeddings& table, int row, std::vector<std::byte>& to) {
    table.pack(row, record_);
    const auto bytes = std::as_bytes(std::span(record_));
    to.insert(to.end(), bytes.begin(), bytes.end());
  }
  void take(std::span<const std::byte>& from, const Embeddings& table, int row) {
    std::memcpy(record_.data(), from.data(), record_.size() * sizeof(float));
    from = from.subspan(record_.size() * sizeof(float));
    table.unpack(row, record_);
  }

 private:
  std::vector<float> record_;
};

// The part of some users' interactions whose artists are in one block.
struct BlockPart {
  SparseMatrix weights;     // [users x artists of the block], columns by place
  std::vector<int> places;  // of its interactions among all of these users'
};

// Interactions of the blocks of a set.
std::vector<BlockPart> parts_of(const SparseMatrix& weights, const Blocks& blocks,
                                const Shard& set) {
  struct Entry {
    int column;
    int place;
  };
  const Shard all = blocks.places(set.begin, set.end);
  std::vector<BlockPart> parts(static_cast<std::size_t>(set.size()));
  std::vector<std::vector<int>> offsets(parts.size());
  std::vector<std::vector<Entry>> entries(parts.size());
  for (auto& own : offsets) own.assign(1, 0);
  for (int user = 0; user < weights.rows(); ++user) {
    for (int k = weights.outerIndexPtr()[user]; k < weights.outerIndexPtr()[user + 1]; ++k) {
      const int place = blocks.place_of(weights.innerIndexPtr()[k]);
      if (place < all.begin || place >= all.end) continue;
      const int block = blocks.block_of(place);
      entries[static_cast<std::size_t>(block - set.begin)].push_back(
          {place - blocks.places(block).begin, k});
    }
    for (std::size_t b = 0; b < parts.size(); ++b) {
      std::ranges::sort(entries[b].begin() + offsets[b].back(), entries[b].end(), {},
                        &Entry::column);
      offsets[b].push_back(static_cast<int>(entries[b].size()));
    }
  }
  for (std::size_t b = 0; b < parts.size(); ++b) {
    const int columns = blocks.places(set.begin + static_cast<int>(b)).size();
    SparseMatrix& part = parts[b].weights;
    part.resize(weights.rows(), columns);
    part.resizeNonZeros(std::ssize(entries[b]));
    std::ranges::copy(offsets[b], part.outerIndexPtr());
    parts[b].places.reserve(entries[b].size());
    for (std::size_t i = 0; i < entries[b].size(); ++i) {
      part.innerIndexPtr()[i] = entries[b][i].column;
      part.valuePtr()[i] = weights.valuePtr()[entries[b][i].place];
      parts[b].places.push_back(entries[b][i].place);
    }
    entries[b] = {};
  }
  return parts;
}

// The table as it is between rows and behind them: kernels count on values of 0 and states above
// it.
void clear(const Embeddings& table, float state) {
  std::ranges::fill(table.values(), 0.0F);
  std::ranges::fill(table.states(), state);
}

// Rows that are passed on at a time.
constexpr int kPassed = 1024;

}  // namespace

RotationTrainer::RotationTrainer(const Communicator& world, const Communicator& node,
                                 const TrainingShard& shard, const TrainParams& params)
    : world_(world),
      node_(node),
      leaders_(world.split(node.is_root() ? 0 : 1)),
      params_(params),
      weights_(shard.weights),
      first_interaction_(shard.first_interaction),
      num_nodes_(static_cast<int>(world.sum(std::int64_t{node.is_root()}))),
      own_node_(node.max(node.is_root() ? leaders_.rank() : 0)),
      num_artists_(static_cast<int>(shard.weights.cols())),
      slot_rows_(Blocks::most_artists(num_artists_, params.blocks)),
      slot_size_(Embeddings::size(slot_rows_, params.dim, optimizer_states(params))),
      num_interactions_(world.sum(static_cast<double>(shard.weights.nonZeros()))),
      shared_(world, node, memory_size()),
      user_memory_(Embeddings::size(static_cast<int>(weights_.rows()), params.dim,
                                    optimizer_states(params))),
      users_(user_memory_, static_cast<int>(weights_.rows()), params.dim,
             optimizer_states(params)) {
  users_.initialize(params.seed, kUserStarts, static_cast<std::uint64_t>(shard.first_user),
                    initial_state(params));
  if (node.is_root()) {
    home_table().initialize(params.seed, kArtistStarts, static_cast<std::uint64_t>(home().begin),
                            initial_state(params));
  }
  shared_.sync(node);
}

Shard RotationTrainer::home_of(int node) const {
  const auto begin = [this](int n) {
    return static_cast<int>(std::int64_t{num_artists_} * n / num_nodes_);
  };
  return {begin(node), begin(node + 1)};
}

Shard RotationTrainer::set_of(int node) const {
  return {params_.blocks * node / num_nodes_, params_.blocks * (node + 1) / num_nodes_};
}

int RotationTrainer::home_node_of(int artist) const {
  return static_cast<int>(((std::int64_t{artist} + 1) * num_nodes_ - 1) / num_artists_);
}

std::size_t RotationTrainer::memory_size() const {
  std::size_t most = static_cast<std::size_t>(most_blocks()) * slot_size_;
  for (int n = 0; n < num_nodes_; ++n) {
    most =
        std::max(most, Embeddings::size(home_of(n).size(), params_.dim, optimizer_states(params_)));
  }
  return most;
}

int RotationTrainer::most_blocks() const { return (params_.blocks + num_nodes_ - 1) / num_nodes_; }

Embeddings RotationTrainer::home_table() const {
  return {shared_.span(), home().size(), params_.dim, optimizer_states(params_)};
}

Embeddings RotationTrainer::slot(int slot) const {
  return {shared_.span().subspan(static_cast<std::size_t>(slot) * slot_size_, slot_size_),
          slot_rows_, params_.dim, optimizer_states(params_)};
}

EpochResult RotationTrainer::epoch() {
  const Blocks blocks(params_.seed, epoch_, num_artists_, params_.blocks);
  if (node_.is_root()) leave_home(blocks);
  shared_.sync(node_);
  PassResult result;
  const int sweeps = params_.sweeps(epoch_, num_nodes_);
  for (int round = 0; round < sweeps * num_nodes_; ++round) {
    const Shard set = set_of((own_node_ + round) % num_nodes_);
    result += train_on(blocks, set, round / num_nodes_, sweeps);
    shared_.sync(node_);
    if (round + 1 == sweeps * num_nodes_) break;
    if (node_.is_root()) {
      pass_on(blocks, set, set_of((own_node_ + round + 1) % num_nodes_));
    }
    shared_.sync(node_);
  }
  if (node_.is_root()) go_home(blocks);
  shared_.sync(node_);
  ++epoch_;

  std::array<double, 4> sums{result.loss, result.steps, result.user_rate, result.artist_rate};
  world_.sum(sums);
  if (params_.user_alpha > 0) shrink(users_, params_.user_alpha, sums[2]);
  if (params_.artist_alpha > 0) {
    if (node_.is_root()) shrink(home_table(), params_.artist_alpha, sums[3]);
    shared_.sync(node_);
  }
  require_finite_loss(sums[0], epoch_);
  if (num_averaged_ >= 0) {
    ++num_averaged_;
    add_to(user_sum_, users_.values());
    if (node_.is_root()) add_to(home_sum_, home_table().values());
    shared_.sync(node_);  // nobody goes on to change what is being added
  }
  return {.mean_loss = sums[0] / num_interactions_, .step_share = sums[1] / num_interactions_};
}

PassResult RotationTrainer::train_on(const Blocks& blocks, const Shard& set, int sweep,
                                     int num_sweeps) {
  PassResult result;
  const std::vector<BlockPart> parts = parts_of(weights_, blocks, set);
  for (std::size_t b = 0; b < parts.size(); ++b) {
    const BlockPart& part = parts[b];
    if (part.weights.nonZeros() == 0) continue;
    const ArtistModel artists{.features = slot(static_cast<int>(b)),
                              .num_artists = static_cast<int>(part.weights.cols()),
                              .num_catalogue = num_artists_};
    Sgd sgd(params_, part.weights, first_interaction_, best_level(), part.places);
    result += sgd.pass(artists, users_, epoch_, sweep, num_sweeps);
  }
  return result;
}

template <typename Visit>
void RotationTrainer::for_each_in(const Blocks& blocks, const Shard& set,
                                  const Visit& visit) const {
  for (int block = set.begin; block < set.end; ++block) {
    const Shard places = blocks.places(block);
    const Embeddings table = slot(block - set.begin);
    for (int place = places.begin; place < places.end; ++place) {
      visit(table, place - places.begin, blocks.artist_at(place));
    }
  }
}

void RotationTrainer::leave_home(const Blocks& blocks) {
  const Shard own = home();
  Records records(users_.record_size());
  std::vector<std::vector<std::byte>> to(static_cast<std::size_t>(num_nodes_));
  const Embeddings table = home_table();
  for (int n = 0; n < num_nodes_; ++n) {
    for_each_in(blocks, set_of(n), [&](const Embeddings&, int, int artist) {
      if (artist < own.begin || artist >= own.end) return;
      records.add(table, artist - own.begin, to[static_cast<std::size_t>(n)]);
    });
  }
  const std::vector<std::vector<std::byte>> came = leaders_.exchange(to);
  std::vector<std::span<const std::byte>> from(came.begin(), came.end());
  // Home and slots lie in the same memory.
  for (int s = 0; s < most_blocks(); ++s) clear(slot(s), initial_state(params_));
  for_each_in(blocks, set_of(own_node_), [&](const Embeddings& slot_table, int row, int artist) {
    records.take(from[static_cast<std::size_t>(home_node_of(artist))], slot_table, row);
  });
}

void RotationTrainer::go_home(const Blocks& blocks) {
  const Shard own = home();
  Records records(users_.record_size());
  std::vector<std::vector<std::byte>> to(static_cast<std::size_t>(num_nodes_));
  const auto last_set = [this](int node) { return set_of((node + num_nodes_ - 1) % num_nodes_); };
  for_each_in(blocks, last_set(own_node_), [&](const Embeddings& table, int row, int artist) {
    records.add(table, row, to[static_cast<std::size_t>(home_node_of(artist))]);
  });
  const std::vector<std::vector<std::byte>> came = leaders_.exchange(to);
  const Embeddings table = home_table();
  clear(table, initial_state(params_));
  for (int n = 0; n < num_nodes_; ++n) {
    std::span<const std::byte> from = came[static_cast<std::size_t>(n)];
    for_each_in(blocks, last_set(n), [&](const Embeddings&, int, int artist) {
      if (artist < own.begin || artist >= own.end) return;
      records.take(from, table, artist - own.begin);
    });
  }
}

void RotationTrainer::pass_on(const Blocks& blocks, const Shard& old_set, const Shard& new_set) {
  const std::size_t record = users_.record_size();
  const auto rows_in = [&](const Shard& set, int slot_index) {
    return slot_index < set.size() ? blocks.places(set.begin + slot_index).size() : 0;
  };
  // Slots lie at the same place whatever is in them: what a piece brings lies where what it took
  // away has been.
  std::vector<float> away(record * kPassed);
  std::vector<float> here(record * kPassed);
  // Every node goes through as many pieces, so that each meets its own.
  for (int s = 0; s < most_blocks(); ++s) {
    const Embeddings table = slot(s);
    for (int first = 0; first < slot_rows_; first += kPassed) {
      const auto count = [&](const Shard& set) {
        return std::clamp(rows_in(set, s) - first, 0, kPassed);
      };
      const int sent = count(old_set);
      const int received = count(new_set);
      for (int r = 0; r < sent; ++r) {
        table.pack(first + r,
                   std::span(away).subspan(static_cast<std::size_t>(r) * record, record));
      }
      leaders_.shift(std::span(away).first(static_cast<std::size_t>(sent) * record),
                     (own_node_ + num_nodes_ - 1) % num_nodes_,
                     std::span(here).first(static_cast<std::size_t>(received) * record),
                     (own_node_ + 1) % num_nodes_);
      for (int r = 0; r < received; ++r) {
        table.unpack(first + r,
                     std::span(here).subspan(static_cast<std::size_t>(r) * record, record));
      }
    }
  }
}

void RotationTrainer::start_averaging() {
  num_averaged_ = 0;
  user_sum_.assign(users_.values().size(), 0);
  if (node_.is_root()) home_sum_.assign(home_table().values().size(), 0);
}

void RotationTrainer::finish() {
  if (num_averaged_ <= 0) return;
  put_mean(users_.values(), user_sum_, num_averaged_);
  if (node_.is_root()) put_mean(home_table().values(), home_sum_, num_averaged_);
  user_sum_ = std::vector<float>();  // `= {}` would keep the memory
  home_sum_ = std::vector<float>();
  num_averaged_ = -1;
  shared_.sync(node_);
}

TrainerState RotationTrainer::state() {
  const TrainerRows rows = state_rows();
  TrainerState state{.epoch = epoch_, .num_averaged = num_averaged_};
  state.rows = records(rows.row, rows.num_rows, rows.record);
  state.artists = records(rows.artist, rows.num_artists, rows.record);
  shared_.sync(node_);  // nobody goes on to change what is being read
  return state;
}

TrainerRows RotationTrainer::state_rows() {
  const std::size_t record =
      users_.record_size() + (num_averaged_ >= 0 ? users_.record_values() : 0);
  return {.epoch = epoch_,
          .num_averaged = num_averaged_,
          .record = record,
          .artist_record = record,
          .num_rows = users_.rows(),
          .num_artists = node_.is_root() ? home().size() : 0,
          .row = packer(users_, user_sum_),
          .artist = packer(home_table(), home_sum_)};
}

void RotationTrainer::restore(const TrainerState& state) {
  epoch_ = state.epoch;
  if (state.num_averaged >= 0) {
    start_averaging();
    num_averaged_ = state.num_averaged;
  }
  take_records(state.rows, users_, user_sum_);
  if (node_.is_root()) take_records(state.artists, home_table(), home_sum_);
  shared_.sync(node_);
}

std::int64_t RotationTrainer::bytes_sent() const {
  return world_.sum(node_.is_root() ? leaders_.bytes_sent() : std::int64_t{0});
}

Matrix RotationTrainer::artist_factors() const {
  Matrix all(num_artists_, params_.dim);
  if (node_.is_root()) {
    const Embeddings table = home_table();
    for (int a = home().begin; a < home().end; ++a) {
      std::copy_n(table.row(a - home().begin), params_.dim, all.row(a).data());
    }
    for (int n = 0; n < num_nodes_; ++n) {
      const Shard part = home_of(n);
      leaders_.broadcast(std::span(all.data() + std::ptrdiff_t{part.begin} * params_.dim,
                                   static_cast<std::size_t>(part.size() * params_.dim)),
                         n);
    }
  }
  node_.broadcast(std::span(all.data(), static_cast<std::size_t>(all.size())), 0);
  return all;
}

Vector RotationTrainer::artist_bias() const {
  Vector all(num_artists_);
  if (node_.is_root()) {
    all.segment(home().begin, home().size()) =
        Eigen::Map<const Vector>(&home_table().bias(0), home().size());
    for (int n = 0; n < num_nodes_; ++n) {
      const Shard part = home_of(n);
      leaders_.broadcast(std::span(all.data() + part.begin, static_cast<std::size_t>(part.size())),
                         n);
    }
  }
  node_.broadcast(std::span(all.data(), static_cast<std::size_t>(all.size())), 0);
  return all;
}

Matrix RotationTrainer::user_factors(int first, int last) const {
  return factors_of(users_, first, last);
}

Vector RotationTrainer::user_bias() const { return bias_of(users_, users_.rows()); }

}  // namespace mrec
