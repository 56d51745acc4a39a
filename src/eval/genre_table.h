#pragma once

#include <string>
#include <vector>

#include "base/matrix.h"

namespace mrec {

// How much of each genre artists are.
struct GenreTable {
  std::vector<std::string> names;  // [genres] by descending number of artists
  SparseMatrix labels;             // [artists x genres] > 0
};

// The genres are the 30 labels that most artists have (those with a single artist are left out).
// An artist is as much of a genre as users gave it as a tag, or wholly its label where no such tag
// was given. `labels` [artists], "" when unknown; `tags` [artists x tags], or empty.
GenreTable make_genre_table(const std::vector<std::string>& labels, const SparseMatrix& tags,
                            const std::vector<std::string>& tag_names);

}  // namespace mrec
