#pragma once

#include <functional>

#include "base/cli.h"
#include "parallel/communicator.h"

namespace mrec {

// The frame of every batch job: reads the options, starts MPI, runs `body` on all ranks, turns
// exceptions into one line on stderr and the exit status: 0 fine, 1 failed, 2 bad input or usage.
//
// Started by mpirun or srun, a job's first line on stderr says how many ranks on how many nodes
// there really are. std::cout is its report and speaks on the root only. An exception that not all
// ranks share (see Communicator::agree) ends the job by MPI_Abort, so that no rank is left waiting.
int run_job(int argc, char** argv, const Program& program, const Fields& fields,
            const std::function<void(const Communicator& world)>& body);

}  // namespace mrec
