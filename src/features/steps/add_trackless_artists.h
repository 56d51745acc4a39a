#pragma once

#include <vector>

#include "features/table.h"

namespace mrec::features {

// Adds a row without values for every artist that has no track, so that tags alone describe it, and
// has_tracks (0 or 1), so that a model can tell what was imputed.
struct AddTracklessArtists {
  int num_artists = 0;

  void operator()(Table& table) const {
    std::vector<bool> present(static_cast<std::size_t>(num_artists), false);
    for (const int artist : table.artist) present[static_cast<std::size_t>(artist)] = true;
    table.numbers["has_tracks"].assign(table.rows(), 1);
    for (int artist = 0; artist < num_artists; ++artist) {
      if (!present[static_cast<std::size_t>(artist)]) table.artist.push_back(artist);
    }
    for (auto& [name, column] : table.numbers) {
      column.resize(table.rows(), name == "has_tracks" ? 0 : kMissing);
    }
    for (auto& [name, column] : table.texts) column.resize(table.rows());
  }
};

}  // namespace mrec::features
