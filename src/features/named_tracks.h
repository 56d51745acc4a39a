#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "dataset/artist_match.h"
#include "features/track_summary.h"

namespace mrec::features {

// The tracks of everybody by name, summed up in one pass, while nobody knows yet who is in the
// catalogue. Names that are equal when normalized are one artist, as they are to the matching.
//
// Tracks wait until there are kWaiting of them: the places where they belong are fetched into the
// cache while those before them are added.
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
  static constexpr std::size_t kWaiting = 1024;

  // A place of a hash table with linear probing. Names with the same 64 bits are taken as the same.
  struct Spelling {
    std::uint64_t hash = 0;
    std::int32_t name = -1;    // in names_; -1: the place is free
    std::int32_t artist = -1;  // in summary_
    std::int32_t num_tracks = 0;
  };
  struct Waiting {
    std::int32_t artist = 0;
    TrackNote note;
  };

  [[nodiscard]] std::size_t place_of(std::uint64_t hash) const;
  Spelling& spelling(const std::string& name);
  // Lets the track wait for each of its artists.
  void wait(const spotify::Track& track, const TrackNote& note, int times);
  void add_waiting();

  TrackSummary summary_;
  std::unordered_map<std::string, int> by_key_;  // normalized name -> artist
  std::deque<std::string> names_;
  std::vector<Spelling> spellings_ = std::vector<Spelling>(1024);
  std::vector<Waiting> waiting_;
};

}  // namespace mrec::features
