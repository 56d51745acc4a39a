// model.h5 that is sound HDF5 under a right sum, with any shapes, types, values and attributes:
// loaded and served, or refused by InputError.
// libFuzzer: tests/fuzz/README.md.

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/hdf5.h"
#include "model/artifact.h"
#include "model/recommend.h"
#include "serve/served_model.h"

namespace {

// Decisions from the fuzzer's bytes; zeros when they are used up, and zero is always the sound one.
class Choices {
 public:
  Choices(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  int below(int limit) {
    if (size_ == 0) return 0;
    --size_;
    return *data_++ % limit;
  }
  std::string text() {
    const auto size = std::min(static_cast<std::size_t>(below(40)), size_);
    std::string text(reinterpret_cast<const char*>(data_), size);
    std::erase(text, '\0');  // HDF5's strings end there
    data_ += size;
    size_ -= size;
    return text;
  }
  float number() {
    switch (below(6)) {
      case 1:
        return std::numeric_limits<float>::quiet_NaN();
      case 2:
        return std::numeric_limits<float>::infinity();
      case 3:
        return std::numeric_limits<float>::max();
      case 4:
        return 0;
      case 5: {
        std::uint32_t bits = 0;
        for (int i = 0; i < 4; ++i) bits = bits * 256 + static_cast<std::uint32_t>(below(256));
        float value = 0;
        std::memcpy(&value, &bits, sizeof value);
        return value;
      }
      default:
        return 0.5F;
    }
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
};

class Maker {
 public:
  Maker(mrec::h5::Writer& file, Choices& choices) : file_(file), choices_(choices) {}

  void floats(const std::string& name, int size) {
    std::vector<float> values(static_cast<std::size_t>(resized(size)));
    for (float& value : values) value = choices_.number();
    if (write_as_meant(name)) file_.floats(name, values);
  }
  void matrix(const std::string& name, int rows, int columns) {
    mrec::Matrix values(resized(rows), resized(columns));
    for (float& value : values.reshaped()) value = choices_.number();
    if (write_as_meant(name)) file_.matrix(name, values);
  }
  void ids(const std::string& name, int size) {
    std::vector<std::int64_t> values;
    for (int i = resized(size); i > 0; --i) values.push_back(i + 100 * choices_.below(3));
    if (choices_.below(8) == 1) values.push_back(std::numeric_limits<std::int64_t>::min());
    if (write_as_meant(name)) file_.int64s(name, values);
  }
  void ints(const std::string& name, int size) {
    const std::vector<int> values(static_cast<std::size_t>(resized(size)), choices_.below(3) - 1);
    if (write_as_meant(name)) file_.ints(name, values);
  }
  void strings(const std::string& name, int size) {
    std::vector<std::string> values(static_cast<std::size_t>(resized(size)));
    for (std::string& value : values) value = choices_.text();
    if (write_as_meant(name)) file_.strings(name, values);
  }
  void fields(const std::string& name, const mrec::Fields& fields) {
    if (choices_.below(16) == 1) return;
    file_.group(name);
    for (const mrec::Field& field : fields) {
      const int way = choices_.below(24);
      if (way == 1) continue;
      if (way == 2) {
        file_.attribute(name, field.name, choices_.below(256) - 1);
      } else {
        file_.attribute(name, field.name, way == 3 ? choices_.text() : mrec::to_text(field));
      }
    }
  }

 private:
  int resized(int size) {
    const int way = choices_.below(24);
    return way == 1 ? size + 1 : way == 2 ? std::max(0, size - 1) : way == 3 ? 0 : size;
  }
  // False when something else, or nothing, was written under the name.
  bool write_as_meant(const std::string& name) {
    switch (choices_.below(32)) {
      case 1:
        return false;
      case 2:
        file_.group(name);
        return false;
      case 3:
        file_.strings(name, std::vector<std::string>{"x"});
        return false;
      case 4:
        file_.ints(name, std::vector<int>{1, -1});
        return false;
      case 5:
        file_.doubles(name, std::vector<double>{1, 2}, 1);
        return false;
      default:
        return true;
    }
  }

  mrec::h5::Writer& file_;
  Choices& choices_;
};

void write(const std::string& path, Choices& choices) {
  constexpr int kDim = 3;
  constexpr int kArtists = 4;
  mrec::Artifact model;
  model.params.dim = kDim;
  if (choices.below(4) == 1) model.params.loss = "ials";
  mrec::h5::Writer file(path, mrec::kModelFormat, mrec::kModelVersion);
  Maker make(file, choices);
  make.ids("artists/id", kArtists);
  make.strings("artists/name", kArtists);
  make.strings("artists/genre", kArtists);
  make.ints("artists/listeners", kArtists);
  make.matrix("artist_factors", kArtists, kDim);
  make.floats("artist_bias", kArtists);
  make.ids("users/id", 2);
  make.matrix("user_factors", 2, kDim);
  make.floats("user_bias", 2);
  make.strings("features/name", 1);
  make.matrix("feature_factors", 1, kDim);
  make.floats("feature_bias", 1);
  make.matrix("fold_in/map", kDim + 1, kDim);
  if (choices.below(2) == 1) make.matrix("fold_in/gram", kDim, kDim);
  if (choices.below(2) == 1) {
    make.strings("new_artists/tag", 1);
    make.strings("new_artists/feature", 1);
    make.floats("new_artists/feature_mean", 1);
    make.matrix("new_artists/map", 3, kDim + 1);
  }
  make.fields("calibration", {{.name = "slope", .value = &model.calibration_slope, .help = ""},
                              {.name = "offset", .value = &model.calibration_offset, .help = ""}});
  make.fields("params", model.params.fields());
  make.ids("survey/artist_id", 2);
  make.strings("survey/genre", 2);
  for (const char* group : {"metrics", "provenance"}) {
    if (choices.below(16) == 1) continue;
    file.group(group);
    if (const std::string name = choices.text(); !name.empty()) {
      file.attribute(group, name, choices.text());
    }
  }
  file.commit();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string path = "/dev/shm/mrec-fuzz-" + std::to_string(getpid()) + ".h5";
  static const bool registered = std::atexit([] { std::remove(path.c_str()); }) == 0;
  if (!registered) return 0;
  Choices choices(data, size);
  try {
    write(path, choices);
  } catch (const mrec::Error&) {
    return 0;  // an attribute's name that HDF5 does not take
  }
  try {
    const mrec::ServedModel model(mrec::Artifact::load(path), "id");
    const mrec::Artifact& artifact = model.artifact;
    if (artifact.survey.empty()) return 0;
    const std::vector<mrec::Rating> ratings = {{.artist = artifact.survey.front().artist}};
    std::vector<float> scores(static_cast<std::size_t>(artifact.num_artists()));
    mrec::score_artists(artifact, mrec::fold_in(artifact, ratings), scores);
    mrec::top_k(scores, {}, 2);
  } catch (const mrec::InputError&) {
  }
  return 0;
}
