#pragma once

#include <map>
#include <string>
#include <string_view>

#include "serve/http.h"

namespace mrec::http {

// The files of a directory, read once: a request can only find what was there, so no path leads
// anywhere else.
class StaticFiles {
 public:
  struct File {
    std::string content;
    std::string gzip;  // "" where it does not pay
    std::string type;
    std::string etag;  // weak: of both variants
  };

  // Nothing when `directory` is not there. Throws InputError when it cannot be read.
  explicit StaticFiles(const std::string& directory);

  [[nodiscard]] bool empty() const { return files_.empty(); }
  // `name` as "views/map.js"; nothing for an unknown one.
  [[nodiscard]] const File* find(std::string_view name) const;

 private:
  std::map<std::string, File, std::less<>> files_;
};

}  // namespace mrec::http
