#pragma once

#include <cstdint>
#include <span>
#include <string>
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
  double cutoff = 90;

  Fields fields();
};

// A name as Spotify writes it, and on how many tracks.
struct SpotifyName {
  std::string name;
  int num_tracks = 0;
};

// Links names of both sources one to one: exact on normalized names first, then fuzzy (blocking on
// the first, middle and last three characters; normalized Indel similarity of the transliterated
// names >= cutoff; digits must agree; names under four characters or that have no ASCII form
// never), best score first.
//
// Spotify names that normalize alike are one artist, shown by the spelling with the most tracks.
// Links come sorted by artist_id and do not depend on the order of the inputs.
std::vector<ArtistLink> match_artists(std::span<const lastfm::Artist> artists,
                                      std::span<const SpotifyName> names,
                                      const MatchParams& params);

// The mapping table as text, for people to review and mend:
//   artist_id <tab> lastfm_name <tab> spotify_name <tab> method <tab> score
// `method` is exact, fuzzy, lastfm or spotify.
void write_artist_map(const std::string& path, std::span<const ArtistLink> links);
// With or without the header. Throws InputError naming the line.
std::vector<ArtistLink> read_artist_map(const std::string& path);

// A table that a person may have mended, made to fit the artists of Last.fm: those who are missing
// in it are added without a partner. Throws InputError for an artist who is not there, and for an
// id or a Spotify name that stands twice.
std::vector<ArtistLink> completed(std::vector<ArtistLink> links,
                                  std::span<const lastfm::Artist> artists);

}  // namespace mrec
