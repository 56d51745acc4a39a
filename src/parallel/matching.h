#pragma once

#include <span>
#include <string>
#include <vector>

#include "dataset/artist_match.h"
#include "parallel/communicator.h"

namespace mrec {

// Collective: match_artists() with the Spotify names divided among the ranks; the same result with
// any number of them. Only the root's arguments count, and only the root gets an answer. Throws a
// Verdict on all ranks for what match_artists() refuses.
ArtistMatches match_artists(const Communicator& world, std::span<const lastfm::Artist> artists,
                            std::span<const SpotifyName> names, const MatchParams& params,
                            std::span<const GivenMatch> given);

}  // namespace mrec
