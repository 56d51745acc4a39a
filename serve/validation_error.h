#pragma once

#include <string>
#include <utility>

#include "base/error.h"

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

}  // namespace mrec::schema
