#include "base/output_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/error.h"

namespace mrec {
namespace {

// Flushes what the system still holds of a file or directory.
void sync_to_disk(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw Error(path + ": cannot be opened: " + std::strerror(errno));
  const int result = fsync(descriptor);
  const int error = errno;
  close(descriptor);
  // Some file systems cannot sync a directory: not our failure.
  if (result != 0 && error != EINVAL) throw Error(path + ": " + std::strerror(error));
}

// What is renamed to `path` takes its place, whatever it is: also a directory with all that is in
// it, or /dev/null.
void require_file(const std::string& path) {
  if (path.empty()) throw InputError("the name of a file to write is empty");
  std::error_code none;
  const auto status = std::filesystem::status(path, none);
  if (std::filesystem::is_directory(status)) {
    throw InputError(path + ": is a directory; expected the name of a file to write");
  }
  const bool is_device = std::filesystem::path(path).parent_path() == "/dev";
  if (is_device || (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))) {
    throw InputError(path +
                     ": is a device or the like; a file appears whole or not at all, which "
                     "only a directory of files can do: name a file there");
  }
}

}  // namespace

OutputFile::OutputFile(std::string path) : path_(std::move(path)) {
  require_file(path_);
  stream_.open(path_ + ".part", std::ios::binary | std::ios::trunc);
  if (!stream_) {
    throw InputError(path_ + ": cannot be written: " + std::strerror(errno) +
                     "; does the directory exist?");
  }
}

OutputFile::~OutputFile() {
  if (committed_) return;
  stream_.close();
  std::error_code ignored;
  std::filesystem::remove(path_ + ".part", ignored);
}

void OutputFile::commit(const std::string& previous) {
  stream_.close();
  if (!stream_) throw Error(path_ + ": could not be written whole: is the disk full?");
  publish(path_ + ".part", path_, previous);
  committed_ = true;
}

void require_writable(const std::string& path) { const OutputFile attempt(path); }

bool is_same_file(const std::string& one, const std::string& other) {
  std::error_code none;
  if (std::filesystem::equivalent(one, other, none)) return true;
  const auto place = std::filesystem::weakly_canonical(one, none);
  return !place.empty() && place == std::filesystem::weakly_canonical(other, none);
}

void publish(const std::string& part, const std::string& path, const std::string& previous) {
  sync_to_disk(part);
  if (!previous.empty() && std::rename(path.c_str(), previous.c_str()) != 0 && errno != ENOENT) {
    throw Error(previous + ": cannot be replaced: " + std::strerror(errno));
  }
  if (std::rename(part.c_str(), path.c_str()) != 0) {
    throw Error(path + ": cannot be replaced: " + std::strerror(errno));
  }
  const std::filesystem::path directory = std::filesystem::path(path).parent_path();
  sync_to_disk(directory.empty() ? "." : directory.string());
}

}  // namespace mrec
