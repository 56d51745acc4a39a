#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "serve/rating_store.h"
#include "serve/served_model.h"

namespace mrec {

// How the ratings of a person become a user vector.
enum class Method { kFoldIn, kMean };

struct Submission {
  std::string user_id;  // exact bytes: "A.B" and "AB" are two people
  std::vector<RatedArtist> ratings;
};

struct Query {
  std::string user_id;
  int top_k = 10;
  Method method = Method::kFoldIn;
};

struct SurveyEntry {
  std::int64_t artist_id = 0;
  std::string name;
  std::string genre;
};

struct Recommendation {
  int rank = 0;  // 1 is the best
  std::int64_t artist_id = 0;
  std::string artist_name;
  float score = 0;      // calibrated, 0..1
  float raw_score = 0;  // user vector . artist factors + artist bias
};

// What the server does: survey, rate, recommend. Knows neither HTTP nor JSON.
// All functions may be called from several threads at once; each works with one model from its
// beginning to its end.
class Service {
 public:
  // `store` outlives the service.
  explicit Service(RatingStore& store) : store_(store) {}

  // The artists that a new user is asked to rank, in the order in which they are asked.
  [[nodiscard]] std::vector<SurveyEntry> survey(const ServedModel& model) const;

  // Replaces all earlier ratings of the user; they are on the disk when this returns.
  // Throws InputError, and changes nothing, when an artist is not in the catalogue.
  void rate(const ServedModel& model, const Submission& submission);

  // The best artists for the user, without those that the user rated. Throws NotFound for a user
  // without ratings.
  [[nodiscard]] std::vector<Recommendation> recommend(const ServedModel& model,
                                                      const Query& query) const;

 private:
  RatingStore& store_;
};

}  // namespace mrec
