#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/params.h"
#include "dataset/lastfm.h"

namespace mrec {

enum class MatchKind { kExact, kFuzzy, kLastfmOnly, kSpotifyOnly };

// One row of the mapping table: an artist of either source under its unified id.
struct ArtistLink {
  std::int64_t artist_id = 0;  // the Last.fm id where there is one, new ids after the largest
  std::string lastfm_name;     // "" for Spotify only
  std::string spotify_name;    // "" for Last.fm only
  MatchKind kind = MatchKind::kLastfmOnly;
  double score = 0;  // 0..100; 100 for exact, 0 without a partner
};

struct MatchParams {
  double cutoff = 90;  // least similarity (0..100) of a fuzzy match

  Fields fields();
};

// Links names of both sources one to one: exact on normalized names first, then fuzzy (blocking,
// normalized Indel similarity of transliterated names >= cutoff, best score first). `num_tracks`
// breaks ties between Spotify names: the one with more tracks wins. Links come sorted by artist_id.
// Independent of the order of both inputs.
struct SpotifyName {
  std::string name;
  int num_tracks = 0;
};
std::vector<ArtistLink> match_artists(std::span<const lastfm::Artist> artists,
                                      std::span<const SpotifyName> names,
                                      const MatchParams& params);

// The mapping table as text, for people to review and mend:
//   artist_id <TAB> lastfm_name <TAB> spotify_name <TAB> method <TAB> score
void write_artist_map(const std::string& path, std::span<const ArtistLink> links);
std::vector<ArtistLink> read_artist_map(const std::string& path);

}  // namespace mrec
