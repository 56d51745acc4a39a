#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "dataset/artist_match.h"
#include "features/track_summary.h"

namespace mrec::features {

// The tracks of everybody by name, summed up in one pass, while nobody knows yet who is in the
// catalogue. Names that are equal when normalized are one artist, as they are to the matching.
class NamedTracks {
 public:
  explicit NamedTracks(Wanted wanted = {}) : summary_(0, wanted) {}

  void add(const spotify::Track& track);
  // See spotify::TrackVisitor::genre.
  void change_genre(const spotify::Track& track, const std::string& former);

  // Every spelling with the number of its tracks, in ascending order.
  [[nodiscard]] std::vector<SpotifyName> names() const;

  // The tracks of these artists, in this order; "" has none.
  [[nodiscard]] TrackSummary take(const std::vector<std::string>& names) &&;

 private:
  struct Spelling {
    int artist = 0;  // in summary_
    int num_tracks = 0;
  };

  Spelling& spelling(const std::string& name);
  // The artists of a track, each once.
  const std::vector<int>& artists_of(const spotify::Track& track);

  TrackSummary summary_;
  std::unordered_map<std::string, int> by_key_;  // normalized name -> artist
  std::unordered_map<std::string, Spelling> spellings_;
  std::vector<int> found_;  // by artists_of()
};

}  // namespace mrec::features
