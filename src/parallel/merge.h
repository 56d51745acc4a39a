#pragma once

#include <vector>

#include "model/embeddings.h"
#include "parallel/communicator.h"

namespace mrec {

// Keeps the nodes' copies of a table together. Each node trains on its own copy; a merge brings in
// what all of them have changed since the last one:
//
//   value := base + sum of the nodes' changes / sqrt(number of nodes that changed the row)
//   state := base + sum of the nodes' changes
//
// Adagrad steps shrink as 1 / sqrt(state), and a node has seen only its own part of the state, so P
// changes of one row add up to about sqrt(P) times too much; a row that one node changed keeps its
// whole step. (docs/design.md, "Merging nodes"; the plain mean and the plain sum both lose NDCG.)
class Merge {
 public:
  // Collective over `leaders`, one rank of every node, whose tables are equal at this time.
  Merge(const Communicator& leaders, const Embeddings& table);

  // Collective over `leaders`: afterwards the tables are equal again, bit for bit.
  void operator()();

  // The table was changed outside of training, in the same way on every node.
  void accept();

 private:
  const Communicator& leaders_;
  Embeddings table_;
  std::vector<float> base_values_;
  std::vector<float> base_states_;
};

}  // namespace mrec
