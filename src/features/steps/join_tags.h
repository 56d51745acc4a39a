#pragma once

#include <string>
#include <vector>

#include "base/matrix.h"
#include "features/table.h"

namespace mrec::features {

// tags: the tags of the row's artist, joined by '|' in the order of their names.
struct JoinTags {
  const SparseMatrix& tags;               // [artists x tags]
  const std::vector<std::string>& names;  // [tags], ascending

  void operator()(Table& table) const {
    std::vector<std::string>& column = table.texts["tags"];
    for (const int artist : table.artist) {
      std::string text;
      for (SparseMatrix::InnerIterator it(tags, artist); it; ++it) {
        text += (text.empty() ? "" : "|") + names[static_cast<std::size_t>(it.col())];
      }
      column.push_back(std::move(text));
    }
  }
};

}  // namespace mrec::features
