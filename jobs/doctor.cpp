// this machine, or those that mpirun or srun start ranks on -> what is wrong with it
//   mpirun -np 2 mrec-doctor --dir run
#include <iostream>

#include "jobs/job.h"
#include "parallel/doctor.h"

namespace {

using namespace mrec;

struct Options {
  std::string dir = ".";
  bool json = false;

  Fields fields() {
    return {{.name = "dir", .value = &dir, .help = "where datasets and models are to lie"},
            {.name = "json", .value = &json, .help = "the findings as JSON"}};
  }
};

void doctor(const Communicator& world, const Options& options) {
  const std::vector<report::Finding> findings = examine(world, options.dir);
  std::cout << (options.json ? report::to_json(findings) : report::to_text(findings)) << std::flush;
  const auto faults = static_cast<int>(report::count(findings, report::Finding::Verdict::kFault));
  if (world.max(faults) > 0) {
    throw Verdict(1, "there are faults; the lines with -> say what to do");
  }
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  return run_job(argc, argv,
                 {.name = "mrec-doctor",
                  .summary = "checks MPI, processor, disk, HDF5 and Slurm, on all machines that "
                             "ranks were started on, and says what to do.\n"
                             "Exit status 1 when something keeps the jobs from running.",
                  .example = "mpirun -np 2 mrec-doctor"},
                 options.fields(), [&](const Communicator& world) { doctor(world, options); });
}
