#pragma once

#include <cstdint>
#include <span>
#include <thread>
#include <vector>

#include "model/embeddings.h"
#include "parallel/communicator.h"

namespace mrec {

// Keeps the nodes' copies of a table together. Each node trains on its own copy; a merge brings in
// what all of them have changed since the last one:
//
//   value := base + sum of the nodes' changes / sqrt(number of nodes that changed the row)
//   state := base + sum of the nodes' changes    where states are sums (adagrad)
//   state := base + mean of the nodes' changes   where they are means (adadelta)
//
// Adagrad steps shrink as 1 / sqrt(state), and a node has seen only its own part of the state, so P
// changes of one row add up to about sqrt(P) times too much; a row that one node changed keeps its
// whole step. (docs/design.md, "Merging nodes"; the plain mean and the plain sum both lose NDCG.)
// Adadelta's states are decaying means of squares: every node's is an estimate of the same number,
// so their mean is one, too, while a sum of changes could fall below zero.
//
// Only rows that differ from the base travel. Rows belong to owners, a range of rows to each node:
// the nodes send their changes of a row to its owner, which adds them up in the order of the nodes
// and tells the result to all. So with one rank a node a run repeats bit for bit.
class Merge {
 public:
  enum class States { kSums, kMeans };

  // Collective over `leaders`, one rank of every node, whose tables are equal at this time.
  Merge(const Communicator& leaders, const Embeddings& table, States states);

  // Collective over `leaders`: afterwards the tables are equal again, bit for bit.
  void operator()();

  // The same in parts, between which the node trains on: take() notes what has changed until now,
  // send() exchanges it from a thread of its own, which wait() waits for, and finish() brings in
  // the others' changes, beneath what was done meanwhile. Nobody changes the table during take()
  // and finish(), and between send() and wait() this process calls no MPI. Without take() the
  // others do nothing.
  void take();
  void send();
  void wait();
  void finish();

  // The table was changed outside of training, in the same way on every node.
  void accept();

  // That this node has sent to others, until the last wait().
  [[nodiscard]] std::int64_t bytes_sent() const { return bytes_sent_; }

 private:
  // Rows as they travel: the index and a record (Embeddings::pack) of each.
  struct Rows {
    std::vector<int> index;
    std::vector<float> records;  // [rows x record]
  };

  [[nodiscard]] std::span<float> base_of(int r) {
    return std::span(base_).subspan(static_cast<std::size_t>(r) * record_, record_);
  }
  // Rows that differ from the base, as they are now.
  [[nodiscard]] Rows changed_rows();
  // Collective: the changes of all nodes, combined by the owners; of all rows that changed.
  [[nodiscard]] Rows exchange(const Rows& current);
  [[nodiscard]] Rows combined(const std::vector<std::vector<std::byte>>& from) const;

  const Communicator& leaders_;
  Embeddings table_;
  States states_;
  std::size_t record_;
  std::vector<float> base_;  // [rows x record] as of the last merge, the same on all nodes
  bool taken_ = false;
  Rows sent_;      // what has changed until take()
  Rows received_;  // what all nodes have changed until then
  std::jthread sender_;
  std::int64_t bytes_sent_ = 0;
};

}  // namespace mrec
