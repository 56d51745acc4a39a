#pragma once

#include <span>
#include <vector>

#include "base/matrix.h"
#include "model/recommend.h"

namespace mrec {

// Artists that are reordered among themselves; a page of a list depends on its windows only, so
// that pages of one list never repeat an artist.
inline constexpr int kDiversityWindow = 200;

// Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): the next artist of the list is
// always the one with the largest
//   (1 - diversity) * relevance - diversity * largest cosine with those already taken
// where relevance is the score, carried to 0..1 within the window. `list`, best first, is reordered
// window by window; diversity 0 leaves it as it is.
void diversify(const Matrix& factors, float diversity, std::span<Scored> list);

}  // namespace mrec
