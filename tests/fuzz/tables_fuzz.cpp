// The tables that people bring, with any bytes: Last.fm's four files, splits and track tables are
// read, or refused by InputError. The first byte says what the rest is. libFuzzer:
// tests/fuzz/README.md.

#include <unicode/utf8.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/table_file.h"
#include "dataset/lastfm.h"
#include "dataset/spotify.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

bool is_utf8(std::string_view text) {
  const auto size = static_cast<std::int32_t>(text.size());
  for (std::int32_t at = 0; at < size;) {
    UChar32 character = 0;
    U8_NEXT(text.data(), at, size, character);
    if (character < 0) return false;
  }
  return true;
}

// A directory in memory that goes with the process.
struct Directory {
  Directory() : path("/dev/shm/mrec-fuzz-" + std::to_string(getpid())) {
    std::filesystem::create_directory(path);
  }
  ~Directory() { std::filesystem::remove_all(path); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  [[nodiscard]] std::string write(const std::string& name, std::string_view text) const {
    const std::string file = path + "/" + name;
    std::ofstream(file, std::ios::binary) << text;
    return file;
  }

  std::string path;
};

// Cells are parts of the row's text, and lines go upwards.
void read_cells(const std::string& path, mrec::TableFile::Kind kind) {
  mrec::TableFile table(path, kind);
  std::int64_t line = 0;
  while (table.next()) {
    require(table.line() > line);
    line = table.line();
    std::string joined;
    for (const std::string_view cell : table.cells()) {
      if (!joined.empty() || cell.data() != table.cells().front().data()) joined += '\t';
      joined += cell;
    }
    if (kind == mrec::TableFile::Kind::kTsv) require(joined == table.text());
  }
}

// What was read is UTF-8, however it was written.
void read_lastfm(const std::string& directory) {
  mrec::ReadReport report;
  for (const auto& artist : mrec::lastfm::read_artists(directory, report)) {
    require(is_utf8(artist.name));
  }
}

std::vector<std::uint64_t> keys_of(const std::string& path, mrec::spotify::ReadBy by) {
  std::vector<std::uint64_t> keys;
  mrec::ReadReport report;
  mrec::spotify::visit_tracks(std::vector{path}, report,
                              {.track =
                                   [&](const mrec::spotify::Track& track) {
                                     require(!track.artists.empty());
                                     keys.push_back(track.key);
                                   }},
                              by);
  return keys;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Directory directory;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  constexpr int kKinds = 7;
  mrec::ReadReport report;
  try {
    switch (data[0] % kKinds) {
      case 0:
        read_cells(directory.write("table", text), mrec::TableFile::Kind::kTsv);
        break;
      case 1:
        read_cells(directory.write("table", text), mrec::TableFile::Kind::kCsv);
        break;
      case 2:
        static_cast<void>(directory.write("artists.dat", text));
        read_lastfm(directory.path);
        break;
      case 3:
        static_cast<void>(directory.write("user_artists.dat", text));
        for (const auto& play : mrec::lastfm::read_plays(directory.path, report)) {
          require(play.plays > 0);
        }
        break;
      case 4: {
        // The names come first, up to an empty line.
        const std::size_t end = text.find("\n\n");
        static_cast<void>(directory.write("tags.dat", text.substr(0, end)));
        static_cast<void>(directory.write("user_taggedartists.dat", end == text.npos
                                                                        ? std::string_view()
                                                                        : text.substr(end + 2)));
        const mrec::lastfm::TagTable tags = mrec::lastfm::read_tags(directory.path, report);
        for (const auto& assignment : tags.assignments) {
          require(assignment.tag >= 0 && assignment.tag < std::ssize(tags.names));
        }
        break;
      }
      case 5:
        static_cast<void>(mrec::lastfm::read_split_file(directory.write("split", text), report));
        break;
      default: {
        const std::string path = directory.write("tracks.csv", text);
        require(keys_of(path, mrec::spotify::ReadBy::kTurns) ==
                keys_of(path, mrec::spotify::ReadBy::kTwoThreads));
      }
    }
  } catch (const mrec::InputError&) {
  }
  return 0;
}
