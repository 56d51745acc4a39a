#include "dataset/spotify.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <deque>
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

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// What tables hold mostly: a few digits, perhaps with a point between. Digits below 2^53 and such
// powers of ten are exact, so that one division rounds right (Clinger 1990). Nothing for any other
// text.
std::optional<double> plain_decimal(std::string_view text) {
  constexpr std::array kPowers{1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                               1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty() || text.size() > 16 || text.front() == '.' || text.back() == '.') {
    return std::nullopt;
  }
  std::uint64_t digits = 0;
  std::size_t point = text.size() - 1;  // where it stands, or the end
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = static_cast<unsigned char>(text[i] - '0');
    if (digit <= 9) {
      digits = 10 * digits + digit;
    } else if (text[i] == '.' && point == text.size() - 1) {
      point = i;
    } else {
      return std::nullopt;
    }
  }
  if ((digits >> 53U) != 0) return std::nullopt;
  const double value = static_cast<double>(digits) / kPowers[text.size() - 1 - point];
  return negative ? -value : value;
}

// The whole text as a number; a leading '+' is not one.
std::optional<float> parse_number(std::string_view text) {
  if (const auto plain = plain_decimal(text)) return static_cast<float>(*plain);
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

bool is_printable_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
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
    if (std::find(artists.begin(), end, *end) == end) ++count;
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

std::uint64_t hash_text(std::string_view text) { return std::hash<std::string_view>{}(text); }

// What is kept of every track, to know it when it comes again.
class Seen {
 public:
  struct Entry {
    std::uint64_t key = 0;
    std::uint32_t row = 0;  // hash of the row
    std::uint32_t genre = 0;
    float popularity = 0;
  };

  // Fetches what find(key) will look at.
  void prefetch(std::uint64_t key) const { __builtin_prefetch(&slots_[first_slot(key)]); }

  Entry* find(std::uint64_t key) {
    const std::uint32_t number = slots_[slot_of(key)].number;
    return number == kNone ? nullptr : &entries_[number];
  }
  void add(const Entry& entry) {
    if (2 * entries_.size() >= slots_.size()) grow();
    slots_[slot_of(entry.key)] = {tag_of(entry.key), static_cast<std::uint32_t>(entries_.size())};
    entries_.push_back(entry);
  }
  [[nodiscard]] std::int64_t size() const { return std::ssize(entries_); }
  [[nodiscard]] std::int64_t number_of(const Entry& entry) const {
    return slots_[slot_of(entry.key)].number;
  }

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  // The tag spares a look at the entry where another key stands.
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t number = kNone;
  };

  [[nodiscard]] static std::uint32_t tag_of(std::uint64_t key) {
    return static_cast<std::uint32_t>(key);
  }
  [[nodiscard]] std::size_t first_slot(std::uint64_t key) const {
    return mix64(key) & (slots_.size() - 1);
  }
  // Where the key stands, or would; behind a taken place the next one (linear probing).
  [[nodiscard]] std::size_t slot_of(std::uint64_t key) const {
    std::size_t slot = first_slot(key);
    while (slots_[slot].number != kNone &&
           (slots_[slot].tag != tag_of(key) || entries_[slots_[slot].number].key != key)) {
      slot = (slot + 1) & (slots_.size() - 1);
    }
    return slot;
  }
  void grow() {
    slots_.assign(2 * slots_.size(), {});
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      slots_[slot_of(entries_[i].key)] = {tag_of(entries_[i].key), static_cast<std::uint32_t>(i)};
    }
  }

  std::vector<Slot> slots_ = std::vector<Slot>(1024);
  std::deque<Entry> entries_;  // as many as slots / 2 at most; a deque does not move them
};

// Genres of tracks, each text once.
class Genres {
 public:
  std::uint32_t number_of(const std::string& text) {
    const auto [found, is_new] =
        numbers_.try_emplace(text, static_cast<std::uint32_t>(texts_.size()));
    if (is_new) texts_.push_back(text);
    return found->second;
  }
  const std::string& text(std::uint32_t number) const { return texts_[number]; }

 private:
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::deque<std::string> texts_;
};

// Reads one file behind another. Throws InputError when one has no artist column.
class Reader {
 public:
  Reader(ReadReport& report, const TrackVisitor& visitor) : report_(report), visitor_(visitor) {}

  [[nodiscard]] std::int64_t num_tracks() const { return seen_.size(); }

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
    const std::int64_t first = num_tracks();
    percents_.reset();
    while (file.next()) {
      const char* reason = read_row(file, layout);
      if (reason != nullptr) report_.left_out(reason, path, file.line(), to_utf8(file.text()));
    }
    hand_out_waiting();
    if (num_tracks() > first) {
      report_.used(path, num_tracks() - first);
    } else {
      report_.left_out("file without a row of its own", path, 1, "");
    }
  }

 private:
  // The first tracks of a file wait until it is known what has percents.
  static constexpr std::size_t kWaiting = 16'384;

  struct Event {
    Track track;
    std::optional<std::string> former;  // a further genre of a track that had these
    std::int64_t number = 0;
  };

  // Returns why the row is left out, or nullptr.
  const char* read_row(const TableFile& file, const Layout& layout) {
    const auto cells = file.cells();
    const bool empty =
        std::ranges::all_of(cells, [](std::string_view cell) { return trim(cell).empty(); });
    if (empty) return "blank row";
    if (cells.size() != layout.num_cells) {
      return cells.size() < layout.num_cells ? "row with too few columns (cut short?)"
                                             : "row with too many columns";
    }
    const std::uint64_t row = hash_text(file.text());
    const std::string_view artists = cells[static_cast<std::size_t>(layout.artists)];
    const std::string_view id =
        layout.id < 0 ? "" : trim(cells[static_cast<std::size_t>(layout.id)]);
    const Seen::Entry entry{.key = id.empty() ? row : mix64(hash_text(id)) ^ hash_text(artists),
                            .row = static_cast<std::uint32_t>(row)};
    seen_.prefetch(entry.key);
    const char* reason = parse(cells, layout);
    Seen::Entry* const earlier = seen_.find(entry.key);
    if (reason != nullptr || earlier != nullptr) {
      const bool again = earlier != nullptr && earlier->row == entry.row;
      if (again || !unused_rows_.insert(row).second) return "exact repeat of a row";
      if (reason != nullptr) return reason;
      add_genre(*earlier);
      return "repeated track (its genre is kept)";
    }
    seen_.add({.key = entry.key,
               .row = entry.row,
               .genre = genres_.number_of(track_.genre),
               .popularity = track_.value(Column::kPopularity)});
    hand_out();
    return nullptr;
  }

  // Fills track_; returns why there is none, or nullptr.
  const char* parse(std::span<const std::string_view> cells, const Layout& layout) {
    const auto assign = [&](std::string& text, int at) {
      assign_utf8(text, at < 0 ? "" : cells[static_cast<std::size_t>(at)]);
    };
    split_artists_into(cells[static_cast<std::size_t>(layout.artists)], track_.artists);
    if (track_.artists.empty()) return "row without an artist";
    assign(track_.id, layout.id);
    assign(track_.name, layout.name);
    assign(track_.genre, layout.genre);
    bool known = false;
    for (std::size_t c = 0; c < kNumColumns; ++c) {
      const int at = layout.values[c];
      track_.values[c] =
          at < 0 ? kMissing
                 : parse_value(static_cast<Column>(c), cells[static_cast<std::size_t>(at)]);
      known = known || !std::isnan(track_.values[c]);
    }
    return known ? nullptr : "row without any feature";
  }

  // The same track in several genres (or files) is one track of several genres.
  void add_genre(Seen::Entry& earlier) {
    const std::string& former = genres_.text(earlier.genre);
    const bool known = (";" + former + ";").find(";" + track_.genre + ";") != std::string::npos;
    if (track_.genre.empty() || known) return;
    if (!former.empty()) track_.genre = former + ";" + track_.genre;
    track_.values.fill(kMissing);
    track_.values[static_cast<std::size_t>(Column::kPopularity)] = earlier.popularity;
    earlier.genre = genres_.number_of(track_.genre);
    Event event{.track = track_, .former = former, .number = seen_.number_of(earlier)};
    if (percents_) {
      tell(event);
    } else {
      waiting_.push_back(std::move(event));
    }
  }

  void hand_out() {
    if (percents_) {
      scale_percents(track_);
      visitor_.track(track_);
    } else {
      waiting_.push_back({.track = track_});
      if (waiting_.size() == kWaiting) hand_out_waiting();
    }
  }

  void hand_out_waiting() {
    if (percents_) return;
    find_percents();
    for (Event& event : waiting_) {
      if (!event.former) scale_percents(event.track);
      tell(event);
    }
    waiting_.clear();
  }

  void tell(const Event& event) const {
    if (!event.former) {
      visitor_.track(event.track);
    } else if (visitor_.genre) {
      visitor_.genre(event.track, *event.former, event.number);
    }
  }

  // A column has percents where most values but 0 are above 1. A single one is a fault of its row.
  void find_percents() {
    percents_.emplace();
    for (const Column column : kShares) {
      const auto c = static_cast<std::size_t>(column);
      std::int64_t surplus = 0;
      for (const Event& event : waiting_) {
        const float value = event.track.values[c];
        surplus += value > 1 ? 1 : (value > 0 ? -1 : 0);
      }
      (*percents_)[c] = surplus > 0;
    }
  }

  void scale_percents(Track& track) const {
    for (const Column column : kShares) {
      const auto c = static_cast<std::size_t>(column);
      if ((*percents_)[c]) track.values[c] /= 100;
      if (track.values[c] > 1) track.values[c] = kMissing;
    }
  }

  ReadReport& report_;
  const TrackVisitor& visitor_;
  Track track_;  // of the row
  std::vector<Event> waiting_;
  std::optional<std::array<bool, kNumColumns>> percents_;  // of the file, once known
  Seen seen_;
  Genres genres_;
  std::unordered_set<std::uint64_t> unused_rows_;
};

}  // namespace

std::string_view column_name(Column column) {
  return named_columns()[static_cast<std::size_t>(column)].name;
}

std::vector<std::string> split_artists(std::string_view cell) {
  std::vector<std::string> artists;
  split_artists_into(cell, artists);
  return artists;
}

void visit_tracks(std::span<const std::string> paths, ReadReport& report,
                  const TrackVisitor& visitor) {
  Reader reader(report, visitor);
  for (const std::string& path : paths) reader.read(path);
  if (reader.num_tracks() == 0 && !paths.empty()) {
    throw InputError(paths.front() + ": no usable row" +
                     (paths.size() > 1 ? " in this nor the other track files" : "") +
                     "; expected CSV with a header and one row per track");
  }
}

std::vector<Track> read_tracks(std::span<const std::string> paths, ReadReport& report) {
  std::vector<Track> tracks;
  visit_tracks(paths, report,
               {.track = [&](const Track& track) { tracks.push_back(track); },
                .genre =
                    [&](const Track& track, const std::string& /*former*/, std::int64_t number) {
                      tracks[static_cast<std::size_t>(number)].genre = track.genre;
                    }});
  return tracks;
}

}  // namespace mrec::spotify
