#pragma once

#include <string>

#include "model/artifact.h"

namespace mrec {

// Adds the artists of a table to a model's catalogue, placed by its map (model/new_artist_map.h):
//   artist_id <tab> name <tab> tags      with this header, as  900001 <tab> Foo <tab> jazz;soul:12
// where a number behind a tag says how many users gave it. Metadata are taken as usual ones. Throws
// InputError naming file and line for a row that does not fit, an id that the catalogue has or an
// artist none of whose tags the model knows, and when the model has no such map.
void add_new_artists(Artifact& model, const std::string& path);

}  // namespace mrec
