#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "dataset/artist_match.h"
#include "dataset/dataset.h"
#include "dataset/lastfm.h"
#include "dataset/split.h"
#include "dataset/weighting.h"
#include "features/named_tracks.h"
#include "features/pipeline.h"

namespace mrec {

// Everything that was read.
struct Sources {
  std::vector<ArtistLink> links;  // the artists of both sources
  SplitPlays plays;
  lastfm::TagTable tags;
  features::NamedTracks tracks;  // with what the pipeline wants
};

struct BuildParams {
  std::string catalogue = "lastfm";
  WeightingParams weighting;
  std::string pipeline = "default";  // see features::read_pipeline

  Fields fields();
};

// What was done with the sources, for the report.
struct BuildReport {
  std::int64_t tracks_of_catalogue = 0;      // (track, artist) pairs
  std::int64_t tags_of_held_out_pairs = 0;   // assignments dropped
  std::int64_t tags_of_unknown_artists = 0;  // assignments dropped
  std::int64_t plays_of_unknown_artists = 0;
};

// The whole dataset. Rows of users and artists are in the order of a keyed hash of their ids.
// Nothing is fitted on held-out plays: listeners and weights come from train, and tags that a user
// gave to an artist held out for that very user are dropped. Throws InputError when nothing is
// left, and for a link to a Spotify name that no track has, if there are tracks.
Dataset build_dataset(Sources sources, const BuildParams& params, BuildReport& report);

// Throws InputError when a (user, artist) pair is in two parts: what is to be predicted would be
// known.
void require_disjoint(const SplitPlays& plays);

}  // namespace mrec
