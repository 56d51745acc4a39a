#pragma once

#include <string>
#include <vector>

#include "base/matrix.h"
#include "eval/baselines.h"
#include "model/artifact.h"

namespace mrec {

// Artists whom nobody has in train but somebody in the held-out part, and what is known of them:
// the tags that others than these somebodies gave.
struct NewArtists {
  std::vector<int> artists;  // [candidates] of the catalogue, ascending
  SparseMatrix target;       // [users x candidates]
  SparseMatrix tags;         // [artists x T] of all artists
  std::vector<std::string> tag_names;
  FeatureMatrix features;        // [artists x F]
  std::vector<float> listeners;  // [artists] in train

  [[nodiscard]] int num_tagged() const;  // candidates with a tag
};

// `train`, `held_out` [users x artists], `tags` [artists x T]; `path` for the message. Names of
// tags and metadata are left to the caller. Throws InputError when there is no new artist.
NewArtists find_new_artists(const SparseMatrix& train, const SparseMatrix& held_out,
                            const SparseMatrix& tags, const std::string& path);

// Representations [candidates x d] and biases [candidates] of new artists.
struct NewFactors {
  Matrix factors;
  Vector bias;
};

// By the map of the model, from the tags and metadata of the data set.
NewFactors mapped(const NewArtistMap& map, const NewArtists& artists);
// What the model itself holds for them.
NewFactors as_trained(const Artifact& model, const NewArtists& artists);

// tags         number of users' tags, as a guess at popularity
// profile      cosine of the artist's tags with those of what the user has heard
// profile-log  the same, times log(1 + tags)
// `heard` [users x artists] and `artists` outlive the baselines, whose scores are [candidates].
std::vector<Baseline> new_artist_baselines(const SparseMatrix& heard, const NewArtists& artists);

}  // namespace mrec
