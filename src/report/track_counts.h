#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "dataset/spotify.h"

namespace mrec::report {

// What the page tells of tracks, counted while they pass by: how often each value of a column,
// each genre and each name occurs. Exact; grows with the number of different values, which tables
// round, and with names.
class TrackCounts {
 public:
  void add(const spotify::Track& track) {
    ++num_tracks;
    for (std::size_t c = 0; c < spotify::kNumColumns; ++c) {
      if (std::isfinite(track.values[c])) ++values_[c][track.values[c]];
    }
    ++genres[track.genre];
    if (track.id.empty()) ++without_id;
    if (track.name.empty()) ++without_name;
    for (const std::string& name : track.artists) ++names[name];
  }
  // See spotify::TrackVisitor::genre.
  void change_genre(const spotify::Track& track, const std::string& former) {
    const auto found = genres.find(former);
    if (--found->second == 0) genres.erase(found);
    ++genres[track.genre];
  }

  // The known values of a column in no particular order, each multiplied by `scale`.
  [[nodiscard]] std::vector<float> values(spotify::Column column, double scale = 1) const {
    std::vector<float> all;
    for (const auto& [value, count] : values_[static_cast<std::size_t>(column)]) {
      all.insert(all.end(), count, static_cast<float>(value * scale));
    }
    return all;
  }
  [[nodiscard]] std::int64_t num_known(spotify::Column column) const {
    std::int64_t sum = 0;
    for (const auto& [value, count] : values_[static_cast<std::size_t>(column)]) sum += count;
    return sum;
  }

  std::int64_t num_tracks = 0;
  std::int64_t without_id = 0;
  std::int64_t without_name = 0;
  std::map<std::string, std::int64_t> genres;  // as in Track::genre, "" as well
  std::unordered_map<std::string, int> names;  // with the number of their tracks

 private:
  std::array<std::unordered_map<float, std::uint32_t>, spotify::kNumColumns> values_;
};

}  // namespace mrec::report
