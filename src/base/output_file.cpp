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

}  // namespace

OutputFile::OutputFile(std::string path)
    : path_(std::move(path)), stream_(path_ + ".part", std::ios::binary | std::ios::trunc) {
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
