#pragma once

#include <string>
#include <vector>

#include "parallel/communicator.h"

namespace mrec {

// How the ranks of a job lie on machines.
struct Layout {
  int num_ranks = 1;
  int num_nodes = 1;  // that share memory
  int ranks_of_node = 1;
  int cores_of_node = 1;     // that its ranks may use together
  bool share_cores = false;  // on some node there are more ranks than that

  // "4 ranks x 1 thread on 2 nodes"
  [[nodiscard]] std::string to_text() const;
};

// Collective. `ranks_of_node` and `cores_of_node` are those of this rank's node.
Layout layout_of(const Communicator& world);

// The processors that this process may run on.
std::vector<int> own_cores();

}  // namespace mrec
