#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/matrix.h"
#include "parallel/communicator.h"

namespace mrec {

// What a trainer needs to go on after an epoch, however the work was divided until then. A record
// is all that is kept of a row (Embeddings::pack), and behind it the row's sums when parameters are
// being averaged.
struct TrainerState {
  int epoch = 0;          // that have been done
  int num_averaged = -1;  // epochs in the sums; -1: not averaging
  Matrix rows;            // [this rank's users, then its tags x record]
  Matrix artists;         // [artists and metadata columns x record], on the roots of nodes
};

// The same without a copy, for saving.
struct TrainerRows {
  int epoch = 0;
  int num_averaged = -1;
  std::size_t record = 0;         // numbers of a row's record
  std::size_t artist_record = 0;  // and of an artist's, on the roots of nodes
  int num_rows = 0;               // of this rank
  int num_artists = 0;            // that this rank writes, behind those of the ranks before it
  std::function<void(int r, std::span<float> record)> row;
  std::function<void(int r, std::span<float> record)> artist;
};

// The root writes the artists of `state`, which outlives what is returned.
TrainerRows rows_of(const Communicator& world, const TrainerState& state);

// A rank's rows among those of all ranks.
struct RowPlace {
  std::int64_t first_user = 0;
  std::int64_t num_users = 0;
  std::int64_t first_tag = 0;
  std::int64_t num_tags = 0;
  // Artists that are read, where not all are.
  std::int64_t first_artist = 0;
  std::int64_t num_artists = -1;
};

// What must be the same for a run to go on: names and values of options, the sum of the data.
using RunSettings = std::vector<std::pair<std::string, std::string>>;

struct Checkpoint {
  TrainerState state;
  double seconds = 0;  // of training until then
  // What is wrong with the newest file, where this is the one before it.
  std::string damage;
};

// checkpoint.h5, @format = "mrec-checkpoint", @format_version = 1:
//   users, tags, artists  float32 [rows x record], by global index
//   state                 attributes epoch, num_averaged, seconds
//   settings              attributes: the RunSettings
inline constexpr std::string_view kCheckpointFormat = "mrec-checkpoint";
inline constexpr int kCheckpointVersion = 1;

// Collective: all rows pass by the root, which writes `path`, whole or not at all. What was there
// becomes `path`.previous once the new file is whole, unless told that it is damaged: so the two
// newest sound ones are kept.
void save_checkpoint(const Communicator& world, const std::string& path,
                     const RunSettings& settings, const RowPlace& place, const TrainerRows& rows,
                     double seconds, bool newest_is_damaged = false);

// Collective: what `path` holds for this rank, or `path`.previous when that file is damaged or
// missing; nothing when there is neither. The root checks sums, the others read their rows only.
// The artists are read where `with_artists`. Throws a Verdict with status 2 when the file was made
// with other settings.
std::optional<Checkpoint> load_checkpoint(const Communicator& world, const std::string& path,
                                          const RunSettings& settings, const RowPlace& place,
                                          bool with_artists);

}  // namespace mrec
