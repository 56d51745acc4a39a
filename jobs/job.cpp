#include "jobs/job.h"

#include <cstdlib>
#include <iostream>
#include <string>

namespace mrec {
namespace {

// Whether this process is the one that speaks before MPI has started: mpirun and srun number their
// processes in these variables.
bool speaks_before_mpi() {
  for (const char* name : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"}) {
    if (const char* rank = std::getenv(name)) return std::string(rank) == "0";
  }
  return true;
}

void tell(const Program& program, const Failure& failure) {
  std::cerr << program.name + ": " + failure.message + "\n" << std::flush;
}

}  // namespace

int run_job(int argc, char** argv, const Program& program, const Fields& fields,
            const std::function<void(const Communicator& world)>& body) {
  // Options are the same on all ranks, so all ranks come to the same verdict without MPI.
  if (!speaks_before_mpi()) std::cout.setstate(std::ios::failbit);
  try {
    if (!parse_cli(argc, argv, program, fields)) return 0;
  } catch (...) {
    const Failure failure = current_failure();
    if (speaks_before_mpi()) tell(program, failure);
    return failure.status;
  }

  try {
    const MpiSession session;
    const Communicator world = Communicator::world();
    if (world.is_root()) std::cout.clear();
    if (!world.is_root()) std::cout.setstate(std::ios::failbit);
    try {
      body(world);
    } catch (const Verdict& verdict) {
      if (world.is_root()) tell(program, {verdict.status(), verdict.what()});
      world.barrier();  // the message is out before mpirun sees the first rank end
      return verdict.status();
    } catch (...) {
      Failure failure = current_failure();
      if (world.size() > 1) {
        failure.message = "rank " + std::to_string(world.rank()) + ": " + failure.message;
      }
      tell(program, failure);
      MPI_Abort(world.get(), failure.status);
    }
    return 0;
  } catch (...) {
    const Failure failure = current_failure();
    tell(program, failure);
    return failure.status;
  }
}

}  // namespace mrec
