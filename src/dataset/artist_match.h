#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/params.h"
#include "dataset/lastfm.h"
#include "dataset/name_index.h"

namespace mrec {

// How an artist got its partner, or which source alone has it.
enum class MatchKind {
  kExact,  // the same name after normalization
  kFuzzy,  // by another rule
  kLastfmOnly,
  kSpotifyOnly,
  kGiven,  // by the user
};

// One row of the mapping table: an artist of either source under its unified id.
struct ArtistLink {
  std::int64_t artist_id = 0;  // the Last.fm id where there is one, new ids after the largest
  std::string lastfm_name;     // "" for Spotify only
  std::string spotify_name;    // "" for Last.fm only
  MatchKind kind = MatchKind::kLastfmOnly;
  double score = 0;                 // probability that both are one artist; 0 without a partner
  NameRule rule = NameRule::kSame;  // of kFuzzy
};

struct MatchParams {
  double min_probability = 0.6;

  Fields fields();
};

// A name as Spotify writes it, and on how many tracks.
struct SpotifyName {
  std::string name;
  int num_tracks = 0;
};

// Spotify's spellings of one normalized name: one artist.
struct SpotifyArtist {
  std::string display;  // the spelling with the most tracks
  int num_tracks = 0;
  std::vector<std::string> spellings;
};
// In ascending order of their normalized names.
std::vector<SpotifyArtist> group_spellings(std::span<const SpotifyName> names);

// Two artists who may be one.
struct MatchCandidate {
  std::int32_t artist = 0;   // index of the Last.fm artist
  std::int32_t spotify = 0;  // index of the Spotify artist
  NameRule rule = NameRule::kSame;
  double probability = 0;
};

// The candidates among the artists of Last.fm, whose names are in the index, for Spotify artists
// [first, first + names.size()). What is found for a name does not depend on the other names.
std::vector<MatchCandidate> match_candidates(const NameIndex& index,
                                             std::span<const std::string> names, int first);

// "These are one" or, with an empty Spotify name, "this artist is in no track table".
struct GivenMatch {
  std::int64_t artist_id = 0;
  std::string spotify_name;
};

// A pair of names about which somebody should think.
struct DoubtfulMatch {
  std::int64_t artist_id = 0;
  std::string lastfm_name;
  std::string spotify_name;
  NameRule rule = NameRule::kSame;
  double probability = 0;
  int num_tracks = 0;
  bool linked = false;
};

struct ArtistMatches {
  std::vector<ArtistLink> links;        // ascending by artist_id
  std::vector<DoubtfulMatch> doubtful;  // those with the most tracks first
};

// Links one to one: given matches first, then the most probable candidates from min_probability on;
// of equally probable ones those spelt alike, then those with more tracks. The result does not
// depend on the order of artists and candidates. Doubtful are candidates with a probability from
// 0.2 to 0.9 that no more probable link rules out. Throws InputError for a given match that names
// an artist who is not there.
ArtistMatches resolve_matches(std::span<const lastfm::Artist> artists,
                              std::span<const SpotifyArtist> spotify,
                              std::vector<MatchCandidate> candidates,
                              std::span<const GivenMatch> given, const MatchParams& params);

// All of it in one process; parallel/matching.h does it on many.
ArtistMatches match_artists(std::span<const lastfm::Artist> artists,
                            std::span<const SpotifyName> names, const MatchParams& params,
                            std::span<const GivenMatch> given = {});

}  // namespace mrec
