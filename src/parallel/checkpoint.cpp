#include "parallel/checkpoint.h"

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/hdf5.h"
#include "base/params.h"

namespace mrec {
namespace {

std::string previous_of(const std::string& path) { return path + ".previous"; }

Fields state_fields(Checkpoint& checkpoint) {
  return {{.name = "epoch", .value = &checkpoint.state.epoch, .help = "", .min = 0},
          {.name = "num_averaged", .value = &checkpoint.state.num_averaged, .help = "", .min = -1},
          {.name = "seconds", .value = &checkpoint.seconds, .help = "", .min = 0}};
}

using PackRow = std::function<void(int r, std::span<float> record)>;

// Collective: `count` rows of each rank become a matrix of the root's file.
void write_rows(const Communicator& world, std::optional<h5::Writer>& file, const std::string& name,
                std::size_t record, int count, const PackRow& pack) {
  world.agree([&] {
    if (file) file->append_rows(name, 0, record, {});  // there may be no row at all
  });
  world.stream(
      count, record,
      [&](int first, int last, std::span<float> rows) {
        for (int r = first; r < last; ++r) {
          pack(r, rows.subspan(static_cast<std::size_t>(r - first) * record, record));
        }
      },
      [&](int some, std::span<const float> rows) {
        file->append_rows(name, static_cast<std::size_t>(some), record, rows);
      });
}

void require_same(const std::string& path, const h5::Reader& file, const RunSettings& settings) {
  const std::vector<std::string> known = file.attribute_names("settings");
  for (const auto& [name, value] : settings) {
    const bool there = std::ranges::find(known, name) != known.end();
    const std::string before = there ? file.attribute("settings", name) : "(not known)";
    if (before == value) continue;
    throw InputError(path + ": cannot be resumed: it was made with " + name + " = " + before +
                     ", now " + name + " = " + value +
                     "; give what it was made with, or train anew without --resume");
  }
}

// The newest file that is whole, "" when there is none at all.
struct Newest {
  std::string path;
  std::string damage;  // of a newer one
};
Newest newest(const std::string& path) {
  const std::string previous = previous_of(path);
  const bool has_previous = std::filesystem::exists(previous);
  if (!std::filesystem::exists(path) && !has_previous) return {};
  try {
    const h5::Reader sound(path, kCheckpointFormat, kCheckpointVersion);
    return {.path = path};
  } catch (const InputError& error) {
    if (!has_previous) throw;
    const h5::Reader sound(previous, kCheckpointFormat, kCheckpointVersion);
    return {.path = previous, .damage = error.what()};
  }
}

Matrix stacked(const Matrix& upper, const Matrix& lower) {
  if (lower.rows() == 0) return upper;
  Matrix both(upper.rows() + lower.rows(), upper.cols());
  both << upper, lower;
  return both;
}

}  // namespace

TrainerRows rows_of(const Communicator& world, const TrainerState& state) {
  const auto rows = [](const Matrix& records) {
    return [&records](int r, std::span<float> record) {
      std::copy_n(records.row(r).data(), record.size(), record.begin());
    };
  };
  return {.epoch = state.epoch,
          .num_averaged = state.num_averaged,
          .record = static_cast<std::size_t>(state.rows.cols()),
          .artist_record = static_cast<std::size_t>(state.artists.cols()),
          .num_rows = static_cast<int>(state.rows.rows()),
          .num_artists = world.is_root() ? static_cast<int>(state.artists.rows()) : 0,
          .row = rows(state.rows),
          .artist = rows(state.artists)};
}

void save_checkpoint(const Communicator& world, const std::string& path,
                     const RunSettings& settings, const RowPlace& place, const TrainerRows& rows,
                     double seconds, bool newest_is_damaged) {
  std::optional<h5::Writer> file;  // on the root
  const std::int64_t all_values =
      world.sum(static_cast<std::int64_t>(rows.record) * rows.num_rows +
                static_cast<std::int64_t>(rows.artist_record) * rows.num_artists);
  world.agree([&] {
    if (!world.is_root()) return;
    constexpr std::int64_t kRest = 1 << 20;
    const auto bytes = static_cast<std::int64_t>(sizeof(float)) * all_values + kRest;
    file.emplace(path, kCheckpointFormat, kCheckpointVersion, bytes);
  });
  const auto num_users = static_cast<int>(place.num_users);
  write_rows(world, file, "users", rows.record, num_users, rows.row);
  write_rows(world, file, "tags", rows.record, static_cast<int>(place.num_tags),
             [&](int r, std::span<float> record) { rows.row(num_users + r, record); });
  write_rows(world, file, "artists", rows.artist_record, rows.num_artists, rows.artist);
  world.agree([&] {
    if (!file) return;
    Checkpoint numbers{.state = {.epoch = rows.epoch, .num_averaged = rows.num_averaged},
                       .seconds = seconds};
    file->group("state");
    file->fields("state", state_fields(numbers));
    file->group("settings");
    for (const auto& [name, value] : settings) file->attribute("settings", name, value);
    file->commit(newest_is_damaged ? "" : previous_of(path));
  });
}

std::optional<Checkpoint> load_checkpoint(const Communicator& world, const std::string& path,
                                          const RunSettings& settings, const RowPlace& place,
                                          bool with_artists) {
  Newest found = world.agree([&] { return world.is_root() ? newest(path) : Newest{}; });
  found.path = world.broadcast(found.path);
  found.damage = world.broadcast(found.damage);
  if (found.path.empty()) return std::nullopt;
  return world.agree([&] {
    const h5::Reader file(found.path, kCheckpointFormat, kCheckpointVersion, h5::Sum::kTrust);
    require_same(path, file, settings);
    Checkpoint checkpoint;
    checkpoint.damage = found.damage;
    file.fields("state", state_fields(checkpoint));
    TrainerState& state = checkpoint.state;
    state.rows =
        stacked(file.matrix_rows("users", place.first_user, place.first_user + place.num_users),
                file.matrix_rows("tags", place.first_tag, place.first_tag + place.num_tags));
    if (with_artists) {
      const bool all = place.num_artists < 0;
      state.artists = file.matrix_rows("artists", place.first_artist,
                                       all ? -1 : place.first_artist + place.num_artists);
    }
    return std::optional(std::move(checkpoint));
  });
}

}  // namespace mrec
