#pragma once

#include <cstdint>
#include <optional>
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

// What to recommend: to whom, and which artists. See serve/tables.cpp for the meaning of each.
struct Query {
  std::string user_id;                 // of a person whose ratings are stored
  std::vector<RatedArtist> ratings;    // or a taste that is given here
  std::vector<std::int64_t> dislikes;  // of a taste
  int top_k = 10;
  Method method = Method::kFoldIn;
  bool explain = false;
  bool exclude_rated = true;
  bool exclude_heard = true;  // of a user of the training data
  bool popular_fallback = false;
  std::vector<std::int64_t> exclude;
  std::vector<std::string> genres;
  std::vector<std::string> exclude_genres;
  std::optional<int> min_listeners;
  std::optional<int> max_listeners;
  float diversity = 0;
  float familiarity = 0;
  int offset = 0;
};

struct SurveyQuery {
  int limit = 10;
  std::optional<std::int64_t> seed;
  std::string genre;
};

struct SurveyEntry {
  std::int64_t artist_id = 0;
  std::string name;
  std::string genre;
};

struct StoredRating {
  std::int64_t artist_id = 0;
  std::string artist_name;
  int rank = 0;
};

struct Contribution {
  std::int64_t artist_id = 0;
  std::string artist_name;
  float part = 0;
};

// Why an artist has its raw score: all parts and the bias add up to it.
struct Explanation {
  std::vector<Contribution> contributions;  // largest first
  float bias = 0;
};

struct Recommendation {
  int rank = 0;  // 1 is the best
  std::int64_t artist_id = 0;
  std::string artist_name;
  float score = 0;      // calibrated, 0..1
  float raw_score = 0;  // user vector . artist factors + artist bias
  std::string genre;
  std::optional<Explanation> explanation;
};

struct Recommendations {
  std::vector<Recommendation> list;
  bool personal = true;  // otherwise the most listened: raw_score listeners, score their share
  bool without_heard = false;  // what the user is known to have heard was left out
  int total = 0;               // artists that pass the filters
  int offset = 0;
};

// A piece of the catalogue: q "" is all of it.
struct ArtistQuery {
  std::string q;
  int limit = 10;
  int offset = 0;
  std::string genre;
};

struct FoundArtist {
  std::int64_t artist_id = 0;
  std::string name;
  std::string genre;
  int listeners = 0;
  std::optional<NameHit> hit;  // nothing without a query
};

struct FoundArtists {
  std::vector<FoundArtist> list;
  int total = 0;
};

struct ArtistDetails {
  FoundArtist artist;
  float popularity_percentile = 0;
  bool in_survey = false;
};

struct SimilarArtist {
  std::int64_t artist_id = 0;
  std::string name;
  std::string genre;
  float similarity = 0;
};

struct SimilarArtists {
  FoundArtist artist;
  std::vector<SimilarArtist> list;
};

struct MapPoint {
  FoundArtist artist;
  float x = 0;
  float y = 0;
};

// What the server does: survey, rate, recommend, look up. Knows neither HTTP nor JSON.
// All functions may be called from several threads at once; each works with one model from its
// beginning to its end.
class Service {
 public:
  // `store` outlives the service.
  explicit Service(RatingStore& store) : store_(store) {}

  // The artists that a new user is asked to rank, in the order in which they are asked: the model's
  // survey, or a set of well known, different artists where a genre or a seed is given.
  [[nodiscard]] std::vector<SurveyEntry> survey(const ServedModel& model,
                                                const SurveyQuery& query = {}) const;

  // Replaces all earlier ratings of the user; they are on the disk when this returns.
  // Throws InputError, and changes nothing, when an artist is not in the catalogue.
  void rate(const ServedModel& model, const Submission& submission);
  // By rank. Throws NotFound for a user without ratings; so does forget().
  [[nodiscard]] std::vector<StoredRating> ratings(const ServedModel& model,
                                                  const std::string& user_id) const;
  void forget(const std::string& user_id);

  // The best artists for query.user_id. Throws NotFound for a user without ratings, unless the
  // query has a fallback.
  [[nodiscard]] Recommendations recommend(const ServedModel& model, const Query& query) const;
  // ... for query.ratings; nothing is stored. Throws InputError for artists who are not in the
  // catalogue.
  [[nodiscard]] Recommendations recommend_to_taste(const ServedModel& model,
                                                   const Query& query) const;
  // ... for a user of the training data, without what the user has heard, where that is known.
  // Throws NotFound for others.
  [[nodiscard]] Recommendations recommend_to_known(const ServedModel& model, std::int64_t user_id,
                                                   const Query& query) const;

  [[nodiscard]] FoundArtists find_artists(const ServedModel& model, const ArtistQuery& query) const;
  // Both throw NotFound for an artist who is not in the catalogue.
  [[nodiscard]] ArtistDetails artist(const ServedModel& model, std::int64_t artist_id) const;
  [[nodiscard]] SimilarArtists similar(const ServedModel& model, std::int64_t artist_id,
                                       const ArtistQuery& query) const;
  // The `limit` <= ServedModel::kMapArtists most listened artists.
  [[nodiscard]] std::vector<MapPoint> map(const ServedModel& model, int limit) const;

 private:
  RatingStore& store_;
};

}  // namespace mrec
