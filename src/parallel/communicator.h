#pragma once

#include <mpi.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/error.h"

namespace mrec {

// All ranks agreed that the job has failed; the root has told why. Ends a job in an orderly way
// with the same exit status everywhere.
class Verdict : public Error {
 public:
  Verdict(int status, const std::string& what) : Error(what), status_(status) {}
  [[nodiscard]] int status() const { return status_; }

 private:
  int status_;
};

// MPI_Init_thread(SERIALIZED) to MPI_Finalize: a thread beside the first may call MPI while no
// other does. One per process, first in main.
class MpiSession {
 public:
  MpiSession();
  // Collective, and so left undone while an exception unwinds: the other ranks will not come.
  ~MpiSession();
  MpiSession(const MpiSession&) = delete;
  MpiSession& operator=(const MpiSession&) = delete;
};

// An MPI communicator. Errors end the job by MPI's own handler. Functions that take or return
// values of all ranks are collective.
class Communicator {
 public:
  static Communicator world();
  Communicator(Communicator&& other) noexcept;
  Communicator& operator=(Communicator&&) = delete;
  // Collective, and so left undone while an exception unwinds.
  ~Communicator();

  [[nodiscard]] int rank() const { return rank_; }
  [[nodiscard]] int size() const { return size_; }
  [[nodiscard]] bool is_root() const { return rank_ == 0; }
  [[nodiscard]] MPI_Comm get() const { return comm_; }

  // Collective: the ranks with the same color, ordered by rank.
  [[nodiscard]] Communicator split(int color) const;
  // Collective: the ranks that share memory.
  [[nodiscard]] Communicator split_by_node() const;

  // Collective.
  void barrier() const;
  [[nodiscard]] double sum(double value) const;
  [[nodiscard]] std::int64_t sum(std::int64_t value) const;
  [[nodiscard]] int max(int value) const;
  [[nodiscard]] std::int64_t sum_before(std::int64_t value) const;  // of the ranks below this one
  [[nodiscard]] std::vector<int> all(int value) const;              // [ranks] everybody's value
  void sum(std::span<double> values) const;                         // in place
  void sum(std::span<float> values) const;                          // in place
  [[nodiscard]] std::string broadcast(std::string text) const;      // the root's
  // The pieces of all ranks one behind the other, on the root only; empty elsewhere.
  [[nodiscard]] std::vector<float> gather(std::span<const float> piece) const;
  [[nodiscard]] std::vector<double> gather(std::span<const double> piece) const;
  [[nodiscard]] std::vector<int> gather(std::span<const int> piece) const;
  [[nodiscard]] std::string gather(const std::string& piece) const;

  // Collective: `count` rows [width] of each rank, one rank's behind the other's, pass by the root,
  // some at a time, so that they are never all in memory: fill(first, last, rows) makes some of a
  // rank's own, take(count, rows) gets everybody's on the root. What take() throws becomes
  // everybody's Verdict once all have passed.
  void stream(int count, std::size_t width,
              const std::function<void(int first, int last, std::span<float> rows)>& fill,
              const std::function<void(int count, std::span<const float> rows)>& take) const;

  // Collective: `values` of the rank `root` on all ranks.
  void broadcast(std::span<float> values, int root) const;
  // Collective: the bytes to each rank [ranks]; returns those from each rank.
  [[nodiscard]] std::vector<std::vector<std::byte>> exchange(
      const std::vector<std::vector<std::byte>>& to) const;
  // Collective: the bytes of each rank [ranks], on all of them.
  [[nodiscard]] std::vector<std::vector<std::byte>> gather_all(
      const std::vector<std::byte>& piece) const;
  // Collective: sends `values` to the rank `to` and fills `received` by the rank `from`, whose size
  // they know. At most 2^28 numbers.
  void shift(std::span<const float> values, int to, std::span<float> received, int from) const;
  // That this rank has sent to others by exchange(), gather_all() and shift(), headers included.
  [[nodiscard]] std::int64_t bytes_sent() const { return bytes_sent_; }

  // Collective: runs `action` on every rank; when it throws on any of them, all throw a Verdict
  // with the text of the lowest such rank. So a file that one rank cannot read ends the job
  // everywhere. `action` must not be collective itself.
  template <typename Action>
  auto agree(Action action) const;

 private:
  explicit Communicator(MPI_Comm comm, bool owned);
  // Collective: sends to[r] to each rank r and returns what comes.
  [[nodiscard]] std::vector<std::vector<std::byte>> swap(
      const std::vector<std::span<const std::byte>>& to) const;
  // Collective: throws the same Verdict on all ranks unless all of them pass status 0.
  void settle(int status, std::string message) const;

  MPI_Comm comm_;
  bool owned_;
  int rank_ = 0;
  int size_ = 1;
  mutable std::int64_t bytes_sent_ = 0;
};

// The exit status that belongs to the exception being handled, and its text.
struct JobFailure {
  int status = 1;
  std::string message;
};
JobFailure current_failure();

template <typename Action>
auto Communicator::agree(Action action) const {
  using Result = decltype(action());
  JobFailure failure{.status = 0};
  if constexpr (std::is_void_v<Result>) {
    try {
      action();
    } catch (...) {
      failure = current_failure();
    }
    settle(failure.status, std::move(failure.message));
  } else {
    std::optional<Result> result;
    try {
      result.emplace(action());
    } catch (...) {
      failure = current_failure();
    }
    settle(failure.status, std::move(failure.message));
    return std::move(*result);
  }
}

}  // namespace mrec
