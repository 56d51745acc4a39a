#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/table_file.h"

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
  // By which it is known when it comes again: a hash of id and artists, without an id of its row.
  std::uint64_t key = 0;

  [[nodiscard]] float value(Column column) const {
    return values[static_cast<std::size_t>(column)];
  }
};

// "A;B", "['A', 'B']" and "[""A"", ""B""]" -> {A, B}; "[]" -> {}; anything else is one artist.
std::vector<std::string> split_artists(std::string_view cell);

// What cells hold mostly: up to eight digits, perhaps with a dot between and a '-' before them; and
// exactly the number that std::from_chars reads. Nothing for any other text, though it may be a
// number. The eight characters from `text` + 1 on must be readable, and those from `text` on.
std::optional<double> short_decimal(const char* text, std::size_t size);

// A row of a track table as it stands there.
struct TrackRow {
  Track track;
  std::int64_t line = 0;
  std::string text;
  std::uint64_t hash = 0;          // of the text
  const char* broken = nullptr;    // why it is no row of this table
  const char* unusable = nullptr;  // why it is a row but no track
};

// One track table (CSV with a header; columns found by name in any order, extra ones ignored), row
// by row.
class TrackTable {
 public:
  // Throws InputError when the file is missing or has no artist column.
  explicit TrackTable(const std::string& path);

  [[nodiscard]] bool is_blank() const { return blank_; }
  // Writes the next row over `row`, which keeps its memory; false at the end. Shares in percent are
  // left as they are.
  bool next(TrackRow& row);

 private:
  // Where a file has what; -1: nowhere.
  struct Layout {
    int artists = -1;
    int id = -1;
    int name = -1;
    int genre = -1;
    std::array<int, kNumColumns> values{};
    std::size_t num_cells = 0;
  };

  static Layout layout_of(const TableFile& file);
  // Fills in the track; returns why there is none, or nullptr.
  const char* parse(Track& track) const;

  TableFile file_;
  bool blank_;
  Layout layout_;
};

}  // namespace mrec::spotify
