#pragma once

#include <string_view>

namespace mrec {

// Normalized Indel similarity in 0..100: 100 * 2 LCS / (|a| + |b|), over bytes (RapidFuzz `ratio`,
// python-Levenshtein `ratio` * 100). Two empty strings: 100. Returns 0 early where it is certain to
// stay below `cutoff`.
double indel_similarity(std::string_view a, std::string_view b, double cutoff = 0);

// Optimal string alignment distance over bytes: insertions, deletions, substitutions and swaps of
// neighbours that turn one into the other (Damerau-Levenshtein without editing a swap again).
// limit + 1 where it is more than `limit`.
int edit_distance(std::string_view a, std::string_view b, int limit);

}  // namespace mrec
