#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "features/step.h"
#include "model/toy.h"

namespace mrec::features {

// A track with the given values; the others are missing.
inline spotify::Track planted_track(std::initializer_list<std::pair<spotify::Column, float>> values,
                                    std::string genre = "rock") {
  spotify::Track track{.artists = {"A"}, .genre = std::move(genre)};
  track.values.fill(spotify::kMissing);
  for (const auto& [column, value] : values) track.values[static_cast<std::size_t>(column)] = value;
  return track;
}

// Three artists: two tracks, none, one.
struct Planted {
  SparseMatrix tags = sparse(Matrix{{0, 0}, {1, 0}, {0, 3}});
  std::vector<std::string> tag_names{"metal", "sad"};
  TrackSummary tracks{3, {.popularity = true, .sample = true}};
  Knowledge knowledge{
      .listeners = {5, 1, 0}, .tags = tags, .tag_names = tag_names, .tracks = tracks};

  Planted() {
    using enum spotify::Column;
    tracks.add(0, planted_track({{kEnergy, 0.2F}, {kPopularity, 10}}));
    tracks.add(0, planted_track({{kEnergy, 0.8F}, {kPopularity, 90}}));
    tracks.add(2, planted_track({{kEnergy, 0.5F}, {kPopularity, 50}}));
  }
};

}  // namespace mrec::features
