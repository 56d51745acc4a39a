#include "dataset/track_table.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>

#include "base/error.h"
#include "base/hash.h"
#include "base/random.h"
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

std::string lower(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const char low = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    result += low == ' ' || low == '-' || low == '.' ? '_' : low;
  }
  while (result.ends_with('_')) result.pop_back();
  return result;
}

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// The whole text as a number; a leading '+' is not one.
std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

// The number at the beginning: "4/4" and "4-Apr" (what spreadsheets make of it) are 4, "1999-05-01"
// is 1999.
std::optional<double> parse_leading(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  return value;
}

std::optional<double> parse_key(std::string_view text) {
  if (const auto number = parse_number(text)) return number;
  constexpr std::array<std::string_view, 12> kSharps{"C",  "C#", "D",  "D#", "E",  "F",
                                                     "F#", "G",  "G#", "A",  "A#", "B"};
  constexpr std::array<std::string_view, 12> kFlats{"C",  "Db", "D",  "Eb", "E",  "F",
                                                    "Gb", "G",  "Ab", "A",  "Bb", "B"};
  for (std::size_t key = 0; key < 12; ++key) {
    if (text == kSharps[key] || text == kFlats[key]) return static_cast<double>(key);
  }
  return std::nullopt;
}

std::optional<double> parse_flag(std::string_view text) {
  if (const auto number = parse_number(text)) return number;
  const std::string word = lower(text);
  if (word == "true" || word == "major" || word == "yes") return 1.0;
  if (word == "false" || word == "minor" || word == "no") return 0.0;
  return std::nullopt;
}

struct Range {
  float low;
  float high;
};

// What a column may hold; anything else is missing.
constexpr Range range_of(Column column) {
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

constexpr std::array<Range, kNumColumns> kRanges = [] {
  std::array<Range, kNumColumns> ranges{};
  for (std::size_t c = 0; c < kNumColumns; ++c) ranges[c] = range_of(static_cast<Column>(c));
  return ranges;
}();

constexpr bool takes_leading(Column column) {
  return column == Column::kTimeSignature || column == Column::kYear;
}

std::optional<double> parse_by_column(Column column, std::string_view text) {
  if (text.empty()) return std::nullopt;
  switch (column) {
    case Column::kExplicit:
    case Column::kMode:
      return parse_flag(text);
    case Column::kKey:
      return parse_key(text);
    case Column::kTimeSignature:
    case Column::kYear:
      return parse_leading(text);
    default:
      return parse_number(text);
  }
}

// `cell` is one of a TableFile, so that what lies behind it may be read.
float parse_value(Column column, std::string_view cell) {
  std::optional<double> number = short_decimal(cell.data(), cell.size());
  if (number && takes_leading(column)) number = std::trunc(*number);
  if (!number) {
    if (cell.empty()) return kMissing;
    number = parse_by_column(column, trim(cell));
    if (!number) return kMissing;
  }
  const auto value = static_cast<float>(*number);
  const Range range = kRanges[static_cast<std::size_t>(column)];
  return value >= range.low && value <= range.high ? value : kMissing;
}

std::uint64_t load_word(const char* from) {
  std::uint64_t word = 0;
  std::memcpy(&word, from, sizeof word);
  return word;
}

bool is_printable_ascii(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
  // The highest bits tell of a byte that is not, and perhaps of its neighbour.
  const auto bad = [](std::uint64_t word) {
    return ((word - kOnes * 0x20) | word | (word + kOnes)) & (kOnes * 0x80);
  };
  if (text.size() < 8) {
    return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
  }
  std::uint64_t found = bad(load_word(text.data() + text.size() - 8));
  for (std::size_t i = 0; i + 8 <= text.size(); i += 8) found |= bad(load_word(text.data() + i));
  return found == 0;
}

// Writes over `text`, which keeps its memory from row to row.
void assign_utf8(std::string& text, std::string_view bytes) {
  bytes = trim(bytes);
  if (is_printable_ascii(bytes)) {
    text.assign(bytes);
  } else {
    text = to_utf8(bytes);
  }
}

void split_artists_into(std::string_view cell, std::vector<std::string>& artists) {
  std::string_view text = trim(cell);
  std::size_t count = 0;
  const auto add = [&](std::string_view name) {
    if (count == artists.size()) artists.emplace_back();
    assign_utf8(artists[count], name);
    if (artists[count].empty() || artists[count] == "empty_field") return;
    const auto end = artists.begin() + static_cast<std::ptrdiff_t>(count);
    if (count == 0 || std::find(artists.begin(), end, *end) == end) ++count;
  };
  const bool list = text.size() >= 4 && text.front() == '[' && text.back() == ']' &&
                    (text[1] == '\'' || text[1] == '"');
  if (!list && text != "[]") {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find(';'), text.size());
      add(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }
  // A list literal of Python or JSON: quoted names with backslashes before quotes, commas between.
  if (list) text = text.substr(1, text.size() - 2);
  while (list && !text.empty()) {
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
  artists.resize(count);
}

}  // namespace

// Digits below 10^8 and such powers of ten are exact, so that one division rounds right (Clinger
// 1990). The eight characters are looked at in one word: the last one highest, zeros below the
// first; the digits are then added up in pairs (Lemire 2018, "Quickly parsing eight digits").
std::optional<double> short_decimal(const char* text, std::size_t size) {
  if constexpr (std::endian::native != std::endian::little) return std::nullopt;
  constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
  static constexpr std::array kPowers{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};
  const bool negative = size > 0 && text[0] == '-';
  text += negative ? 1 : 0;
  size -= negative ? 1 : 0;
  if (size - 1 >= 8) return std::nullopt;
  const auto unused = static_cast<unsigned>(8 * (8 - size));
  std::uint64_t word = load_word(text) << unused;
  const std::uint64_t dots = word ^ (kOnes * '.');
  // The lowest of these bits is that of the first dot.
  const std::uint64_t found = (dots - kOnes) & ~dots & (kOnes * 0x80);
  word |= kOnes * '0' & ((std::uint64_t{1} << unused) - 1);
  std::size_t decimals = 0;
  if (found != 0) {
    const auto at = static_cast<unsigned>(std::countr_zero(found)) & ~7U;  // of its lowest bit
    if (at == unused || at == 56) return std::nullopt;
    decimals = 7 - at / 8;
    // What stands before the dot moves behind it.
    const std::uint64_t before = word & ((std::uint64_t{1} << at) - 1);
    word = (word >> (at + 8) << (at + 8)) | before << 8U | '0';
  }
  const std::uint64_t digits = word ^ (kOnes * '0');
  if ((((digits + kOnes * 0x76) | digits) & (kOnes * 0x80)) != 0) return std::nullopt;
  const std::uint64_t pairs = (digits * 10 + (digits >> 8U)) & 0x00FF00FF00FF00FFULL;
  const std::uint64_t fours = (pairs * 100 + (pairs >> 16U)) & 0x0000FFFF0000FFFFULL;
  const std::uint64_t all = (fours * 10000 + (fours >> 32U)) & 0xFFFFFFFFULL;
  const double value = static_cast<double>(all) / kPowers[decimals];
  return negative ? -value : value;
}

std::string_view column_name(Column column) {
  return named_columns()[static_cast<std::size_t>(column)].name;
}

std::vector<std::string> split_artists(std::string_view cell) {
  std::vector<std::string> artists;
  split_artists_into(cell, artists);
  return artists;
}

TrackTable::Layout TrackTable::layout_of(const TableFile& file) {
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

TrackTable::TrackTable(const std::string& path)
    : file_(path, TableFile::Kind::kCsv),
      blank_(!file_.next() || (file_.cells().size() == 1 && trim(file_.cells()[0]).empty())) {
  if (blank_) return;
  layout_ = layout_of(file_);
  if (layout_.artists < 0) {
    throw InputError(path +
                     ":1: has no artist column; expected a header with one named artists, "
                     "artist_name, artist or track_artist");
  }
}

bool TrackTable::next(TrackRow& row) {
  if (!file_.next()) return false;
  const auto cells = file_.cells();
  row.line = file_.line();
  row.text.assign(file_.text());
  row.broken = row.unusable = nullptr;
  if (std::ranges::all_of(cells, [](std::string_view cell) { return trim(cell).empty(); })) {
    row.broken = "blank row";
  } else if (cells.size() < layout_.num_cells) {
    row.broken = "row with too few columns (cut short?)";
  } else if (cells.size() > layout_.num_cells) {
    row.broken = "row with too many columns";
  } else {
    row.hash = hash_bytes(row.text);
    row.unusable = parse(row.track);
    const std::string_view artists = cells[static_cast<std::size_t>(layout_.artists)];
    const std::string_view id =
        layout_.id < 0 ? "" : trim(cells[static_cast<std::size_t>(layout_.id)]);
    row.track.key = id.empty() ? row.hash : mix64(hash_bytes(id)) ^ hash_bytes(artists);
  }
  return true;
}

const char* TrackTable::parse(Track& track) const {
  const auto cells = file_.cells();
  const auto assign = [&](std::string& text, int at) {
    assign_utf8(text, at < 0 ? "" : cells[static_cast<std::size_t>(at)]);
  };
  split_artists_into(cells[static_cast<std::size_t>(layout_.artists)], track.artists);
  if (track.artists.empty()) return "row without an artist";
  assign(track.id, layout_.id);
  assign(track.name, layout_.name);
  assign(track.genre, layout_.genre);
  bool known = false;
  for (std::size_t c = 0; c < kNumColumns; ++c) {
    const int at = layout_.values[c];
    track.values[c] =
        at < 0 ? kMissing
               : parse_value(static_cast<Column>(c), cells[static_cast<std::size_t>(at)]);
    known = known || !std::isnan(track.values[c]);
  }
  return known ? nullptr : "row without any feature";
}

}  // namespace mrec::spotify
