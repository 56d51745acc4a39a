#pragma once

#include "features/table.h"

namespace mrec::features {

enum class TrackRule {
  kPopular,     // the artist's most popular track, or the mean of equals (the original's way)
  kStatistics,  // mean and standard deviation over its tracks, and their number
};

// One row per artist, in the order of the artists. Indicator columns (no value but 0 and 1) take
// the more frequent value, other numbers the mean of what is known; with kStatistics numbers get a
// second column <name>_std and the table num_tracks. Texts go. The popularity column goes, too: it
// chose the track.
struct AggregateTracks {
  TrackRule rule = TrackRule::kPopular;

  void operator()(Table& table) const;
};

// Whether a column has no value but 0, 1 and missing.
bool is_indicator(const std::vector<float>& column);

}  // namespace mrec::features
