#pragma once

#include <fstream>
#include <string>

namespace mrec {

// A text file that appears whole or not at all: written to `path`.part, synced and renamed by
// commit(); without it the destructor removes the part.
class OutputFile {
 public:
  // Throws InputError as require_writable() does.
  explicit OutputFile(std::string path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  std::ostream& stream() { return stream_; }

  // What was at `path` becomes `previous`, where one is named. Throws Error when not everything
  // could be written, say on a full disk.
  void commit(const std::string& previous = "");

 private:
  std::string path_;
  std::ofstream stream_;
  bool committed_ = false;
};

// Throws InputError when a file could not be made at `path`, or when there is something that is no
// file, say a directory or a device: before long work, not after it.
void require_writable(const std::string& path);

// Whether both are the same file, or would be if they were there.
bool is_same_file(const std::string& one, const std::string& other);

// Flushes `part` to the disk and renames it to `path`, so that after a crash `path` is the old file
// or the new one; or, where `previous` is named, one of the two is the old file. Throws Error.
void publish(const std::string& part, const std::string& path, const std::string& previous = "");

}  // namespace mrec
