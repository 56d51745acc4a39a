#include "parallel/layout.h"

#include <sched.h>

#include <algorithm>
#include <cstring>

namespace mrec {
namespace {

std::string counted(int number, const std::string& thing) {
  return std::to_string(number) + " " + thing + (number == 1 ? "" : "s");
}

}  // namespace

std::string Layout::to_text() const {
  // Besides it a rank may have a thread that reads ahead or sends: these wait most of the time.
  return counted(num_ranks, "rank") + " x 1 thread on " + counted(num_nodes, "node") +
         (share_cores ? " (more ranks than cores)" : "");
}

std::vector<int> own_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cores;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return cores;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(static_cast<std::size_t>(core), &set)) cores.push_back(core);
  }
  return cores;
}

Layout layout_of(const Communicator& world) {
  const Communicator node = world.split_by_node();
  const std::vector<int> own = own_cores();
  std::vector<std::byte> piece(own.size() * sizeof(int));
  if (!own.empty()) std::memcpy(piece.data(), own.data(), piece.size());
  std::vector<int> cores;
  for (const std::vector<std::byte>& of_rank : node.gather_all(piece)) {
    std::vector<int> theirs(of_rank.size() / sizeof(int));
    if (!theirs.empty()) std::memcpy(theirs.data(), of_rank.data(), of_rank.size());
    cores.insert(cores.end(), theirs.begin(), theirs.end());
  }
  std::ranges::sort(cores);
  cores.erase(std::ranges::unique(cores).begin(), cores.end());
  const auto num_cores = std::max(1, static_cast<int>(cores.size()));
  return {.num_ranks = world.size(),
          .num_nodes = static_cast<int>(world.sum(std::int64_t{node.is_root()})),
          .ranks_of_node = node.size(),
          .cores_of_node = num_cores,
          .share_cores = world.max(node.size() > num_cores ? 1 : 0) != 0};
}

}  // namespace mrec
