#include "dataset/spotify.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "base/error.h"
#include "base/random.h"
#include "base/table_file.h"
#include "dataset/name_normalizer.h"

namespace mrec::spotify {
namespace {

struct NamedColumn {
  Column column;
  const char* name;
  std::vector<std::string_view> aliases;  // in lower case, other signs as '_'
};

const std::array<NamedColumn, kNumColumns>& named_columns() {
  static const std::array<NamedColumn, kNumColumns> kColumns{{
      {Column::kPopularity, "popularity", {"track_popularity", "song_popularity"}},
      {Column::kDurationMs, "duration_ms", {"duration", "song_duration_ms"}},
      {Column::kExplicit, "explicit", {"is_explicit"}},
      {Column::kDanceability, "danceability", {"danceability_%"}},
      {Column::kEnergy, "energy", {"energy_%"}},
      {Column::kKey, "key", {}},
      {Column::kLoudness, "loudness", {}},
      {Column::kMode, "mode", {"audio_mode"}},
      {Column::kSpeechiness, "speechiness", {"speechiness_%"}},
      {Column::kAcousticness, "acousticness", {"acousticness_%"}},
      {Column::kInstrumentalness, "instrumentalness", {"instrumentalness_%"}},
      {Column::kLiveness, "liveness", {"liveness_%"}},
      {Column::kValence, "valence", {"audio_valence", "valence_%"}},
      {Column::kTempo, "tempo", {"bpm"}},
      {Column::kTimeSignature, "time_signature", {}},
      {Column::kYear,
       "year",
       {"release_year", "released_year", "release_date", "track_album_release_date",
        "album_release_date"}},
  }};
  return kColumns;
}

// Columns that are shares: 0..1, in some files percents.
constexpr std::array kShares{Column::kDanceability, Column::kEnergy,           Column::kSpeechiness,
                             Column::kAcousticness, Column::kInstrumentalness, Column::kLiveness,
                             Column::kValence};

std::string lower(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const char low = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    result += low == ' ' || low == '-' || low == '.' ? '_' : low;
  }
  while (result.ends_with('_')) result.pop_back();
  return result;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) {
    text.remove_prefix(1);
  }
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) {
    text.remove_suffix(1);
  }
  return text;
}

// The whole text as a number; a leading '+' is not one.
std::optional<float> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return static_cast<float>(value);
}

// The number at the beginning: "4/4" and "4-Apr" (what spreadsheets make of it) are 4, "1999-05-01"
// is 1999.
std::optional<float> parse_leading(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  return static_cast<float>(value);
}

std::optional<float> parse_key(std::string_view text) {
  if (const auto number = parse_number(text)) return number;
  constexpr std::array<std::string_view, 12> kSharps{"C",  "C#", "D",  "D#", "E",  "F",
                                                     "F#", "G",  "G#", "A",  "A#", "B"};
  constexpr std::array<std::string_view, 12> kFlats{"C",  "Db", "D",  "Eb", "E",  "F",
                                                    "Gb", "G",  "Ab", "A",  "Bb", "B"};
  for (std::size_t key = 0; key < 12; ++key) {
    if (text == kSharps[key] || text == kFlats[key]) return static_cast<float>(key);
  }
  return std::nullopt;
}

std::optional<float> parse_flag(std::string_view text) {
  if (const auto number = parse_number(text)) return number;
  const std::string word = lower(text);
  if (word == "true" || word == "major" || word == "yes") return 1.0F;
  if (word == "false" || word == "minor" || word == "no") return 0.0F;
  return std::nullopt;
}

struct Range {
  float low;
  float high;
};

// What a column may hold; anything else is missing.
Range range_of(Column column) {
  switch (column) {
    case Column::kPopularity:
      return {0, 100};
    case Column::kDurationMs:
      return {1, 1e9F};
    case Column::kExplicit:
    case Column::kMode:
      return {0, 1};
    case Column::kKey:
      return {0, 11};
    case Column::kLoudness:
      return {-100, 20};
    case Column::kTempo:
      return {1, 1000};
    case Column::kTimeSignature:
      return {1, 16};
    case Column::kYear:
      return {1000, 3000};
    default:
      return {0, 100};  // a share; percents are scaled when the file is known
  }
}

float parse_value(Column column, std::string_view cell) {
  const std::string_view text = trim(cell);
  if (text.empty()) return kMissing;
  std::optional<float> value;
  switch (column) {
    case Column::kExplicit:
    case Column::kMode:
      value = parse_flag(text);
      break;
    case Column::kKey:
      value = parse_key(text);
      break;
    case Column::kTimeSignature:
    case Column::kYear:
      value = parse_leading(text);
      break;
    default:
      value = parse_number(text);
  }
  const Range range = range_of(column);
  if (!value || *value < range.low || *value > range.high) return kMissing;
  return *value;
}

// Where a file has what; -1: nowhere.
struct Layout {
  int artists = -1;
  int id = -1;
  int name = -1;
  int genre = -1;
  std::array<int, kNumColumns> values{};
  std::size_t num_cells = 0;
};

Layout layout_of(const TableFile& file) {
  std::map<std::string, int> position;
  int index = 0;
  for (const std::string_view cell : file.cells()) {
    position.emplace(lower(trim(cell)), index++);  // of a doubled name the first counts
  }
  const auto find = [&](std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
      const auto found = position.find(std::string(name));
      if (found != position.end()) return found->second;
    }
    return -1;
  };
  Layout layout;
  layout.num_cells = file.cells().size();
  layout.artists = find({"artists", "artist_name", "artist", "artist(s)_name", "track_artist",
                         "artist_names", "artists_names", "artists_name", "track_artists"});
  layout.id = find({"track_id", "id", "spotify_id", "trackid"});
  layout.name = find({"track_name", "song_name", "name", "track", "title", "song", "song_title"});
  layout.genre = find({"track_genre", "music_genre", "genre", "playlist_genre", "top_genre",
                       "genres", "artist_genres"});
  for (const NamedColumn& column : named_columns()) {
    int& at = layout.values[static_cast<std::size_t>(column.column)];
    at = find({column.name});
    for (const std::string_view alias : column.aliases) {
      if (at < 0) at = find({alias});
    }
  }
  return layout;
}

std::string cell_text(std::span<const std::string_view> cells, int index) {
  if (index < 0) return "";
  return to_utf8(trim(cells[static_cast<std::size_t>(index)]));
}

// Percents become shares where a file has percents: most values but 0 are above 1. A single one is
// a fault of its row.
void scale_percents(std::span<Track> tracks) {
  for (const Column column : kShares) {
    const auto c = static_cast<std::size_t>(column);
    const auto shares = std::ranges::count_if(
        tracks, [c](const Track& track) { return track.values[c] > 0 && track.values[c] <= 1; });
    const auto larger =
        std::ranges::count_if(tracks, [c](const Track& track) { return track.values[c] > 1; });
    for (Track& track : tracks) {
      if (larger > shares) track.values[c] /= 100;
      if (track.values[c] > 1) track.values[c] = kMissing;
    }
  }
}

std::uint64_t hash_text(std::string_view text) { return std::hash<std::string_view>{}(text); }

// Reads one file behind `tracks`. Throws InputError when it has no artist column.
class Reader {
 public:
  Reader(std::vector<Track>& tracks, ReadReport& report) : tracks_(tracks), report_(report) {}

  void read(const std::string& path) {
    TableFile file(path, TableFile::Kind::kCsv);
    const bool blank = !file.next() || (file.cells().size() == 1 && trim(file.cells()[0]).empty());
    if (blank) {
      report_.left_out("file without a table", path, 1, "");
      return;
    }
    const Layout layout = layout_of(file);
    if (layout.artists < 0) {
      throw InputError(path +
                       ":1: has no artist column; expected a header with one named artists, "
                       "artist_name, artist or track_artist");
    }
    const std::size_t first = tracks_.size();
    while (file.next()) {
      const std::string reason = read_row(file, layout);
      if (!reason.empty()) report_.left_out(reason, path, file.line(), to_utf8(file.text()));
    }
    scale_percents(std::span(tracks_).subspan(first));
    if (tracks_.size() > first) {
      report_.used(path, static_cast<std::int64_t>(tracks_.size() - first));
    } else {
      report_.left_out("file without a row of its own", path, 1, "");
    }
  }

 private:
  // Returns "" or why the row is left out.
  std::string read_row(const TableFile& file, const Layout& layout) {
    const auto cells = file.cells();
    const bool empty =
        std::ranges::all_of(cells, [](std::string_view cell) { return trim(cell).empty(); });
    if (empty) return "blank row";
    if (cells.size() != layout.num_cells) {
      return cells.size() < layout.num_cells ? "row with too few columns (cut short?)"
                                             : "row with too many columns";
    }
    if (!rows_.insert(hash_text(file.text())).second) return "exact repeat of a row";

    Track track;
    track.artists = split_artists(cells[static_cast<std::size_t>(layout.artists)]);
    if (track.artists.empty()) return "row without an artist";
    track.id = cell_text(cells, layout.id);
    track.name = cell_text(cells, layout.name);
    track.genre = cell_text(cells, layout.genre);
    bool known = false;
    for (std::size_t c = 0; c < kNumColumns; ++c) {
      const int at = layout.values[c];
      track.values[c] =
          at < 0 ? kMissing
                 : parse_value(static_cast<Column>(c), cells[static_cast<std::size_t>(at)]);
      known = known || !std::isnan(track.values[c]);
    }
    if (!known) return "row without any feature";

    // The same track in several genres (or files) is one track of several genres.
    if (!track.id.empty()) {
      const std::uint64_t key =
          mix64(hash_text(track.id)) ^ hash_text(cells[static_cast<std::size_t>(layout.artists)]);
      const auto [found, is_new] = by_id_.emplace(key, tracks_.size());
      if (!is_new) {
        std::string& genres = tracks_[found->second].genre;
        const std::string with_ends = ";" + genres + ";";
        if (!track.genre.empty() && with_ends.find(";" + track.genre + ";") == std::string::npos) {
          genres += (genres.empty() ? "" : ";") + track.genre;
        }
        return "repeated track (its genre is kept)";
      }
    }
    tracks_.push_back(std::move(track));
    return "";
  }

  std::vector<Track>& tracks_;
  ReadReport& report_;
  std::unordered_set<std::uint64_t> rows_;
  std::unordered_map<std::uint64_t, std::size_t> by_id_;
};

}  // namespace

std::string_view column_name(Column column) {
  return named_columns()[static_cast<std::size_t>(column)].name;
}

std::vector<std::string> split_artists(std::string_view cell) {
  std::string_view text = trim(cell);
  std::vector<std::string> artists;
  const auto add = [&artists](std::string_view name) {
    std::string utf8 = to_utf8(trim(name));
    if (utf8.empty() || utf8 == "empty_field") return;
    if (std::ranges::find(artists, utf8) == artists.end()) artists.push_back(std::move(utf8));
  };
  if (text == "[]") return artists;
  const bool list = text.size() >= 4 && text.front() == '[' && text.back() == ']' &&
                    (text[1] == '\'' || text[1] == '"');
  if (!list) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find(';'), text.size());
      add(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return artists;
  }
  // A list literal of Python or JSON: quoted names with backslashes before quotes, commas between.
  text = text.substr(1, text.size() - 2);
  while (!text.empty()) {
    const char quote = text.front();
    if (quote != '\'' && quote != '"') {
      text.remove_prefix(1);
      continue;
    }
    std::string name;
    std::size_t at = 1;
    for (; at < text.size() && text[at] != quote; ++at) {
      if (text[at] == '\\' && at + 1 < text.size()) ++at;
      name += text[at];
    }
    add(name);
    text.remove_prefix(std::min(at + 1, text.size()));
  }
  return artists;
}

std::vector<Track> read_tracks(std::span<const std::string> paths, ReadReport& report) {
  std::vector<Track> tracks;
  Reader reader(tracks, report);
  for (const std::string& path : paths) reader.read(path);
  if (tracks.empty() && !paths.empty()) {
    throw InputError(paths.front() + ": no usable row" +
                     (paths.size() > 1 ? " in this nor the other track files" : "") +
                     "; expected CSV with a header and one row per track");
  }
  return tracks;
}

}  // namespace mrec::spotify
