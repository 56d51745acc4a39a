#pragma once

#include <string>

#include "dataset/dataset.h"
#include "model/artifact.h"

namespace mrec {

// What a model tells of a data set besides what it has learnt: names of its artists, its users and
// metadata columns, and the survey: of a file of lines `artist_id <tab> genre`, or of chosen
// artists when `survey` is empty. Throws InputError for a survey that does not fit.
void add_catalogue(Artifact& model, const DatasetFile& dataset, const std::string& survey,
                   int survey_size);

}  // namespace mrec
