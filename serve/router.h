#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "serve/http.h"
#include "serve/live_model.h"
#include "serve/service.h"

namespace mrec {

namespace schema {
struct Schema;
}

// What is served under one method and path: a row of the table that routes requests and from which
// /openapi.json is made.
struct Operation {
  std::string_view method;
  std::string_view path;  // "/api/v1/artists/{artist_id}/similar"
  std::string_view tag;
  std::string_view summary;
  std::string_view doc;
  const schema::Schema* in_path;   // of the one parameter in the path, or null
  const schema::Schema* in_query;  // or null
  const schema::Schema* body;      // of the request, or null
  int status;                      // of success
  const schema::Schema* answer;    // of success; null: no JSON
  std::vector<int> errors;
};
std::span<const Operation> operations();

// Paths to calls, exceptions to statuses: the only place where either is decided. The answer to a
// request names in the header Mrec-Model the model that it was made with. All three arguments
// outlive the answer; never throws.
http::Reply answer(const LiveModel& live, Service& service, const http::Request& request);

}  // namespace mrec
