#include "tune/file_lock.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <climits>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <thread>
#include <tuple>

#include "base/error.h"

namespace mrec {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxName = 256;

std::string machine() {
  std::array<char, kMaxName> name{};
  gethostname(name.data(), name.size() - 1);
  return "mrec-" + std::string(name.data()) + "-";
}

// What tells a lock from another one of the same name.
using Identity = std::tuple<std::uint64_t, std::int64_t, std::int64_t>;

// {0, 0, 0} when there is no lock.
Identity identity(const std::string& lock) {
  struct stat status {};
  if (lstat(lock.c_str(), &status) != 0) return {};
  return {status.st_ino, status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
}

// Whether the lock was made on this machine by a process that is no more.
bool is_orphan(const std::string& lock) {
  std::array<char, kMaxName> target{};
  const ssize_t length = readlink(lock.c_str(), target.data(), target.size() - 1);
  if (length <= 0) return false;
  const std::string owner(target.data(), static_cast<std::size_t>(length));
  const std::string here = machine();
  if (!owner.starts_with(here)) return false;
  pid_t process = 0;
  std::from_chars(owner.data() + here.size(), owner.data() + owner.size(), process);
  return process > 0 && kill(process, 0) != 0 && errno == ESRCH;
}

// By way of another name, so that only one process can do it.
void remove_lock(const std::string& lock) {
  const std::string aside = lock + process_name() + ".rename";
  if (std::rename(lock.c_str(), aside.c_str()) == 0) unlink(aside.c_str());
}

}  // namespace

std::string process_name() { return machine() + std::to_string(getpid()); }

FileLock::FileLock(const std::string& path, std::chrono::milliseconds patience)
    : lock_(path + ".lock") {
  constexpr std::chrono::milliseconds kFirst(1);
  constexpr std::chrono::milliseconds kLongest(100);
  std::chrono::milliseconds pause = kFirst;
  Identity seen;
  Clock::time_point since = Clock::now();
  while (symlink(process_name().c_str(), lock_.c_str()) != 0) {
    if (errno != EEXIST) {
      throw Error(lock_ + ": the lock cannot be made: " + std::strerror(errno));
    }
    const Identity now = identity(lock_);
    if (now != seen) {
      seen = now;
      since = Clock::now();
    }
    if (is_orphan(lock_) || Clock::now() - since > patience) {
      if (identity(lock_) == now) remove_lock(lock_);
      continue;
    }
    std::this_thread::sleep_for(pause);
    pause = std::min(2 * pause, kLongest);
  }
}

FileLock::~FileLock() { remove_lock(lock_); }

}  // namespace mrec
