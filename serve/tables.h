#pragma once

#include "serve/properties.h"

// The tables of all requests and answers of the REST contract. A bound, a default or a sentence of
// the documentation is changed here and nowhere else.
namespace mrec::schema {

// Requests.
const Schema& submission();       // POST /ratings
const Schema& replacement();      // PUT /ratings/{user_id}
const Schema& recommendations();  // POST /recommendations
const Schema& taste();            // POST /recommendations/taste
const Schema& batch();            // POST /recommendations/batch
const Schema& user_id_in_path();
const Schema& artist_id_in_path();
const Schema& known_user_in_path();
const Schema& known_user_query();  // GET /users/{user_id}/recommendations
const Schema& survey_query();
const Schema& artists_query();
const Schema& similar_query();
const Schema& map_query();

// Answers; of these only the documentation and the tests know.
const Schema& service_answer();
const Schema& health_answer();
const Schema& survey_answer();
const Schema& saved_answer();
const Schema& ratings_answer();
const Schema& recommendations_answer();
const Schema& taste_answer();
const Schema& batch_answer();
const Schema& known_user_answer();
const Schema& artists_answer();
const Schema& artist_answer();
const Schema& similar_answer();
const Schema& genres_answer();
const Schema& model_answer();
const Schema& map_answer();
const Schema& error_answer();
const Schema& validation_answer();
const Schema& problem_answer();
const Schema& readiness_answer();
const Schema& reload_answer();

}  // namespace mrec::schema
