#include "parallel/doctor.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <system_error>

#include "base/hdf5.h"
#include "base/hdf5_version.h"
#include "base/output_file.h"
#include "base/text.h"
#include "model/kernel.h"
#include "parallel/layout.h"

namespace mrec {
namespace {

using report::Finding;
using enum Finding::Verdict;
namespace fs = std::filesystem;

constexpr double kMiB = 1 << 20;
constexpr double kGiB = kMiB * 1024;

bool is_set(const char* variable) { return std::getenv(variable) != nullptr; }

std::string counted(std::size_t number, const std::string& thing) {
  return std::to_string(number) + " " + thing + (number == 1 ? "" : "s");
}

std::string size_text(double bytes) {
  return bytes < kGiB ? fixed(bytes / kMiB, 0) + " MiB" : fixed(bytes / kGiB, 1) + " GiB";
}

// Free bytes of a file system; less than 0 when there is none.
double free_bytes(const std::string& path) {
  struct statvfs disk {};
  if (statvfs(path.c_str(), &disk) != 0) return -1;
  return static_cast<double>(disk.f_bavail) * static_cast<double>(disk.f_frsize);
}

// The value behind `name:` in a file of /proc.
std::string proc_value(const std::string& path, const std::string& name) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(':');
    if (!line.starts_with(name) || colon == std::string::npos) continue;
    const std::size_t first = line.find_first_not_of(" \t", colon + 1);
    return first == std::string::npos ? "" : line.substr(first);
  }
  return "";
}

// What a rank sees of its own machine.
struct Place {
  std::string node;
  std::string cores;  // "0 1 2"
  double shared_memory = 0;
  std::string kernel;
  bool sees_file = false;
};

// Collective: everybody's, on the root.
std::vector<Place> places(const Communicator& world, const std::string& file) {
  std::array<char, MPI_MAX_PROCESSOR_NAME> name{};
  int length = 0;
  MPI_Get_processor_name(name.data(), &length);
  std::error_code unseen;  // a directory that this rank may not enter, say
  std::ostringstream own;
  own << name.data() << '\t';
  for (const int core : own_cores()) own << core << ' ';
  own << '\t' << free_bytes("/dev/shm") << '\t' << best_level().name << '\t'
      << (fs::exists(file, unseen) ? 1 : 0) << '\n';
  std::istringstream all(world.gather(own.str()));
  std::vector<Place> found;
  for (std::string line; std::getline(all, line);) {
    std::istringstream fields(line);
    std::array<std::string, 5> texts;
    for (std::string& text : texts) std::getline(fields, text, '\t');
    found.push_back({texts[0], texts[1], std::stod(texts[2]), texts[3], texts[4] == "1"});
  }
  return found;
}

Finding mpi_library() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int length = 0;
  MPI_Get_library_version(text.data(), &length);
  std::string name(text.data());
  name.resize(std::min(name.find_first_of(",\n"), name.size()));
  int provided = 0;
  MPI_Query_thread(&provided);
  const bool is_enough = provided >= MPI_THREAD_SERIALIZED;
  return {.subject = "MPI",
          .verdict = is_enough ? kOk : kFault,
          .found = name + ", " +
                   (provided == MPI_THREAD_MULTIPLE     ? "any thread may call it"
                    : provided == MPI_THREAD_SERIALIZED ? "one thread at a time may call it"
                                                        : "only one thread may call it"),
          .advice = is_enough ? "" : "take an MPI that was built with thread support"};
}

Finding ranks(const Layout& layout) {
  Finding finding{.subject = "ranks", .found = layout.to_text()};
  if (layout.share_cores && !is_set("OMPI_MCA_mpi_yield_when_idle")) {
    finding.verdict = kWarning;
    finding.advice =
        "start fewer ranks, or export OMPI_MCA_mpi_yield_when_idle=1: ranks that wait "
        "take the cores of those that work";
  } else if (layout.share_cores) {
    finding.verdict = kWarning;
    finding.advice = "start fewer ranks: more than cores make nothing faster";
  }
  return finding;
}

Finding binding(const std::vector<Place>& all) {
  std::map<std::string, std::map<std::string, int>> ranks_on;  // of a node, on a set of cores
  for (const Place& place : all) ++ranks_on[place.node][place.cores];
  Finding finding{.subject = "binding"};
  for (const auto& [node, sets] : ranks_on) {
    for (const auto& [cores, count] : sets) {
      std::istringstream words(cores);
      int first = 0;
      int next = 0;
      words >> first;
      const bool is_single = !(words >> next);
      if (is_single && count > 1) {
        finding.verdict = kFault;
        finding.found = counted(static_cast<std::size_t>(count), "rank") + " on core " +
                        std::to_string(first) + " of " + node;
        finding.advice = "mpirun --bind-to none, or fewer ranks: they take turns on one core";
        return finding;
      }
      if (is_single && all.size() > 1) {
        finding.found = "a core for each rank";
        finding.advice = "another mpirun on this machine takes the same cores: --bind-to none";
      }
    }
  }
  if (finding.found.empty()) finding.found = "ranks move freely among the cores they may use";
  return finding;
}

Finding shared_memory(const std::vector<Place>& all) {
  const Place& least = *std::ranges::min_element(all, {}, &Place::shared_memory);
  Finding finding{.subject = "shared memory"};
  if (least.shared_memory < 0) {
    finding.verdict = kFault;
    finding.found = "there is no /dev/shm on " + least.node;
    finding.advice = "mount -t tmpfs tmpfs /dev/shm, or set OMPI_MCA_osc_sm_backing_directory";
    return finding;
  }
  finding.found = size_text(least.shared_memory) + " free in /dev/shm";
  if (all.size() > 1) finding.found += " of " + least.node;
  if (least.shared_memory < 256 * kMiB) {
    finding.verdict = kWarning;
    finding.advice =
        "training keeps 4 (dim + 3) bytes of every artist there; make it larger (mount "
        "-o remount,size=... /dev/shm; docker --shm-size) or set "
        "OMPI_MCA_osc_sm_backing_directory to a directory with room";
  }
  return finding;
}

Finding root_user() {
  Finding finding{.subject = "user", .found = geteuid() == 0 ? "root" : "not root"};
  if (geteuid() == 0 &&
      !(is_set("OMPI_ALLOW_RUN_AS_ROOT") && is_set("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"))) {
    finding.verdict = kWarning;
    finding.advice =
        "mpirun refuses root; export OMPI_ALLOW_RUN_AS_ROOT=1 "
        "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1, or be someone else";
  }
  return finding;
}

Finding lost_hosts() {
  Finding finding{.subject = "lost hosts", .found = "are noticed within seconds"};
  if (is_set("OMPI_COMM_WORLD_RANK") && !is_set("OMPI_MCA_oob_tcp_keepalive_time")) {
    finding.verdict = kWarning;
    finding.found = "are noticed after minutes, or never";
    finding.advice =
        "export OMPI_MCA_oob_tcp_keepalive_time=3 OMPI_MCA_oob_tcp_keepalive_intvl=1 "
        "OMPI_MCA_oob_tcp_keepalive_probes=3, as slurm/env.sh does";
  }
  return finding;
}

// A file of its own that is gone with it.
class Probe {
 public:
  Probe(const std::string& directory, const std::string& name)
      : path_(
            (fs::path(directory) / (".mrec-doctor-" + std::to_string(getpid()) + name)).string()) {}
  ~Probe() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Finding free_space(const std::string& directory) {
  const double bytes = free_bytes(directory);
  Finding finding{.subject = "free space", .found = size_text(bytes) + " in " + directory};
  if (bytes < 64 * kMiB) {
    finding.verdict = kFault;
    finding.advice = "make room: models and checkpoints are written beside the old ones";
  } else if (bytes < kGiB) {
    finding.verdict = kWarning;
    finding.advice = "a checkpoint takes 4 (dim + 3) bytes per user and artist, three times";
  }
  return finding;
}

// Writing, syncing and renaming, as files come into being here.
Finding durable_files(const std::string& directory) {
  Finding finding{.subject = "files"};
  const Probe probe(directory, ".txt");
  try {
    const auto begin = std::chrono::steady_clock::now();
    for (const char* text : {"old", "new"}) {
      OutputFile file(probe.path());
      file.stream() << text;
      file.commit();
    }
    const std::chrono::duration<double, std::milli> each =
        (std::chrono::steady_clock::now() - begin) / 2;
    std::string content;
    std::ifstream(probe.path()) >> content;
    if (content != "new") throw Error(probe.path() + ": rename does not replace a file");
    finding.found = "written, synced and renamed in " + fixed(each.count(), 1) + " ms";
    if (each.count() > 1000) {
      finding.verdict = kWarning;
      finding.advice = "the disk is slow or busy; fewer checkpoints: --checkpoint-every";
    }
  } catch (const Error& error) {
    finding.verdict = kFault;
    finding.found = error.what();
    finding.advice = "take a directory that you may write to: --dir";
  }
  return finding;
}

Finding hdf5_file(const std::string& directory) {
  Finding finding{.subject = "HDF5", .found = h5::library_version()};
  const Probe probe(directory, ".h5");
  try {
    const std::vector<float> values{1, 2, 3};
    {
      h5::Writer file(probe.path(), "mrec-doctor", 1);
      file.floats("values", values);
      file.commit();
    }
    const h5::Reader file(probe.path(), "mrec-doctor", 1);
    if (file.floats("values") != values) throw Error("a file does not read back as written");
    finding.found += ", a file reads back as written";
  } catch (const Error& error) {
    finding.verdict = kFault;
    finding.found += ": " + std::string(error.what());
    finding.advice = "see locks and files";
  }
  return finding;
}

Finding locks(const std::string& directory) {
  Finding finding{.subject = "locks"};
  const Probe probe(directory, ".lock");
  const int first = open(probe.path().c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  const int second = open(probe.path().c_str(), O_RDWR | O_CLOEXEC);
  const int taken = flock(first, LOCK_EX | LOCK_NB);
  const int error = errno;
  const bool excludes = taken == 0 && flock(second, LOCK_EX | LOCK_NB) != 0;
  if (first >= 0) close(first);
  if (second >= 0) close(second);
  const char* use = std::getenv("HDF5_USE_FILE_LOCKING");
  const bool is_off = use != nullptr && std::string(use) == "FALSE";
  if (taken != 0) {
    finding.verdict = is_off ? kOk : kFault;
    finding.found = std::string("this file system has none: ") + std::strerror(error);
    finding.advice = is_off ? ""
                            : "export HDF5_USE_FILE_LOCKING=FALSE; files are renamed, so that "
                              "nobody reads half of one";
  } else if (!excludes) {
    finding.verdict = kWarning;
    finding.found = "two processes get the same lock";
    finding.advice = "do not write one file from two jobs at once";
  } else {
    finding.found = "keep others out";
  }
  return finding;
}

Finding shared_directory(const std::vector<Place>& all, const std::string& directory) {
  const auto blind = std::ranges::find(all, false, &Place::sees_file);
  Finding finding{.subject = "shared files", .found = "all ranks see " + directory};
  if (blind != all.end()) {
    finding.verdict = kFault;
    finding.found =
        "a rank on " + blind->node + " does not see what the root writes to " + directory;
    finding.advice = "every rank reads dataset.h5: put it onto a file system of all nodes";
  }
  return finding;
}

Finding processor(const std::vector<Place>& all) {
  Finding finding{.subject = "processor",
                  .found = proc_value("/proc/cpuinfo", "model name") + ", " +
                           fixed(static_cast<double>(sysconf(_SC_NPROCESSORS_ONLN)), 0) +
                           " online, kernel " + all.front().kernel};
  const auto other = std::ranges::find_if(
      all, [&](const Place& place) { return place.kernel != all.front().kernel; });
  if (other != all.end()) {
    finding.verdict = kWarning;
    finding.found += "; " + other->node + " has " + other->kernel;
    finding.advice = "ranks wait for the slowest: ask Slurm for nodes of one kind (--constraint)";
  } else if (all.front().kernel == kernel_levels().front().name && kernel_levels().size() > 1) {
    finding.verdict = kWarning;
    finding.advice = "it has no AVX2: training takes two to four times as long as elsewhere";
  }
  return finding;
}

Finding memory() {
  std::istringstream text(proc_value("/proc/meminfo", "MemAvailable"));
  double kib = 0;
  text >> kib;
  Finding finding{.subject = "memory", .found = size_text(kib * 1024) + " available"};
  if (kib * 1024 < kGiB) {
    finding.verdict = kWarning;
    finding.advice = "end what you do not need, or ask Slurm for more (--mem)";
  }
  return finding;
}

// The output of a command, and whether it ended well.
struct Told {
  bool well = false;
  std::string text;
};

Told told_by(const std::string& command) {
  std::FILE* pipe = popen(("{ " + command + "; } 2>/dev/null").c_str(), "r");
  if (pipe == nullptr) return {};
  Told told;
  std::array<char, 256> buffer{};
  while (std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) told.text += buffer.data();
  told.well = pclose(pipe) == 0;
  return told;
}

Finding slurm() {
  Finding finding{.subject = "Slurm"};
  if (const char* job = std::getenv("SLURM_JOB_ID")) {
    const auto value = [](const char* name) {
      const char* text = std::getenv(name);
      return std::string(text == nullptr ? "?" : text);
    };
    finding.found = "in job " + std::string(job) + " on " + value("SLURM_JOB_NODELIST") + ", " +
                    value("SLURM_NTASKS") + " tasks";
    return finding;
  }
  if (!told_by("command -v sbatch").well) {
    finding.found = "is not on this machine; mrec-submit has nothing to submit to";
    return finding;
  }
  const Told partitions = told_by("timeout 10 sinfo -h -o '%R %a %l %D'");
  if (!partitions.well) {
    finding.verdict = kWarning;
    finding.found = "sbatch is here, but slurmctld does not answer";
    finding.advice = "only mrec-submit needs it; scontrol ping: is this a login node?";
    return finding;
  }
  std::istringstream lines(partitions.text);
  std::string name;
  std::string state;
  std::string limit;
  std::string nodes;
  while (lines >> name >> state >> limit >> nodes) {
    finding.found += (finding.found.empty() ? "partitions " : ", ") + name + " (" + state +
                     ", limit " + limit + ", nodes " + nodes + ")";
  }
  if (told_by("timeout 10 srun --mpi=list 2>&1").text.find("pmix") == std::string::npos) {
    finding.verdict = kWarning;
    finding.advice =
        "srun has no pmix, by which slurm/*.sbatch start ranks: change launch() in "
        "slurm/env.sh to mpirun";
  }
  return finding;
}

}  // namespace

std::vector<Finding> examine(const Communicator& world, const std::string& directory) {
  const Layout layout = layout_of(world);
  const std::string shared = world.broadcast((fs::path(directory) / ".mrec-doctor-").string() +
                                             std::to_string(getpid()) + ".seen");
  if (world.is_root()) std::ofstream(shared) << "seen";
  world.barrier();
  const std::vector<Place> all = places(world, shared);
  std::error_code ignored;
  if (world.is_root()) fs::remove(shared, ignored);
  if (!world.is_root()) return {};

  std::vector<Finding> findings{mpi_library(), ranks(layout), binding(all), shared_memory(all),
                                root_user()};
  if (layout.num_nodes > 1) findings.push_back(lost_hosts());
  findings.push_back(processor(all));
  findings.push_back(memory());
  findings.push_back(durable_files(directory));
  if (findings.back().verdict != kFault) {
    findings.push_back(free_space(directory));
    findings.push_back(locks(directory));
    findings.push_back(hdf5_file(directory));
    if (layout.num_nodes > 1) findings.push_back(shared_directory(all, directory));
  }
  findings.push_back(slurm());
  return findings;
}

}  // namespace mrec
