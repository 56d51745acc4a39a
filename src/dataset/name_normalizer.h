#pragma once

#include <string>
#include <string_view>
#include <vector>

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

// The parts of a name that is written in Latin letters (five at least) and, apart from these, in
// others (two at least): "Yoko Shimomura 下村陽子" -> "Yoko Shimomura", "下村陽子". Otherwise
// nothing.
std::vector<std::string> scripts_of(std::string_view name);

// What text may have been before East Asian bytes (EUC-JP, Shift-JIS, EUC-KR, GBK, Big5) were read
// as latin-1 or cp1252: "¥Ý¥ë¥Î" -> "ポルノ". Several are possible; which one is meant only a
// known name can tell. Nothing when most of the text is ASCII.
std::vector<std::string> east_asian_readings(std::string_view name);

}  // namespace mrec
