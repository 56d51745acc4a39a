#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dataset/read_report.h"

namespace mrec::spotify {

// The numeric columns of a track, in the order of Track::values.
enum class Column {
  kPopularity,  // 0..100
  kDurationMs,
  kExplicit,  // 0 or 1
  kDanceability,
  kEnergy,
  kKey,       // 0..11
  kLoudness,  // dB
  kMode,      // 0 minor, 1 major
  kSpeechiness,
  kAcousticness,
  kInstrumentalness,
  kLiveness,
  kValence,
  kTempo,  // beats a minute; 0 in a file means "not analysed" and is read as missing
  kTimeSignature,
  kYear,
  kCount
};
inline constexpr std::size_t kNumColumns = static_cast<std::size_t>(Column::kCount);
inline constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

// "popularity", "duration_ms", ...
std::string_view column_name(Column column);

struct Track {
  std::vector<std::string> artists;  // at least one; UTF-8
  std::string id;                    // Spotify's track id, "" when unknown
  std::string name;
  std::string genre;                      // "" when unknown
  std::array<float, kNumColumns> values;  // kMissing where unknown

  [[nodiscard]] float value(Column column) const {
    return values[static_cast<std::size_t>(column)];
  }
};

// What is done with tracks while they pass by, in the order of their rows. They are valid during
// the call only.
struct TrackVisitor {
  std::function<void(const Track& track)> track;
  // The track that passed as number `number`, from 0, stands in one more genre: `track` has its
  // artists, popularity and all its genres by now, `former` those that it had before.
  std::function<void(const Track& track, const std::string& former, std::int64_t number)> genre =
      nullptr;
};

// Reads one or more track tables once (CSV with a header; columns found by name in any order, extra
// ones ignored), a block at a time. Exact duplicates of a row and repeated (artists, name) pairs
// with the same id are left out and counted; to know them again takes some 30 bytes a track. A file
// that has percents where others have shares is known by its first 16,384 tracks. Throws InputError
// when a file is missing, has no artist column, or there is no usable row at all.
void visit_tracks(std::span<const std::string> paths, ReadReport& report,
                  const TrackVisitor& visitor);

// The same, all in memory.
std::vector<Track> read_tracks(std::span<const std::string> paths, ReadReport& report);

// "A;B", "['A', 'B']" and "[""A"", ""B""]" -> {A, B}; "[]" -> {}; anything else is one artist.
std::vector<std::string> split_artists(std::string_view cell);

}  // namespace mrec::spotify
