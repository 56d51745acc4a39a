#pragma once

#include <string>
#include <string_view>

// Everything that needs ICU.
namespace mrec {

// Text as UTF-8: UTF-8 stays, UTF-8 that was once or twice read as latin-1 or cp1252 ("BeyoncÃ©")
// is repaired, other bytes are read as latin-1. Control characters become spaces, ends are trimmed.
std::string to_utf8(std::string_view bytes);

// The key for exact matches: NFKC, case folded, accents off Latin letters, "&" -> "and",
// apostrophes off, other punctuation -> space, leading "the" off, white space collapsed.
// A name that would become empty ("!!!") keeps its case-folded raw form.
std::string normalize_name(std::string_view name);

// normalize_name, then transliterated to ASCII: the second candidate key and what fuzzy matching
// compares ("Мумий Тролль" -> "mumij troll").
std::string transliterate_name(std::string_view name);

}  // namespace mrec
