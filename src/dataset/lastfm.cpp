#include "dataset/lastfm.h"

#include <charconv>
#include <cmath>
#include <filesystem>
#include <limits>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>

#include "base/error.h"
#include "base/random.h"
#include "base/table_file.h"
#include "dataset/name_normalizer.h"

namespace mrec::lastfm {
namespace {

template <typename Number>
std::optional<Number> parse(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Calls use(cells) for every row with at least `columns` cells; use returns "" or why the row
// cannot be used. The first row is passed over when its first cell is not a number: a header.
template <typename Use>
void read_rows(const std::string& path, std::size_t columns, ReadReport& report, Use use) {
  TableFile file(path, TableFile::Kind::kTsv);
  std::int64_t used = 0;
  bool first = true;
  while (file.next()) {
    const auto cells = file.cells();
    const bool header = first && !parse<std::int64_t>(cells[0]);
    first = false;
    if (header) continue;
    const std::string reason = cells.size() < columns ? "row with too few columns" : use(cells);
    if (reason.empty()) {
      ++used;
    } else {
      report.left_out(reason, path, file.line(), to_utf8(file.text()));
    }
  }
  if (used == 0) {
    throw InputError(path + ":1: holds no usable row; expected " + std::to_string(columns) +
                     " or more columns separated by tabs, the first of them a number");
  }
  report.used(path, used);
}

std::uint64_t pair_key(std::int64_t a, std::int64_t b) {
  return mix64(static_cast<std::uint64_t>(a)) ^ static_cast<std::uint64_t>(b);
}

std::vector<Play> read_play_file(const std::string& path, ReadReport& report) {
  // Data sets hold weights as floats, which must be above 0 and finite.
  constexpr double kLeast = std::numeric_limits<float>::min();
  constexpr double kMost = std::numeric_limits<float>::max();
  std::vector<Play> plays;
  std::unordered_set<std::uint64_t> seen;
  read_rows(path, 3, report, [&](std::span<const std::string_view> cells) -> std::string {
    const auto user = parse<std::int64_t>(cells[0]);
    const auto artist = parse<std::int64_t>(cells[1]);
    const auto weight = parse<double>(cells[2]);
    if (!user || !artist) return "row whose ids are not numbers";
    if (!weight || !std::isfinite(*weight) || *weight < kLeast) {
      return "row without a positive weight";
    }
    if (*weight > kMost) return "row whose weight is too large";
    if (!seen.insert(pair_key(*user, *artist)).second) return "repeated (user, artist)";
    plays.push_back({*user, *artist, *weight});
    return "";
  });
  return plays;
}

}  // namespace

std::vector<Artist> read_artists(const std::string& directory, ReadReport& report) {
  std::vector<Artist> artists;
  std::unordered_set<std::int64_t> seen;
  read_rows(directory + "/artists.dat", 2, report,
            [&](std::span<const std::string_view> cells) -> std::string {
              const auto id = parse<std::int64_t>(cells[0]);
              if (!id) return "artist whose id is not a number";
              std::string name = to_utf8(cells[1]);
              if (name.empty()) return "artist without a name";
              if (!seen.insert(*id).second) return "repeated artist id";
              artists.push_back({*id, std::move(name)});
              return "";
            });
  return artists;
}

std::vector<Play> read_plays(const std::string& directory, ReadReport& report) {
  return read_play_file(directory + "/user_artists.dat", report);
}

TagTable read_tags(const std::string& directory, ReadReport& report) {
  const std::string names_path = directory + "/tags.dat";
  const std::string assignments_path = directory + "/user_taggedartists.dat";
  if (!std::filesystem::exists(names_path) && !std::filesystem::exists(assignments_path)) return {};

  TagTable table;
  std::unordered_map<std::int64_t, int> index;
  read_rows(names_path, 2, report, [&](std::span<const std::string_view> cells) -> std::string {
    const auto id = parse<std::int64_t>(cells[0]);
    if (!id) return "tag whose id is not a number";
    if (!index.emplace(*id, static_cast<int>(table.names.size())).second) return "repeated tag id";
    table.names.push_back(to_utf8(cells[1]));
    return "";
  });
  std::unordered_set<std::uint64_t> seen;
  read_rows(assignments_path, 3, report,
            [&](std::span<const std::string_view> cells) -> std::string {
              const auto user = parse<std::int64_t>(cells[0]);
              const auto artist = parse<std::int64_t>(cells[1]);
              const auto tag = parse<std::int64_t>(cells[2]);
              if (!user || !artist || !tag) return "tag assignment whose ids are not numbers";
              const auto found = index.find(*tag);
              if (found == index.end()) return "tag assignment of a tag that is not in tags.dat";
              const std::uint64_t pair = pair_key(*user, *artist);
              if (!seen.insert(mix64(pair) ^ static_cast<std::uint64_t>(*tag)).second) {
                return "repeated tag assignment";
              }
              table.assignments.push_back({*user, *artist, found->second});
              return "";
            });
  return table;
}

std::vector<Play> read_split_file(const std::string& path, ReadReport& report) {
  return read_play_file(path, report);
}

}  // namespace mrec::lastfm
