#include "jobs/model_file.h"

#include "model/survey.h"

namespace mrec {

void add_catalogue(Artifact& model, const DatasetFile& dataset, const std::string& survey,
                   int survey_size) {
  model.artists = dataset.artists();
  model.artist_names = dataset.artist_names();
  model.artist_genres = dataset.artist_genres();
  model.users = dataset.users();
  if (model.params.has_metadata()) model.feature_names = dataset.features().names;
  model.survey =
      survey.empty() ? choose_survey(model, survey_size) : read_survey(survey, model.artists);
}

}  // namespace mrec
