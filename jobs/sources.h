#pragma once

#include <map>
#include <string>
#include <vector>

#include "dataset/artist_match.h"
#include "dataset/spotify.h"

namespace mrec {

// The files that --spotify names; a directory stands for all *.csv in it, in the order of their
// names. Throws InputError when one is missing, or a directory holds none.
std::vector<std::string> track_files(const std::vector<std::string>& paths);

// Every spelling of an artist's name in the tracks that pass by, with the number of tracks.
class NameCounter {
 public:
  void add(const spotify::Track& track) {
    for (const std::string& name : track.artists) ++counts_[name];
  }
  // In ascending order.
  [[nodiscard]] std::vector<SpotifyName> names() const;

 private:
  std::map<std::string, int> counts_;
};

// "12669 exact, 1011 fuzzy, 3952 only in Last.fm, 61000 only in Spotify"
std::string summary_of(const std::vector<ArtistLink>& links);

}  // namespace mrec
