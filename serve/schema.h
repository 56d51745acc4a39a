#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "serve/service.h"

// JSON <-> structs, and every check of a request that needs no model. The only JSON code.
//
// Requests are checked as FastAPI 0.124 with pydantic 2.12 checks them: all faults are collected,
// in the order of the fields; whole numbers may also come as "227", 227.0 or true; unknown fields
// are ignored; lengths count code points. All texts that these functions return are JSON.
namespace mrec::schema {

// One or more faults of a request. body() is the answer that goes with status 422:
// {"detail": [{"type", "loc", "msg", "input", "ctx"}, ...]}.
class ValidationError : public InputError {
 public:
  explicit ValidationError(std::string body)
      : InputError("the request is not valid"), body_(std::move(body)) {}
  [[nodiscard]] const std::string& body() const { return body_; }

 private:
  std::string body_;
};

// Throw ValidationError, or InputError for a body that is no text at all.
Submission parse_submission(std::string_view body);
Query parse_query(std::string_view body);

std::string to_json(const std::vector<SurveyEntry>& survey);
std::string saved_json(const Submission& submission);
std::string to_json(const Query& query, const std::vector<Recommendation>& recommendations);
std::string root_json();
std::string health_json();
std::string error_json(std::string_view detail);

}  // namespace mrec::schema
