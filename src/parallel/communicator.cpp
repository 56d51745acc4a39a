#include "parallel/communicator.h"

#include <algorithm>
#include <exception>
#include <limits>
#include <numeric>
#include <vector>

namespace mrec {
namespace {

// MPI counts are int; longer arrays go in pieces.
constexpr std::size_t kPiece = std::size_t{1} << 28;
// Numbers that stream() has in memory at a time.
constexpr std::size_t kStreamed = std::size_t{1} << 18;

template <typename T>
void sum_in_place(std::span<T> values, MPI_Datatype type, MPI_Comm comm) {
  for (std::size_t at = 0; at < values.size(); at += kPiece) {
    const auto piece = values.subspan(at, std::min(kPiece, values.size() - at));
    MPI_Allreduce(MPI_IN_PLACE, piece.data(), static_cast<int>(piece.size()), type, MPI_SUM, comm);
  }
}

template <typename T>
std::vector<T> gather_to_root(const T* values, std::size_t size, MPI_Datatype type, MPI_Comm comm,
                              int rank, int num_ranks) {
  constexpr int kTag = 1;
  if (rank != 0) {
    const std::int64_t count = static_cast<std::int64_t>(size);
    MPI_Send(&count, 1, MPI_INT64_T, 0, kTag, comm);
    for (std::size_t at = 0; at < size; at += kPiece) {
      MPI_Send(values + at, static_cast<int>(std::min(kPiece, size - at)), type, 0, kTag, comm);
    }
    return {};
  }
  std::vector<T> all(values, values + size);
  for (int source = 1; source < num_ranks; ++source) {
    std::int64_t count = 0;
    MPI_Recv(&count, 1, MPI_INT64_T, source, kTag, comm, MPI_STATUS_IGNORE);
    const std::size_t begin = all.size();
    all.resize(begin + static_cast<std::size_t>(count));
    for (std::size_t at = begin; at < all.size(); at += kPiece) {
      MPI_Recv(all.data() + at, static_cast<int>(std::min(kPiece, all.size() - at)), type, source,
               kTag, comm, MPI_STATUS_IGNORE);
    }
  }
  return all;
}

}  // namespace

MpiSession::MpiSession() {
  int provided = 0;
  MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &provided);
  if (provided < MPI_THREAD_SERIALIZED) {
    throw Error("this MPI cannot be called from more than one thread (MPI_THREAD_SERIALIZED)");
  }
}

MpiSession::~MpiSession() {
  if (std::uncaught_exceptions() == 0) MPI_Finalize();
}

Communicator::Communicator(MPI_Comm comm, bool owned) : comm_(comm), owned_(owned) {
  MPI_Comm_rank(comm_, &rank_);
  MPI_Comm_size(comm_, &size_);
}

Communicator::Communicator(Communicator&& other) noexcept
    : comm_(std::exchange(other.comm_, MPI_COMM_NULL)),
      owned_(other.owned_),
      rank_(other.rank_),
      size_(other.size_),
      bytes_sent_(other.bytes_sent_) {}

Communicator::~Communicator() {
  if (!owned_ || comm_ == MPI_COMM_NULL || std::uncaught_exceptions() > 0) return;
  MPI_Comm_free(&comm_);
}

Communicator Communicator::world() { return Communicator(MPI_COMM_WORLD, false); }

Communicator Communicator::split(int color) const {
  MPI_Comm part = MPI_COMM_NULL;
  MPI_Comm_split(comm_, color, rank_, &part);
  return Communicator(part, true);
}

Communicator Communicator::split_by_node() const {
  MPI_Comm node = MPI_COMM_NULL;
  MPI_Comm_split_type(comm_, MPI_COMM_TYPE_SHARED, rank_, MPI_INFO_NULL, &node);
  return Communicator(node, true);
}

void Communicator::barrier() const { MPI_Barrier(comm_); }

double Communicator::sum(double value) const {
  sum_in_place(std::span(&value, 1), MPI_DOUBLE, comm_);
  return value;
}

std::int64_t Communicator::sum(std::int64_t value) const {
  sum_in_place(std::span(&value, 1), MPI_INT64_T, comm_);
  return value;
}

void Communicator::sum(std::span<double> values) const { sum_in_place(values, MPI_DOUBLE, comm_); }
void Communicator::sum(std::span<float> values) const { sum_in_place(values, MPI_FLOAT, comm_); }

int Communicator::max(int value) const {
  MPI_Allreduce(MPI_IN_PLACE, &value, 1, MPI_INT, MPI_MAX, comm_);
  return value;
}

std::int64_t Communicator::sum_before(std::int64_t value) const {
  std::int64_t sum = 0;
  MPI_Exscan(&value, &sum, 1, MPI_INT64_T, MPI_SUM, comm_);
  return is_root() ? 0 : sum;  // Exscan leaves the root's as it is
}

std::vector<int> Communicator::all(int value) const {
  std::vector<int> values(static_cast<std::size_t>(size_));
  MPI_Allgather(&value, 1, MPI_INT, values.data(), 1, MPI_INT, comm_);
  return values;
}

std::string Communicator::broadcast(std::string text) const {
  auto size = static_cast<std::int64_t>(text.size());
  MPI_Bcast(&size, 1, MPI_INT64_T, 0, comm_);
  text.resize(static_cast<std::size_t>(size));
  for (std::size_t at = 0; at < text.size(); at += kPiece) {
    MPI_Bcast(text.data() + at, static_cast<int>(std::min(kPiece, text.size() - at)), MPI_CHAR, 0,
              comm_);
  }
  return text;
}

void Communicator::broadcast(std::span<float> values, int root) const {
  for (std::size_t at = 0; at < values.size(); at += kPiece) {
    const auto piece = values.subspan(at, std::min(kPiece, values.size() - at));
    MPI_Bcast(piece.data(), static_cast<int>(piece.size()), MPI_FLOAT, root, comm_);
  }
}

std::vector<std::vector<std::byte>> Communicator::exchange(
    const std::vector<std::vector<std::byte>>& to) const {
  return swap({to.begin(), to.end()});
}

std::vector<std::vector<std::byte>> Communicator::gather_all(
    const std::vector<std::byte>& piece) const {
  return swap(std::vector<std::span<const std::byte>>(static_cast<std::size_t>(size_), piece));
}

std::vector<std::vector<std::byte>> Communicator::swap(
    const std::vector<std::span<const std::byte>>& to) const {
  const auto ranks = static_cast<std::size_t>(size_);
  std::vector<std::int64_t> sent(ranks);
  std::vector<std::int64_t> received(ranks);
  std::ranges::transform(to, sent.begin(), [](const auto& bytes) { return std::ssize(bytes); });
  // NOLINTNEXTLINE(mpi-type-mismatch): it does not know that std::int64_t is MPI_INT64_T
  MPI_Alltoall(sent.data(), 1, MPI_INT64_T, received.data(), 1, MPI_INT64_T, comm_);

  constexpr int kTag = 2;
  std::vector<std::vector<std::byte>> from(ranks);
  std::vector<MPI_Request> requests;
  const auto pieces = [&](std::size_t size, auto start) {
    for (std::size_t at = 0; at < size; at += kPiece) {
      requests.emplace_back();
      start(at, static_cast<int>(std::min(kPiece, size - at)), &requests.back());
    }
  };
  for (std::size_t r = 0; r < ranks; ++r) {
    from[r].resize(static_cast<std::size_t>(received[r]));
    pieces(from[r].size(), [&](std::size_t at, int count, MPI_Request* request) {
      MPI_Irecv(from[r].data() + at, count, MPI_BYTE, static_cast<int>(r), kTag, comm_, request);
    });
  }
  for (std::size_t r = 0; r < ranks; ++r) {
    pieces(to[r].size(), [&](std::size_t at, int count, MPI_Request* request) {
      MPI_Isend(to[r].data() + at, count, MPI_BYTE, static_cast<int>(r), kTag, comm_, request);
    });
  }
  MPI_Waitall(static_cast<int>(requests.size()), requests.data(), MPI_STATUSES_IGNORE);
  bytes_sent_ += std::reduce(sent.begin(), sent.end()) - sent[static_cast<std::size_t>(rank_)] +
                 static_cast<std::int64_t>(sizeof(std::int64_t)) * (size_ - 1);
  return from;
}

void Communicator::shift(std::span<const float> values, int to, std::span<float> received,
                         int from) const {
  constexpr int kTag = 4;
  MPI_Sendrecv(values.data(), static_cast<int>(values.size()), MPI_FLOAT, to, kTag, received.data(),
               static_cast<int>(received.size()), MPI_FLOAT, from, kTag, comm_, MPI_STATUS_IGNORE);
  if (to != rank_) bytes_sent_ += static_cast<std::int64_t>(values.size_bytes());
}

std::vector<float> Communicator::gather(std::span<const float> piece) const {
  return gather_to_root(piece.data(), piece.size(), MPI_FLOAT, comm_, rank_, size_);
}

std::vector<double> Communicator::gather(std::span<const double> piece) const {
  return gather_to_root(piece.data(), piece.size(), MPI_DOUBLE, comm_, rank_, size_);
}

std::vector<int> Communicator::gather(std::span<const int> piece) const {
  return gather_to_root(piece.data(), piece.size(), MPI_INT, comm_, rank_, size_);
}

std::string Communicator::gather(const std::string& piece) const {
  const std::vector<char> all =
      gather_to_root(piece.data(), piece.size(), MPI_CHAR, comm_, rank_, size_);
  return {all.begin(), all.end()};
}

void Communicator::stream(int count, std::size_t width,
                          const std::function<void(int, int, std::span<float>)>& fill,
                          const std::function<void(int, std::span<const float>)>& take) const {
  constexpr int kTag = 3;
  const std::size_t divisor = std::max<std::size_t>(1, width);
  const int most = static_cast<int>(std::max<std::size_t>(1, kStreamed / divisor));
  std::vector<float> memory(static_cast<std::size_t>(most) * width);
  JobFailure failure{.status = 0};
  const auto pass_on = [&](int rows, std::span<const float> values) {
    if (failure.status != 0) return;  // the others' rows still have to be received
    try {
      take(rows, values);
    } catch (...) {
      failure = current_failure();
    }
  };
  const std::vector<int> counts = all(count);
  for (int source = 0; source < size_; ++source) {
    if (!is_root() && source != rank_) continue;
    const int last = counts[static_cast<std::size_t>(source)];
    for (int first = 0; first < last; first += most) {
      const int rows = std::min(most, last - first);
      const auto values = std::span(memory).first(static_cast<std::size_t>(rows) * width);
      const int size = static_cast<int>(values.size());
      if (source == rank_) fill(first, first + rows, values);
      if (!is_root()) {
        MPI_Send(values.data(), size, MPI_FLOAT, 0, kTag, comm_);
        continue;
      }
      if (source != rank_) {
        MPI_Recv(values.data(), size, MPI_FLOAT, source, kTag, comm_, MPI_STATUS_IGNORE);
      }
      pass_on(rows, values);
    }
  }
  settle(failure.status, std::move(failure.message));
}

void Communicator::settle(int status, std::string message) const {
  // The lowest rank that failed speaks for all; `size_` when none did.
  int speaker = status == 0 ? size_ : rank_;
  MPI_Allreduce(MPI_IN_PLACE, &speaker, 1, MPI_INT, MPI_MIN, comm_);
  if (speaker == size_) return;
  MPI_Bcast(&status, 1, MPI_INT, speaker, comm_);
  auto length = static_cast<int>(message.size());
  MPI_Bcast(&length, 1, MPI_INT, speaker, comm_);
  message.resize(static_cast<std::size_t>(length));
  MPI_Bcast(message.data(), length, MPI_CHAR, speaker, comm_);
  throw Verdict(status, message);
}

JobFailure current_failure() {
  try {
    throw;
  } catch (const Verdict& error) {
    return {error.status(), error.what()};
  } catch (const InputError& error) {
    return {2, error.what()};
  } catch (const std::bad_alloc&) {
    return {1, "not enough memory"};
  } catch (const std::exception& error) {
    return {1, error.what()};
  }
}

}  // namespace mrec
