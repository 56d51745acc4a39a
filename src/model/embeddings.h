#pragma once

#include <cstdint>
#include <span>

namespace mrec {

// What an optimizer remembers: `count` numbers for every value, or, `per_row`, for every row and
// every bias.
struct StateShape {
  StateShape(int states, bool whole_rows = false) : count(states), per_row(whole_rows) {}
  int count;
  bool per_row;
};

// A view of a table of embeddings with a bias each and what the optimizer remembers of them. The
// memory belongs to somebody else: a vector, or the window that the ranks of a node share.
//
// Layout: values [rows x stride], biases [rows], then per optimizer state the same two again; or,
// where a state is of whole rows, pairs [rows x 2] of the row's and the bias's. Rows are padded
// with zeros to whole cache lines.
class Embeddings {
 public:
  static constexpr int kLane = 16;  // floats in a cache line

  Embeddings() = default;
  // `memory` has size(rows, dim, states) floats and starts on a cache line.
  Embeddings(std::span<float> memory, int rows, int dim, StateShape states = 1)
      : memory_(memory),
        rows_(rows),
        dim_(dim),
        stride_(stride_of(dim)),
        num_states_(states.count),
        per_row_(states.per_row),
        plane_(plane(rows, dim)),
        state_gap_(state_plane(rows, dim, states)) {}

  static std::size_t size(int rows, int dim, StateShape states) {
    return plane(rows, dim) +
           static_cast<std::size_t>(states.count) * state_plane(rows, dim, states);
  }

  [[nodiscard]] int rows() const { return rows_; }
  [[nodiscard]] int dim() const { return dim_; }
  [[nodiscard]] int stride() const { return stride_; }

  [[nodiscard]] float* row(int r) const { return memory_.data() + offset(r); }
  [[nodiscard]] float& bias(int r) const { return memory_[offset(rows_) + index(r)]; }
  // The state of a row: `state_stride` floats.
  [[nodiscard]] float* row_state(int r) const {
    return memory_.data() + plane_ + (per_row_ ? 2 * index(r) : offset(r));
  }
  [[nodiscard]] float* bias_state(int r) const {
    return memory_.data() + plane_ + (per_row_ ? 2 * index(r) + 1 : offset(rows_) + index(r));
  }
  [[nodiscard]] int state_stride() const { return per_row_ ? 1 : stride_; }
  // Distance between two states of the same value.
  [[nodiscard]] std::size_t state_gap() const { return state_gap_; }

  // All values and biases, and all states.
  [[nodiscard]] std::span<float> values() const { return memory_.first(plane_); }
  [[nodiscard]] std::span<float> states() const { return memory_.subspan(plane_); }

  // All that is kept of a row as one record of numbers without padding, which is how rows travel
  // between nodes and into checkpoints: its values [dim] and bias, then, per state, the state of
  // the values (one number where states are of whole rows) and that of the bias.
  [[nodiscard]] std::size_t record_size() const {
    return record_values() + index(num_states_) * (index(states_of_row()) + 1);
  }
  // The first numbers of a record, which are no states.
  [[nodiscard]] std::size_t record_values() const { return index(dim_) + 1; }
  void pack(int r, std::span<float> record) const;
  void unpack(int r, std::span<const float> record) const;

  // Starts values uniformly in +-0.5 / dim (LightFM's start), biases at zero and states at
  // `initial_state`. Row r draws with the key (seed, what, first_key + r), so it does not matter
  // how the rows are divided among ranks.
  void initialize(std::int64_t seed, std::uint64_t what, std::uint64_t first_key,
                  float initial_state) const;

 private:
  static int stride_of(int dim) { return padded(dim); }
  static int padded(int count) { return (count + kLane - 1) / kLane * kLane; }
  static std::size_t index(int r) { return static_cast<std::size_t>(r); }
  static std::size_t plane(int rows, int dim) {
    return index(rows) * index(stride_of(dim)) + index(padded(rows));
  }
  static std::size_t state_plane(int rows, int dim, StateShape states) {
    return states.per_row ? 2 * index(padded(rows)) : plane(rows, dim);
  }
  [[nodiscard]] int states_of_row() const { return per_row_ ? 1 : dim_; }
  // visit(numbers, count) for the pieces of a row's record, in its order.
  template <typename Visit>
  void for_each_piece(int r, const Visit& visit) const {
    visit(row(r), dim_);
    visit(&bias(r), 1);
    for (int s = 0; s < num_states_; ++s) {
      visit(row_state(r) + index(s) * state_gap_, states_of_row());
      visit(bias_state(r) + index(s) * state_gap_, 1);
    }
  }
  [[nodiscard]] std::size_t offset(int r) const { return index(r) * index(stride_); }

  std::span<float> memory_;
  int rows_ = 0;
  int dim_ = 0;
  int stride_ = 0;
  int num_states_ = 0;
  bool per_row_ = false;
  std::size_t plane_ = 0;
  std::size_t state_gap_ = 0;
};

}  // namespace mrec
