#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mrec {

// SHA-256 in hexadecimal.
std::string sha256(std::string_view bytes);
// Of a file's content from byte `first` on. Throws InputError when it cannot be read.
std::string sha256_file(const std::string& path, std::int64_t first = 0);

}  // namespace mrec
