#include "jobs/job.h"

#include <malloc.h>

#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>

#include "base/error.h"
#include "parallel/layout.h"

namespace mrec {
namespace {

// The number that mpirun or srun gave this process, before MPI has started.
std::optional<std::string> launched_rank() {
  for (const char* name : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"}) {
    if (const char* rank = std::getenv(name)) return rank;
  }
  return std::nullopt;
}

void tell(const Program& program, const JobFailure& failure) {
  std::cerr << program.name + ": " + failure.message + "\n" << std::flush;
}

// What was printed may be what somebody wanted: it must not be lost unseen.
void require_told() {
  std::cout.flush();
  if (!std::cout) throw Error("stdout could not be written whole: is the disk full?");
}

}  // namespace

int run_job(int argc, char** argv, const Program& program, const Fields& fields,
            const std::function<void(const Communicator& world)>& body) {
#ifdef M_MMAP_THRESHOLD
  // Large arrays go back to the system when they are freed. glibc otherwise raises the limit with
  // every one of them until it keeps all (a third of the peak of mrec-train).
  constexpr int kLarge = 1 << 18;
  mallopt(M_MMAP_THRESHOLD, kLarge);
#endif
  // Options are the same on all ranks, so all ranks come to the same verdict without MPI.
  const std::optional<std::string> rank = launched_rank();
  const bool speaks = !rank || *rank == "0";
  if (!speaks) std::cout.setstate(std::ios::failbit);
  try {
    if (!parse_cli(argc, argv, program, fields)) {
      if (speaks) require_told();
      return 0;
    }
  } catch (...) {
    const JobFailure failure = current_failure();
    if (speaks) tell(program, failure);
    if (rank) {
      // The first rank to end with an error has the others killed: the message must be out before.
      const MpiSession session;
      Communicator::world().barrier();
    }
    return failure.status;
  }

  try {
    const MpiSession session;
    const Communicator world = Communicator::world();
    if (world.is_root()) std::cout.clear();
    if (!world.is_root()) std::cout.setstate(std::ios::failbit);
    if (rank) {
      const std::string layout = layout_of(world).to_text();
      if (world.is_root()) std::cerr << layout + "\n";
    }
    try {
      body(world);
      if (world.is_root()) require_told();
    } catch (const Verdict& verdict) {
      if (world.is_root()) tell(program, {verdict.status(), verdict.what()});
      world.barrier();  // the message is out before mpirun sees the first rank end
      return verdict.status();
    } catch (...) {
      JobFailure failure = current_failure();
      if (world.size() > 1) {
        failure.message = "rank " + std::to_string(world.rank()) + ": " + failure.message;
      }
      tell(program, failure);
      MPI_Abort(world.get(), failure.status);
    }
    return 0;
  } catch (...) {
    const JobFailure failure = current_failure();
    tell(program, failure);
    return failure.status;
  }
}

}  // namespace mrec
