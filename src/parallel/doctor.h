#pragma once

#include <string>
#include <vector>

#include "parallel/communicator.h"
#include "report/diagnosis.h"

namespace mrec {

// Collective: whether this machine, or all that the ranks run on, can do what the jobs want: MPI,
// HDF5, the disk of `directory`, processor and Slurm. On the root only; empty elsewhere. Leaves
// nothing behind.
std::vector<report::Finding> examine(const Communicator& world, const std::string& directory);

}  // namespace mrec
