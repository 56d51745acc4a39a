#include "serve/live_model.h"

#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <utility>
#include <vector>

#include "base/error.h"
#include "model/recommend.h"

namespace mrec {
namespace {

// What a sound file may still hide: a model that recommends nothing, or no numbers.
void check_recommends(const Artifact& model, const std::string& path) {
  const auto refuse = [&](const std::string& why) {
    throw InputError("model " + path + ": " + why + "; train it again");
  };
  std::vector<Rating> ratings;
  std::vector<int> rated;
  for (const SurveyArtist& asked : model.survey) {
    ratings.push_back({.artist = asked.artist,
                       .weight = rank_weight(std::min(10, static_cast<int>(rated.size()) + 1))});
    rated.push_back(asked.artist);
  }
  if (ratings.empty()) refuse("asks new users for no artist");
  for (const RowVector& user : {fold_in(model, ratings), fold_in_mean(model, ratings)}) {
    std::vector<float> scores(static_cast<std::size_t>(model.num_artists()));
    score_artists(model, user, scores);
    if (!std::ranges::all_of(scores, [](float score) { return std::isfinite(score); })) {
      refuse("scores artists by no finite numbers");
    }
    if (model.num_artists() > static_cast<int>(rated.size()) && top_k(scores, rated, 1).empty()) {
      refuse("recommends nothing to a new user");
    }
  }
}

// Tells one state of a file from the next; "" when there is none.
std::string state_of(const std::string& path) {
  struct stat file {};
  if (stat(path.c_str(), &file) != 0) return "";
  std::string state = std::to_string(file.st_dev) + " " + std::to_string(file.st_ino);
  for (const timespec& time : {file.st_mtim, file.st_ctim}) {
    state += " " + std::to_string(time.tv_sec) + "." + std::to_string(time.tv_nsec);
  }
  return state + " " + std::to_string(file.st_size);
}

std::shared_ptr<const ServedModel> served(Artifact model, const std::string& path,
                                          const ServingOptions& options) {
  constexpr std::size_t kIdSize = 12;
  check_recommends(model, path);
  std::string id = model.sha256.substr(0, kIdSize);
  auto served = std::make_shared<const ServedModel>(std::move(model), std::move(id), options);
  if (!options.evaluation.empty() && served->reports.evaluation.empty()) {
    std::cerr << "mrec-serve: " + options.evaluation + " is not of model " + served->id +
                     " and so not shown; evaluate that one\n";
  }
  return served;
}

// Gives memory back that only loading needed: the allocator's, and pages of code (of HDF5, above
// all), which come again from their files when they are called.
void release_memory() {
  malloc_trim(0);
  const auto release = [](dl_phdr_info* library, std::size_t, void*) {
    for (int i = 0; i < library->dlpi_phnum; ++i) {
      const auto& segment = library->dlpi_phdr[i];
      // What is never writable was never changed, by relocations neither.
      if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
      const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
      const std::uintptr_t begin = (library->dlpi_addr + segment.p_vaddr) / page * page;
      const std::uintptr_t end = library->dlpi_addr + segment.p_vaddr + segment.p_memsz;
      madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
    }
    return 0;
  };
  dl_iterate_phdr(release, nullptr);
}

// A copy of a file that nobody else writes to; gone with this.
class PrivateCopy {
 public:
  // Throws InputError.
  explicit PrivateCopy(const std::string& path)
      : path_(std::filesystem::temp_directory_path() / "mrec-model-XXXXXX") {
    const int copy = mkostemp(path_.data(), O_CLOEXEC);
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    ssize_t copied = copy < 0 || file < 0 ? -1 : 1;
    constexpr std::size_t kAtOnce = std::size_t{1} << 24;
    while (copied > 0) copied = sendfile(copy, file, nullptr, kAtOnce);
    const std::string reason = std::strerror(errno);
    if (file >= 0) close(file);
    if (copy >= 0) close(copy);
    if (copied < 0) {
      if (copy >= 0) unlink(path_.c_str());
      throw InputError(path + ": cannot be copied to " + path_ + ": " + reason);
    }
  }
  ~PrivateCopy() { unlink(path_.c_str()); }
  PrivateCopy(const PrivateCopy&) = delete;
  PrivateCopy& operator=(const PrivateCopy&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// The file may be overwritten while it is read, and HDF5 may crash on what comes of that.
Artifact load_aside(const std::string& path) {
  const PrivateCopy copy(path);
  try {
    return Artifact::load(copy.path());
  } catch (const InputError& error) {
    std::string text = error.what();
    if (text.starts_with(copy.path())) text.replace(0, copy.path().size(), path);
    throw InputError(text);
  }
}

}  // namespace

LiveModel::LiveModel(std::string path, ServingOptions options)
    : path_(std::move(path)),
      options_(std::move(options)),
      tried_(state_of_files()),
      current_(served(Artifact::load(path_), path_, options_)) {
  release_memory();
}

LiveModel::Reload LiveModel::reload() {
  const std::lock_guard one_at_a_time(loading_);
  {
    const std::lock_guard lock(mutex_);
    tried_ = state_of_files();  // before it is read: a later change is seen as one
  }
  try {
    std::shared_ptr<const ServedModel> model = served(load_aside(path_), path_, options_);
    Reload done{.id = model->id, .previous = current()->id};
    {
      const std::lock_guard lock(mutex_);
      current_.swap(model);
    }
    model.reset();  // unless a request still works with it
    release_memory();
    const std::lock_guard lock(mutex_);
    ++counts_.reloads;
    counts_.last_failure.clear();
    return done;
  } catch (const std::exception& error) {
    const std::lock_guard lock(mutex_);
    ++counts_.failed_reloads;
    counts_.last_failure = error.what();
    throw;
  }
}

std::shared_ptr<const ServedModel> LiveModel::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

std::string LiveModel::state_of_files() const {
  return state_of(path_) + state_of(options_.dataset) + state_of(options_.evaluation) +
         state_of(options_.study);
}

std::string LiveModel::changed_files() const {
  std::string now = state_of_files();
  const std::lock_guard lock(mutex_);
  return now == tried_ ? "" : now;
}

LiveModel::Counts LiveModel::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

}  // namespace mrec
