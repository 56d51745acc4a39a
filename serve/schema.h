#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "serve/http.h"
#include "serve/service.h"
#include "serve/validation_error.h"

// JSON <-> structs. What a request may be is in serve/tables.cpp. All texts that these functions
// return are JSON.
namespace mrec::schema {

// All throw ValidationError (serve/validation_error.h), or InputError for a body that is no text at
// all.
Submission parse_submission(std::string_view body);
Submission parse_replacement(std::string_view user_id, std::string_view body);
Query parse_query(std::string_view body);
Query parse_taste(std::string_view body);
std::string parse_user_id(std::string_view in_path);
std::int64_t parse_artist_id(std::string_view in_path);
std::int64_t parse_known_user(std::string_view in_path);
Query parse_known_user_query(const http::Pairs& query);
SurveyQuery parse_survey_query(const http::Pairs& query);
ArtistQuery parse_artists_query(const http::Pairs& query);
ArtistQuery parse_similar_query(const http::Pairs& query);
int parse_map_query(const http::Pairs& query);

// One request of a batch: of which kind it is, or the answer that it gets because it is not valid.
struct BatchItem {
  enum class Kind { kStored, kTaste, kInvalid };
  Kind kind = Kind::kInvalid;
  Query query;
  std::string faults;  // of kInvalid
};
std::vector<BatchItem> parse_batch(std::string_view body);

std::string to_json(const std::vector<SurveyEntry>& survey);
std::string saved_json(const Submission& submission);
std::string ratings_json(std::string_view user_id, const std::vector<StoredRating>& ratings);
std::string to_json(const Query& query, const Recommendations& recommendations);
std::string taste_json(const Recommendations& recommendations);
std::string known_user_json(std::int64_t user_id, const Recommendations& recommendations);
// `replies`: status and JSON object of each.
std::string batch_json(const std::vector<std::pair<int, std::string>>& replies);
std::string to_json(const FoundArtists& found);
std::string to_json(const ArtistDetails& details);
std::string to_json(const SimilarArtists& similar);
std::string to_json(const GenreIndex& genres);
std::string to_json(const ServedModel& model);
std::string map_json(const Projection& plane, const std::vector<MapPoint>& points);
std::string root_json();
std::string health_json();
std::string error_json(std::string_view detail);
// RFC 9457; `error` is the body of an error as the others have it.
std::string problem_json(int status, std::string_view error, std::string_view instance);

}  // namespace mrec::schema
