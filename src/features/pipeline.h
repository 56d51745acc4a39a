#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/matrix.h"
#include "base/params.h"
#include "dataset/dataset.h"
#include "dataset/spotify.h"
#include "features/table.h"

namespace mrec::features {

// A feature step changes the table; its name stands in front of its errors.
struct Step {
  std::string name;
  std::function<void(Table&)> apply;
};

struct PipelineParams {
  std::string tracks = "statistics";
  std::string keywords = "word";
  double max_missing = 0.8;

  Fields fields();
};

// What the steps join to the tracks. All of it outlives the pipeline.
struct Knowledge {
  int num_artists = 0;
  std::vector<int> listeners;                 // [artists] in train only
  const SparseMatrix& tags;                   // [artists x tags] without held-out pairs
  const std::vector<std::string>& tag_names;  // [tags], ascending
};

// The steps in their order: to add one, put it at its place here.
std::vector<Step> artist_pipeline(const Knowledge& knowledge, const PipelineParams& params);

// Applies the steps one after another.
void run(std::span<const Step> steps, Table& table);

// A row for every (track, artist of the catalogue) pair. `artists_of` gives the artist indices of a
// track.
Table track_table(std::span<const spotify::Track> tracks,
                  const std::function<std::vector<int>(const spotify::Track&)>& artists_of);

// [num_artists x columns] of a table that has a row per artist. Throws Error for a missing value.
FeatureMatrix to_matrix(const Table& table, int num_artists);

}  // namespace mrec::features
