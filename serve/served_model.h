#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dataset/name_search.h"
#include "model/artifact.h"
#include "model/artist_ranking.h"
#include "model/projection.h"
#include "serve/heard_artists.h"
#include "serve/model_reports.h"

namespace mrec {

// The distinct genres of a catalogue.
struct GenreIndex {
  std::vector<std::string> names;      // [genres] those with most artists first
  std::vector<std::string> lowercase;  // [genres] ASCII letters in lower case
  std::vector<int> num_artists;        // [genres]
  std::vector<int> genre;              // [artists] -1 when unknown

  explicit GenreIndex(const std::vector<std::string>& artist_genres);
  // Which genres contain one of the texts, whatever the case. [genres]
  [[nodiscard]] std::vector<char> containing(const std::vector<std::string>& texts) const;
};

// Artists in the order of their listeners.
struct Popularity {
  std::vector<int> order;         // [artists] most listeners first, then by index
  std::vector<int> place;         // [artists] where it stands in `order`
  std::vector<float> percentile;  // [artists] 0..100: share with fewer listeners + half of the ties

  explicit Popularity(const std::vector<int>& listeners);
  // [artists] the percentile carried to [-1, 1].
  [[nodiscard]] std::vector<float> balanced() const;
};

// How a model is served.
struct ServingOptions {
  bool quantize = false;  // see ArtistRanking
  std::string survey;     // a file as read_survey() takes it; "": the artifact's survey
  // Files that tell more of the model; "": nothing is known.
  std::string dataset;     // see HeardArtists
  std::string evaluation;  // see read_model_reports(); as the next
  std::string study;
};

// A model as it is served: the artifact and what is derived from it once, when it is loaded. Never
// changed after that, so that all threads share it; a request keeps the one with which it began.
class ServedModel {
 public:
  // `name` names the model in every response. Throws InputError for files of the options that are
  // not sound or do not belong to the model.
  ServedModel(Artifact model, std::string name, const ServingOptions& options = {});
  ~ServedModel();

  const Artifact artifact;
  const std::string id;
  const std::vector<SurveyArtist> survey;
  const Popularity popularity;
  const GenreIndex genres;
  const ArtistRanking ranking;
  const NameSearch names;
  const HeardArtists heard;
  const ModelReports reports;

  // Of the most listened artists, in that order. Computed when first asked for.
  static constexpr int kMapArtists = 5000;
  [[nodiscard]] const Projection& map() const;

 private:
  struct LazyMap;
  std::unique_ptr<LazyMap> map_;
};

}  // namespace mrec
