#pragma once

#include <chrono>
#include <string>

namespace mrec {

// The lock that Optuna takes to append to a journal: a link `path`.lock, which only one process can
// make. Waits for it; takes it over when its owner died on this machine, or when nobody has renewed
// it for `patience`, for then its owner is gone. Throws Error when it cannot be made at all.
class FileLock {
 public:
  explicit FileLock(const std::string& path,
                    std::chrono::milliseconds patience = std::chrono::seconds(30));
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  std::string lock_;
};

// "mrec-", the machine and the process.
std::string process_name();

}  // namespace mrec
