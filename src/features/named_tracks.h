#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/numbered_texts.h"
#include "dataset/artist_match.h"
#include "features/track_summary.h"

namespace mrec::features {

// The tracks of everybody by name, summed up in one pass, while nobody knows yet who is in the
// catalogue. Names that are equal when normalized are one artist, as they are to the matching.
//
// Tracks wait until they have kWaiting names: then everything that is needed for these is fetched
// into the cache step by step, for all of them at once.
class NamedTracks {
 public:
  explicit NamedTracks(Wanted wanted = {}) : summary_(0, wanted) {}

  void add(const spotify::Track& track);
  // See spotify::TrackVisitor::genre.
  void change_genre(const spotify::Track& track, const std::string& former);

  [[nodiscard]] bool is_empty() const { return spellings_.size() == 0 && waiting_.empty(); }

  // Every spelling with the number of its tracks, in ascending order.
  [[nodiscard]] std::vector<SpotifyName> names();

  // The tracks of these artists, in this order; "" has none.
  [[nodiscard]] TrackSummary take(const std::vector<std::string>& names) &&;

 private:
  static constexpr std::size_t kWaiting = 128;

  // What a spelling stands for.
  struct Use {
    std::int32_t artist = -1;  // in summary_
    std::int32_t num_tracks = 0;
  };
  struct Waiting {
    TrackNote note;
    int times = 0;  // how often it counts for its spellings
  };
  struct Name {
    std::uint64_t hash = 0;
    std::uint32_t begin = 0;  // in waiting_text_
    std::uint32_t size = 0;
    std::uint32_t track = 0;  // in waiting_
    std::int32_t artist = -1;
  };

  // The number of a spelling.
  int spelling_of(std::string_view name, std::uint64_t hash);
  // Lets the track wait.
  void wait(const spotify::Track& track, const TrackNote& note, int times);
  void add_waiting();

  TrackSummary summary_;
  NumberedTexts keys_;       // normalized names, by their artist in summary_
  NumberedTexts spellings_;  // as they stand in the tables
  std::vector<Use> uses_;    // [spellings]
  std::vector<Waiting> waiting_;
  std::vector<Name> waiting_names_;
  std::string waiting_text_;
};

}  // namespace mrec::features
