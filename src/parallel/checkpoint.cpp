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

// Collective: rows of all ranks, one rank's behind the other's, on the root.
Matrix gathered(const Communicator& world, const Matrix& rows, Eigen::Index first,
                Eigen::Index count) {
  const auto columns = rows.cols();
  const auto total = world.sum(static_cast<std::int64_t>(count));
  const std::vector<float> all = world.gather(std::span<const float>(
      rows.data() + first * columns, static_cast<std::size_t>(count * columns)));
  if (!world.is_root()) return {};
  return Eigen::Map<const Matrix>(all.data(), total, columns);
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

// The newest file that is whole; nothing when there is none at all.
std::optional<h5::Reader> newest(const std::string& path) {
  const std::string previous = previous_of(path);
  const bool has_previous = std::filesystem::exists(previous);
  if (!std::filesystem::exists(path) && !has_previous) return std::nullopt;
  try {
    return h5::Reader(path, kCheckpointFormat, kCheckpointVersion);
  } catch (const InputError&) {
    if (!has_previous) throw;
    return h5::Reader(previous, kCheckpointFormat, kCheckpointVersion);
  }
}

Matrix stacked(const Matrix& upper, const Matrix& lower) {
  if (lower.rows() == 0) return upper;
  Matrix both(upper.rows() + lower.rows(), upper.cols());
  both << upper, lower;
  return both;
}

}  // namespace

void save_checkpoint(const Communicator& world, const std::string& path,
                     const RunSettings& settings, const RowPlace& place,
                     const Checkpoint& checkpoint) {
  const Matrix& rows = checkpoint.state.rows;
  const Matrix users = gathered(world, rows, 0, place.num_users);
  const Matrix tags = gathered(world, rows, place.num_users, place.num_tags);
  world.agree([&] {
    if (!world.is_root()) return;
    h5::Writer file(path, kCheckpointFormat, kCheckpointVersion);
    file.matrix("users", users);
    file.matrix("tags", tags);
    file.matrix("artists", checkpoint.state.artists);
    Checkpoint numbers{
        .state = {.epoch = checkpoint.state.epoch, .num_averaged = checkpoint.state.num_averaged},
        .seconds = checkpoint.seconds};
    file.group("state");
    file.fields("state", state_fields(numbers));
    file.group("settings");
    for (const auto& [name, value] : settings) file.attribute("settings", name, value);
    if (std::filesystem::exists(path)) std::filesystem::rename(path, previous_of(path));
    file.commit();
  });
}

std::optional<Checkpoint> load_checkpoint(const Communicator& world, const std::string& path,
                                          const RunSettings& settings, const RowPlace& place,
                                          bool with_artists) {
  return world.agree([&]() -> std::optional<Checkpoint> {
    const std::optional<h5::Reader> file = newest(path);
    if (!file) return std::nullopt;
    require_same(path, *file, settings);
    Checkpoint checkpoint;
    file->fields("state", state_fields(checkpoint));
    TrainerState& state = checkpoint.state;
    state.rows =
        stacked(file->matrix_rows("users", place.first_user, place.first_user + place.num_users),
                file->matrix_rows("tags", place.first_tag, place.first_tag + place.num_tags));
    if (with_artists) state.artists = file->matrix("artists");
    return checkpoint;
  });
}

}  // namespace mrec
