#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/matrix.h"
#include "model/artifact.h"

namespace mrec {

// Chooses the artists that a new user ranks: well known, and different from one another.
//
// First the original service's ten names, in its order and with its genre labels, as far as the
// catalogue has them with listeners; the rest is chosen greedily from the 200 artists with the most
// listeners, each time the one with the largest log(listeners) * (1 - largest cosine similarity
// with those chosen). `count` <= 10: the original client cannot rank more.
std::vector<SurveyArtist> choose_survey(const Artifact& model, int count);

// Adds to `survey`, until it has `count`, artists of `known`, always the one with the largest
// log(listeners) * (1 - largest cosine similarity with those in it).
void add_diverse(const Artifact& model, std::span<const int> known, std::size_t count,
                 std::vector<SurveyArtist>& survey);

// From a file of lines `artist_id <TAB> genre`. Throws InputError naming the line for an id that is
// not in the catalogue or comes twice, and for more than 10 lines.
std::vector<SurveyArtist> read_survey(const std::string& path, const IdMap& artists);

}  // namespace mrec
