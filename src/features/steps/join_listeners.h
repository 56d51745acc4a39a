#pragma once

#include <vector>

#include "features/table.h"

namespace mrec::features {

// listeners: how many users have the row's artist in train. Held-out plays must not count: what
// they say is what is to be predicted.
struct JoinListeners {
  std::vector<int> listeners;  // [artists]

  void operator()(Table& table) const {
    std::vector<float>& column = table.numbers["listeners"];
    for (const int artist : table.artist) {
      column.push_back(static_cast<float>(listeners[static_cast<std::size_t>(artist)]));
    }
  }
};

}  // namespace mrec::features
