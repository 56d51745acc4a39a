#include "serve/static_files.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "base/error.h"
#include "base/sha256.h"
#include "serve/compress.h"

namespace mrec::http {
namespace {

std::string type_of(const std::filesystem::path& path) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kTypes = {{
      {".css", "text/css; charset=utf-8"},
      {".html", "text/html; charset=utf-8"},
      {".ico", "image/x-icon"},
      {".jpg", "image/jpeg"},
      {".js", "text/javascript; charset=utf-8"},
      {".json", "application/json"},
      {".mjs", "text/javascript; charset=utf-8"},
      {".png", "image/png"},
      {".svg", "image/svg+xml"},
      {".txt", "text/plain; charset=utf-8"},
      {".webmanifest", "application/manifest+json"},
      {".woff2", "font/woff2"},
  }};
  const std::string extension = path.extension();
  for (const auto& [known, type] : kTypes) {
    if (extension == known) return std::string(type);
  }
  return "application/octet-stream";
}

}  // namespace

StaticFiles::StaticFiles(const std::string& directory) {
  namespace fs = std::filesystem;
  constexpr int kSmallest = 9;
  constexpr std::size_t kSumDigits = 20;
  std::error_code error;
  if (!fs::is_directory(directory, error)) return;
  try {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(directory)) {
      const std::string name = fs::relative(entry.path(), directory).generic_string();
      if (!entry.is_regular_file() || name.starts_with('.') ||
          name.find("/.") != std::string::npos) {
        continue;
      }
      std::ifstream in(entry.path(), std::ios::binary);
      File file{.content = {std::istreambuf_iterator<char>(in), {}}, .type = type_of(entry.path())};
      if (!in) throw InputError("web directory: " + entry.path().string() + ": cannot be read");
      file.etag = "W/\"" + sha256(file.content).substr(0, kSumDigits) + '"';
      file.gzip = gzipped(file.content, kSmallest);
      if (file.gzip.size() * 10 > file.content.size() * 9) file.gzip.clear();
      files_.emplace(name, std::move(file));
    }
  } catch (const fs::filesystem_error& failure) {
    throw InputError(std::string("web directory: ") + failure.what());
  }
}

const StaticFiles::File* StaticFiles::find(std::string_view name) const {
  const auto found = files_.find(name);
  return found == files_.end() ? nullptr : &found->second;
}

}  // namespace mrec::http
