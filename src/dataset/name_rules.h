#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mrec {

// How two writings of one artist's name differ.
enum class NameRule {
  kSame,            // not at all, after normalize_name(): "The Killers", "killers"
  kTransliterated,  // by script: "Zемфира", "Zemfira"
  kSpacing,         // by spaces: "blink-182", "Blink182"; "P.O.D.", "POD"
  kEncoded,         // by what programs add: "Guns%20N&apos;Roses", "03 - Mogwai"
  kReordered,       // "Ayers, Roy", "Black, Frank & The Catholics"
  kSymbols,         // signs for letters: "P!nk", "Ke$ha"
  kCollaborators,   // order and joints of several artists: "A & B", "B, A", "A vs. B"
  kWords,           // the order or repetition of words: "Claude Claude Debussy"
  kTypo,            // one or two letters
  kArticle,         // of another language: "Die Toten Hosen", "Toten Hosen"
  kBrackets,        // "Nirvana [US]"
  kGuests,          // "Hardsoul feat. Ron Carroll"
  kEnsemble,        // "Count Basie and His Orchestra"
  kTitle,           // "Mogwai - Helicon 1"
  kTitleFirst,      // "Proud Mary - Leonard Nimoy"
  kTwoScripts,      // "Yoko Shimomura 下村陽子", "下村陽子"
  kCount
};
std::string_view rule_name(NameRule rule);

// Under what a name is looked up: transliterate_name(), without spaces when it has four letters or
// more or nothing but initials ("H.I.M.").
std::string name_key(std::string_view name);

// A key that two names may share although name_key() differs, and the rule that makes it.
struct LooseKey {
  std::string key;
  NameRule rule;
};

// Keys that mean the same in both directions: collaborators in any order, words in any order.
std::vector<LooseKey> symmetric_keys(std::string_view name);

// name_key()s of the names that this one, if it is badly written, may stand for.
std::vector<LooseKey> readings_of(std::string_view name);

}  // namespace mrec
