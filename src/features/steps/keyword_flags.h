#pragma once

#include <string>
#include <vector>

#include "features/table.h"

namespace mrec::features {

// A column that is 1 where genre or tags name one of the keywords.
struct KeywordFlag {
  const char* column;
  std::vector<const char*> keywords;
  std::vector<const char*> variants = {};  // what whole words alone would miss: "chillout"
};

// The genre, mood and geo indicators of the original, and variants for the rule of whole words.
const std::vector<KeywordFlag>& keyword_flags();

enum class KeywordRule {
  kWord,  // keywords and variants as whole words: "rap" is not in "trap", "uk" not in "ukulele"
  kSubstring,  // keywords anywhere: the original's rule, for comparison
};

struct KeywordFlags {
  KeywordRule rule = KeywordRule::kWord;

  void operator()(Table& table) const;
};

}  // namespace mrec::features
