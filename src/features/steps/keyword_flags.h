#pragma once

#include <string>
#include <vector>

#include "features/step.h"

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

// For every flag whether a text such as "hip-hop|seen live" names one of its keywords.
std::vector<bool> flags_of(const std::string& text, KeywordRule rule);

// A column per flag: 1 where the tags of the artist name a keyword, or the genres of at least half
// of its tracks do.
class KeywordFlags : public Step {
 public:
  Fields fields() override;
  void apply(Table& table, const Knowledge& knowledge) const override;

 private:
  std::string rule_ = "word";
  std::string tracks_ = "all";
};

}  // namespace mrec::features
