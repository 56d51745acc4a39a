#include "serve/router.h"

#include <algorithm>
#include <iostream>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "serve/schema.h"

namespace mrec {
namespace {

using http::Reply;
using http::Request;

Reply error_reply(int status, std::string_view detail) {
  return {.status = status, .body = schema::error_json(detail)};
}

// The client learns a number that the operator finds in the log; the reason stays here.
Reply internal_error(const char* reason) {
  std::random_device random;
  std::ostringstream id;
  id << std::hex << random() << random();
  std::cerr << "mrec-serve: error " + id.str() + ": " + reason + "\n";
  return error_reply(500, "Internal server error: " + id.str());
}

// The one place where exceptions become statuses.
template <typename Call>
Reply guarded(Call call) {
  try {
    return call();
  } catch (const schema::ValidationError& error) {
    return {.status = 422, .body = error.body()};
  } catch (const InputError& error) {
    return error_reply(400, error.what());
  } catch (const NotFound& error) {
    return error_reply(404, error.what());
  } catch (const std::exception& error) {
    return internal_error(error.what());
  } catch (...) {
    return internal_error("not an exception");
  }
}

// What a call works with.
struct Context {
  const ServedModel& model;
  Service& service;
  const Request& request;
};

struct Route {
  std::string_view method;
  std::string_view path;
  Reply (*call)(const Context&);
};

const std::vector<Route>& routes() {
  static const std::vector<Route> table = {
      {"GET", "/", [](const Context&) { return Reply{.body = schema::root_json()}; }},
      {"GET", "/health", [](const Context&) { return Reply{.body = schema::health_json()}; }},
      {"GET", "/api/v1/survey-artists",
       [](const Context& c) { return Reply{.body = schema::to_json(c.service.survey(c.model))}; }},
      {"POST", "/api/v1/ratings",
       [](const Context& c) {
         const Submission submission = schema::parse_submission(c.request.body);
         c.service.rate(c.model, submission);
         return Reply{.status = 201, .body = schema::saved_json(submission)};
       }},
      {"POST", "/api/v1/recommendations",
       [](const Context& c) {
         const Query query = schema::parse_query(c.request.body);
         return Reply{.body = schema::to_json(query, c.service.recommend(c.model, query))};
       }},
  };
  return table;
}

std::string allowed_methods(const Route& route) {
  return route.method == "GET" ? "GET, HEAD, OPTIONS" : "POST, OPTIONS";
}

}  // namespace

Reply answer(const LiveModel& live, Service& service, const Request& request) {
  const auto route = std::ranges::find(routes(), request.path, &Route::path);
  if (route == routes().end()) {
    if (request.raw_path.size() > 1 && request.raw_path.ends_with('/')) {
      const std::string shorter = request.raw_path.substr(0, request.raw_path.size() - 1);
      if (std::ranges::find(routes(), shorter, &Route::path) != routes().end()) {
        return {.status = 307, .headers = {{"Location", shorter}}};
      }
    }
    return error_reply(404, "Not Found");
  }
  const std::pair<std::string, std::string> allow{"Allow", allowed_methods(*route)};
  if (request.method == "OPTIONS") return {.status = 204, .headers = {allow}};
  const bool is_head = request.method == "HEAD" && route->method == "GET";
  if (request.method != route->method && !is_head) {
    Reply reply = error_reply(405, "Method Not Allowed");
    reply.headers = {allow};
    return reply;
  }
  const std::shared_ptr<const ServedModel> model = live.current();
  Reply reply = guarded(
      [&] { return route->call({.model = *model, .service = service, .request = request}); });
  reply.headers.emplace_back("Mrec-Model", model->id);
  return reply;
}

}  // namespace mrec
