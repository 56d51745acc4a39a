// model.h5 with any content, under a sum that fits it: without that the reader would look no
// further. Loaded and served, or refused by InputError.
// libFuzzer: tests/fuzz/README.md.

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/sha256.h"
#include "model/artifact.h"
#include "model/recommend.h"

namespace {

constexpr std::size_t kUserBlock = 512;

std::string sealed(std::string_view content) {
  std::string file = std::string(mrec::kModelFormat) + "\nsha256 " + mrec::sha256(content) + "\n";
  file.resize(kUserBlock, '\0');
  return file.append(content);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size <= kUserBlock) return 0;
  static const std::string path = "/dev/shm/mrec-fuzz-" + std::to_string(getpid()) + ".h5";
  static const bool registered = std::atexit([] { std::remove(path.c_str()); }) == 0;
  if (!registered) return 0;
  const std::string file =
      sealed({reinterpret_cast<const char*>(data) + kUserBlock, size - kUserBlock});
  std::FILE* out = std::fopen(path.c_str(), "wb");
  if (out == nullptr || std::fwrite(file.data(), 1, file.size(), out) != file.size()) std::abort();
  std::fclose(out);
  try {
    const mrec::Artifact model = mrec::Artifact::load(path);
    if (model.survey.empty()) return 0;
    const std::vector<mrec::Rating> ratings = {{.artist = model.survey.front().artist}};
    std::vector<float> scores(static_cast<std::size_t>(model.num_artists()));
    mrec::score_artists(model, mrec::fold_in(model, ratings), scores);
  } catch (const mrec::InputError&) {
  }
  return 0;
}
