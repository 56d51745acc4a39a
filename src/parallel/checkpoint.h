#pragma once

#include <cstdint>
#include <optional>
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

// A rank's rows among those of all ranks.
struct RowPlace {
  std::int64_t first_user = 0;
  std::int64_t num_users = 0;
  std::int64_t first_tag = 0;
  std::int64_t num_tags = 0;
};

// What must be the same for a run to go on: names and values of options, the sum of the data.
using RunSettings = std::vector<std::pair<std::string, std::string>>;

struct Checkpoint {
  TrainerState state;
  double seconds = 0;  // of training until then
};

// checkpoint.h5, @format = "mrec-checkpoint", @format_version = 1:
//   users, tags, artists  float32 [rows x record], by global index
//   state                 attributes epoch, num_averaged, seconds
//   settings              attributes: the RunSettings
inline constexpr std::string_view kCheckpointFormat = "mrec-checkpoint";
inline constexpr int kCheckpointVersion = 1;

// Collective: the root collects everything and writes `path`, whole or not at all; what was there
// becomes `path`.previous. It needs memory for all rows.
void save_checkpoint(const Communicator& world, const std::string& path,
                     const RunSettings& settings, const RowPlace& place,
                     const Checkpoint& checkpoint);

// Collective: what `path` holds for this rank, or `path`.previous when that file is damaged or
// missing; nothing when there is neither. The artists are read where `with_artists`. Throws a
// Verdict with status 2 when the file was made with other settings.
std::optional<Checkpoint> load_checkpoint(const Communicator& world, const std::string& path,
                                          const RunSettings& settings, const RowPlace& place,
                                          bool with_artists);

}  // namespace mrec
