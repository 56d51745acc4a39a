#pragma once

#include <cstdint>
#include <span>

namespace mrec {

// A view of a table of embeddings with a bias each and what the optimizer remembers of them. The
// memory belongs to somebody else: a vector, or the window that the ranks of a node share.
//
// Layout: values [rows x stride], biases [rows], then per optimizer state the same two again. Rows
// are padded with zeros to whole cache lines.
class Embeddings {
 public:
  static constexpr int kLane = 16;  // floats in a cache line

  Embeddings() = default;
  // `memory` has size(rows, dim, states) floats and starts on a cache line.
  Embeddings(std::span<float> memory, int rows, int dim)
      : memory_(memory), rows_(rows), dim_(dim), stride_(stride_of(dim)) {}

  static std::size_t size(int rows, int dim, int states) {
    return plane(rows, dim) * static_cast<std::size_t>(1 + states);
  }

  [[nodiscard]] int rows() const { return rows_; }
  [[nodiscard]] int dim() const { return dim_; }
  [[nodiscard]] int stride() const { return stride_; }

  [[nodiscard]] float* row(int r) const { return memory_.data() + offset(r); }
  [[nodiscard]] float* row_state(int r) const { return row(r) + plane(rows_, dim_); }
  [[nodiscard]] float& bias(int r) const { return memory_[bias_offset(r)]; }
  [[nodiscard]] float* bias_state(int r) const { return &bias(r) + plane(rows_, dim_); }
  // Distance between two states of the same value.
  [[nodiscard]] std::size_t state_gap() const { return plane(rows_, dim_); }

  // All values and biases, and all states.
  [[nodiscard]] std::span<float> values() const { return memory_.first(plane(rows_, dim_)); }
  [[nodiscard]] std::span<float> states() const { return memory_.subspan(plane(rows_, dim_)); }

  // Starts values uniformly in +-0.5 / dim (LightFM's start), biases at zero and states at
  // `initial_state`. Row r draws with the key (seed, what, first_key + r), so it does not matter
  // how the rows are divided among ranks.
  void initialize(std::int64_t seed, std::uint64_t what, std::uint64_t first_key,
                  float initial_state) const;

 private:
  static int stride_of(int dim) { return (dim + kLane - 1) / kLane * kLane; }
  static std::size_t plane(int rows, int dim) {
    const auto biases = static_cast<std::size_t>((rows + kLane - 1) / kLane * kLane);
    return static_cast<std::size_t>(rows) * static_cast<std::size_t>(stride_of(dim)) + biases;
  }
  [[nodiscard]] std::size_t offset(int r) const {
    return static_cast<std::size_t>(r) * static_cast<std::size_t>(stride_);
  }
  [[nodiscard]] std::size_t bias_offset(int r) const {
    return offset(rows_) + static_cast<std::size_t>(r);
  }

  std::span<float> memory_;
  int rows_ = 0;
  int dim_ = 0;
  int stride_ = 0;
};

}  // namespace mrec
