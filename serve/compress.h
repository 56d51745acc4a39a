#pragma once

#include <string>
#include <string_view>

// The only zlib code.
namespace mrec::http {

// gzip; `level` 1 (fast) to 9 (small).
std::string gzipped(std::string_view bytes, int level);

}  // namespace mrec::http
