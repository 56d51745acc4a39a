#pragma once

#include <span>
#include <string>
#include <vector>

#include "dataset/artist_match.h"

namespace mrec {

// The mapping table as text, for people to review and mend:
//   artist_id <tab> lastfm_name <tab> spotify_name <tab> method <tab> score
// `method` is exact, the name of a rule (name_rules.h), given, lastfm or spotify; score is the
// probability that both names are one artist.
void write_artist_map(const std::string& path, std::span<const ArtistLink> links);
// With or without the header. Throws InputError naming the line.
std::vector<ArtistLink> read_artist_map(const std::string& path);

// A table that a person may have mended, made to fit the artists of Last.fm: those who are missing
// in it are added without a partner. Throws InputError, naming the table, for an artist who is not
// there or has another name there, and for an id or a Spotify name that stands twice.
std::vector<ArtistLink> completed(std::vector<ArtistLink> links,
                                  std::span<const lastfm::Artist> artists,
                                  const std::string& table = "artist map");

// The review file, in the columns of the mapping table and two more, tracks and linked (yes or no).
void write_review(const std::string& path, std::span<const DoubtfulMatch> doubtful);

// Matches that a person has decided on, in the first three columns of the mapping table or of the
// review file (further ones are ignored), with or without a header. An empty Spotify name keeps the
// artist apart; artists that only Spotify has are passed over. Throws InputError naming the line,
// also for a name that does not belong to the id and for an artist or a Spotify name given twice.
std::vector<GivenMatch> read_given_matches(const std::string& path,
                                           std::span<const lastfm::Artist> artists);

}  // namespace mrec
