#pragma once

#include <string>
#include <vector>

#include "features/table.h"

namespace mrec::features {

// A column that is 1 where genre or tags name one of the keywords.
struct KeywordFlag {
  const char* column;
  std::vector<const char*> keywords;
};

// The genre, mood and geo indicators of the original.
const std::vector<KeywordFlag>& keyword_flags();

enum class KeywordRule {
  kWord,       // whole words: "rap" is not in "trap", "uk" not in "ukulele"
  kSubstring,  // the original's rule, for comparison
};

struct KeywordFlags {
  KeywordRule rule = KeywordRule::kWord;

  void operator()(Table& table) const;
};

}  // namespace mrec::features
