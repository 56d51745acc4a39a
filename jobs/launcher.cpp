// mrec <job> ...: runs mrec-<job>, which lies beside this program.
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "base/cli.h"

namespace {

struct Entry {
  const char* name;
  const char* line;
};

constexpr std::array kPrograms{
    Entry{"match", "links the artist names of Last.fm and Spotify: raw files -> artist_map.tsv"},
    Entry{"prepare", "raw files -> dataset.h5: identities, features, weights and splits"},
    Entry{"explore", "a page about raw files and dataset.h5: distributions, gaps, coverage"},
    Entry{"train", "dataset.h5 -> model.h5, on any number of MPI ranks"},
    Entry{"evaluate", "how good a model is on held-out artists, beside baselines"},
    Entry{"recommend", "lists for a taste given by names, for a user, for all users"},
    Entry{"tune",
          "searches options of train, trials side by side: dataset.h5 -> study.journal, model.h5"},
    Entry{"study", "what a search of options has found: study.journal -> tables, a page, files"},
    Entry{"synthesize", "dataset.h5 of planted tastes, as large as you like, to measure with"},
    Entry{"submit",
          "the jobs above to the queue of Slurm, in chains and arrays; a dry run by default"},
    Entry{"doctor", "checks MPI, disk, processor and Slurm, and says what to do"},
    Entry{"serve", "the REST server: survey, ratings, recommendations"},
};

void print_help(std::ostream& out) {
  out << "mrec " << mrec::version() << " - a musician recommender\n\nUse: mrec JOB [options]\n\n";
  for (const Entry& entry : kPrograms) {
    std::string name = entry.name;
    name.resize(12, ' ');
    out << "  " << name << entry.line << '\n';
  }
  out << "\n`mrec JOB --help` tells the options of a job. `mrec train ...` is the same as\n"
         "`mrec-train ...`; on several ranks: mpirun -np 2 mrec-train ...\n";
}

// Started by mpirun or srun, only the first of the ranks has something to say. No MPI here: the job
// that is run next starts it.
bool speaks() {
  for (const char* variable : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "SLURM_PROCID"}) {
    const char* rank = std::getenv(variable);
    if (rank != nullptr) return std::string(rank) == "0";
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string job = argc > 1 ? argv[1] : "";
  if (job == "help" || job == "--help") {
    if (speaks()) print_help(std::cout);
    return 0;
  }
  if (job == "--version") {
    if (speaks()) std::cout << "mrec " << mrec::version() << '\n';
    return 0;
  }
  bool known = false;
  for (const Entry& entry : kPrograms) known = known || job == entry.name;
  if (!known) {
    if (!speaks()) return 2;
    std::cerr << (job.empty() ? "mrec: which job?\n\n" : "mrec: there is no job '" + job + "'\n\n");
    print_help(std::cerr);
    return 2;
  }

  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::string program = (self.parent_path() / ("mrec-" + job)).string();
  std::vector<char*> arguments(argv + 1, argv + argc);
  std::string name = "mrec-" + job;
  arguments.front() = name.data();
  arguments.push_back(nullptr);
  execv(program.c_str(), arguments.data());
  std::cerr << "mrec: " << program << ": " << std::strerror(errno) << "; was it built?\n";
  return 1;
}
