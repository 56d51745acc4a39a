#include "serve/router.h"

#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "serve/docs_page.h"
#include "serve/openapi.h"
#include "serve/schema.h"
#include "serve/tables.h"

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
  const std::string& in_path;  // the decoded parameter of the path, or ""
};

struct Route {
  Operation operation;
  Reply (*call)(const Context&);  // null: answered before requests come here
};

Reply json(std::string body) { return {.body = std::move(body)}; }

bool accepts(const Request& request, std::string_view type) {
  const auto accept = request.header("Accept");
  return accept && accept->find(type) != std::string_view::npos;
}

Reply root(const Context& c) {
  if (accepts(c.request, "text/html")) return {.status = 307, .headers = {{"Location", "/app/"}}};
  return json(schema::root_json());
}

Reply save(const Context& c, const Submission& submission, int status) {
  c.service.rate(c.model, submission);
  return {.status = status, .body = schema::saved_json(submission)};
}

Reply recommend_batch(const Context& c) {
  std::vector<std::pair<int, std::string>> replies;
  for (const schema::BatchItem& item : schema::parse_batch(c.request.body)) {
    const Reply reply = guarded([&]() -> Reply {
      switch (item.kind) {
        case schema::BatchItem::Kind::kInvalid:
          return {.status = 422, .body = item.faults};
        case schema::BatchItem::Kind::kTaste:
          return json(schema::taste_json(c.service.recommend_to_taste(c.model, item.query)));
        case schema::BatchItem::Kind::kStored:
          break;
      }
      return json(schema::to_json(item.query, c.service.recommend(c.model, item.query)));
    });
    replies.emplace_back(reply.status, reply.body);
  }
  return json(schema::batch_json(replies));
}

// Rows in the order of the documentation.
const std::vector<Route>& routes() {
  using namespace schema;
  static const std::vector<Route> kTable = {
      {{"GET",
        "/api/v1/survey-artists",
        "Survey",
        "Artists to rank",
        "What a new person is asked about: well known artists that differ from one another. Show "
        "them in this order, let the person rank those they like, and post the ratings.",
        nullptr,
        &survey_query(),
        nullptr,
        200,
        &survey_answer(),
        {422}},
       [](const Context& c) {
         return json(to_json(c.service.survey(c.model, parse_survey_query(c.request.query))));
       }},

      {{"POST",
        "/api/v1/ratings",
        "Ratings",
        "Store ratings",
        "Replaces all earlier ratings of the person. When the answer comes they are on the disk.",
        nullptr,
        nullptr,
        &submission(),
        201,
        &saved_answer(),
        {400, 422}},
       [](const Context& c) { return save(c, parse_submission(c.request.body), 201); }},
      {{"GET",
        "/api/v1/ratings/{user_id}",
        "Ratings",
        "Read ratings",
        "By ascending rank.",
        &user_id_in_path(),
        nullptr,
        nullptr,
        200,
        &ratings_answer(),
        {404, 422}},
       [](const Context& c) {
         const std::string user = parse_user_id(c.in_path);
         return json(ratings_json(user, c.service.ratings(c.model, user)));
       }},
      {{"PUT",
        "/api/v1/ratings/{user_id}",
        "Ratings",
        "Replace ratings",
        "As POST, with the person in the path.",
        &user_id_in_path(),
        nullptr,
        &replacement(),
        200,
        &saved_answer(),
        {400, 422}},
       [](const Context& c) { return save(c, parse_replacement(c.in_path, c.request.body), 200); }},
      {{"DELETE",
        "/api/v1/ratings/{user_id}",
        "Ratings",
        "Forget a person",
        "Erases all ratings of the person.",
        &user_id_in_path(),
        nullptr,
        nullptr,
        204,
        nullptr,
        {404, 422}},
       [](const Context& c) {
         c.service.forget(parse_user_id(c.in_path));
         return Reply{.status = 204};
       }},

      {{"POST",
        "/api/v1/recommendations",
        "Recommendations",
        "For a person with ratings",
        "The ratings become a vector as training would have made it, and the artists with the "
        "highest scores come first.",
        nullptr,
        nullptr,
        &recommendations(),
        200,
        &recommendations_answer(),
        {404, 422}},
       [](const Context& c) {
         const Query query = parse_query(c.request.body);
         return json(to_json(query, c.service.recommend(c.model, query)));
       }},
      {{"POST",
        "/api/v1/recommendations/taste",
        "Recommendations",
        "For a taste",
        "The same for ratings in the request. Nothing is stored.",
        nullptr,
        nullptr,
        &taste(),
        200,
        &taste_answer(),
        {400, 422}},
       [](const Context& c) {
         return json(
             taste_json(c.service.recommend_to_taste(c.model, parse_taste(c.request.body))));
       }},
      {{"POST",
        "/api/v1/recommendations/batch",
        "Recommendations",
        "Several at once",
        "Up to 32 requests of the two kinds above. One that fails does not touch the others.",
        nullptr,
        nullptr,
        &batch(),
        200,
        &batch_answer(),
        {422}},
       recommend_batch},
      {{"GET",
        "/api/v1/users/{user_id}/recommendations",
        "Recommendations",
        "For a user of the training data",
        "By the vector that training gave the user. Lists in the query are repeated parameters: "
        "genres=rock&genres=jazz; ids may also be joined by commas: exclude=5,7.",
        &known_user_in_path(),
        &known_user_query(),
        nullptr,
        200,
        &known_user_answer(),
        {404, 422}},
       [](const Context& c) {
         const std::int64_t user = parse_known_user(c.in_path);
         const Query query = parse_known_user_query(c.request.query);
         return json(known_user_json(user, c.service.recommend_to_known(c.model, user, query)));
       }},

      {{"GET",
        "/api/v1/artists",
        "Artists",
        "Find artists",
        "Completes names while they are typed.",
        nullptr,
        &artists_query(),
        nullptr,
        200,
        &artists_answer(),
        {422}},
       [](const Context& c) {
         return json(
             to_json(c.service.find_artists(c.model, parse_artists_query(c.request.query))));
       }},
      {{"GET",
        "/api/v1/artists/{artist_id}",
        "Artists",
        "One artist",
        "What is known of it.",
        &artist_id_in_path(),
        nullptr,
        nullptr,
        200,
        &artist_answer(),
        {404, 422}},
       [](const Context& c) {
         return json(to_json(c.service.artist(c.model, parse_artist_id(c.in_path))));
       }},
      {{"GET",
        "/api/v1/artists/{artist_id}/similar",
        "Artists",
        "Similar artists",
        "Those whose vectors point most nearly the same way.",
        &artist_id_in_path(),
        &similar_query(),
        nullptr,
        200,
        &similar_answer(),
        {404, 422}},
       [](const Context& c) {
         const std::int64_t artist = parse_artist_id(c.in_path);
         return json(
             to_json(c.service.similar(c.model, artist, parse_similar_query(c.request.query))));
       }},
      {{"GET",
        "/api/v1/genres",
        "Artists",
        "Genres",
        "For filters.",
        nullptr,
        nullptr,
        nullptr,
        200,
        &genres_answer(),
        {}},
       [](const Context& c) { return json(to_json(c.model.genres)); }},
      {{"GET",
        "/api/v1/map",
        "Artists",
        "Map",
        "A plane on which similar artists are near one another.",
        nullptr,
        &map_query(),
        nullptr,
        200,
        &map_answer(),
        {422}},
       [](const Context& c) {
         const int limit = parse_map_query(c.request.query);
         return json(map_json(c.model.map(), c.service.map(c.model, limit)));
       }},

      {{"GET",
        "/api/v1/model",
        "Model",
        "The model",
        "All that it records of itself.",
        nullptr,
        nullptr,
        nullptr,
        200,
        &model_answer(),
        {}},
       [](const Context& c) { return json(to_json(c.model)); }},

      {{"GET",
        "/",
        "Service",
        "Greeting",
        "To a browser: a redirect to the page, /app/.",
        nullptr,
        nullptr,
        nullptr,
        200,
        &service_answer(),
        {}},
       root},
      {{"GET",
        "/health",
        "Service",
        "Liveness",
        "Answers as long as the process does.",
        nullptr,
        nullptr,
        nullptr,
        200,
        &health_answer(),
        {}},
       [](const Context&) { return json(health_json()); }},
      {{"GET",
        "/health/live",
        "Service",
        "Liveness",
        "The same.",
        nullptr,
        nullptr,
        nullptr,
        200,
        &health_answer(),
        {}},
       [](const Context&) { return json(health_json()); }},
      {{"GET",
        "/health/ready",
        "Service",
        "Readiness",
        "503 while the server starts or drains, or cannot store ratings.",
        nullptr,
        nullptr,
        nullptr,
        200,
        &readiness_answer(),
        {503}},
       nullptr},
      {{"GET",
        "/metrics",
        "Service",
        "Metrics",
        "In the text format of Prometheus.",
        nullptr,
        nullptr,
        nullptr,
        200,
        nullptr,
        {}},
       nullptr},
      {{"POST",
        "/admin/reload",
        "Service",
        "Reload the model",
        "Loads the file aside and serves it once it is found sound; otherwise the old model stays. "
        "With an API key where keys are configured, else from this machine only.",
        nullptr,
        nullptr,
        nullptr,
        200,
        &reload_answer(),
        {401, 403, 409}},
       nullptr},
      {{"GET",
        "/openapi.json",
        "Service",
        "This description",
        "OpenAPI 3.1.",
        nullptr,
        nullptr,
        nullptr,
        200,
        nullptr,
        {}},
       [](const Context&) { return json(openapi_json()); }},
      {{"GET",
        "/docs",
        "Service",
        "This description as a page",
        "With forms to try the calls; needs no network.",
        nullptr,
        nullptr,
        nullptr,
        200,
        nullptr,
        {}},
       [](const Context&) {
         return Reply{.body = std::string(docs_page()), .content_type = "text/html; charset=utf-8"};
       }},
  };
  return kTable;
}

std::string_view next_segment(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('/', 1), rest.size());
  const std::string_view segment = rest.substr(0, end);
  rest.remove_prefix(end);
  return segment;
}

// Whether the raw path is one of this form; `parameter` is then what stands in the place of {...}.
// Each segment is decoded by itself, so that "%2F" parts none.
bool matches(std::string_view form, std::string_view raw_path, std::string& parameter) {
  while (!form.empty() && !raw_path.empty()) {
    const std::string_view expected = next_segment(form);
    const std::string_view segment = next_segment(raw_path);
    if (expected.starts_with("/{")) {
      auto decoded = http::percent_decoded(segment.substr(1), false);
      if (!decoded || decoded->empty()) return false;
      parameter = *std::move(decoded);
    } else if (segment != expected) {
      if (segment.find('%') == std::string_view::npos) return false;
      if (http::percent_decoded(segment.substr(1), false) != expected.substr(1)) return false;
    }
  }
  return form.empty() && raw_path.empty();
}

// All rows for a path, which differ in their methods.
struct Match {
  std::vector<const Route*> routes;
  std::string parameter;
};

Match match(std::string_view raw_path) {
  Match found;
  for (const Route& route : routes()) {
    if (route.call != nullptr && matches(route.operation.path, raw_path, found.parameter)) {
      found.routes.push_back(&route);
    }
  }
  return found;
}

std::string allowed_methods(const std::vector<const Route*>& found) {
  std::string methods;
  for (const Route* route : found) {
    methods += std::string(route->operation.method) + ", ";
    if (route->operation.method == "GET") methods += "HEAD, ";
  }
  return methods + "OPTIONS";
}

Reply not_routed(const Request& request) {
  std::string_view shorter = request.raw_path;
  if (shorter.size() > 1 && shorter.ends_with('/')) {
    shorter.remove_suffix(1);
    // A path that begins with two slashes would name another host.
    if (!shorter.starts_with("//") && !match(shorter).routes.empty()) {
      return {.status = 307, .headers = {{"Location", std::string(shorter)}}};
    }
  }
  return error_reply(404, "Not Found");
}

}  // namespace

std::span<const Operation> operations() {
  static const std::vector<Operation> kAll = [] {
    std::vector<Operation> list;
    for (const Route& route : routes()) list.push_back(route.operation);
    return list;
  }();
  return kAll;
}

Reply answer(const LiveModel& live, Service& service, const Request& request) {
  const Match found = match(request.raw_path);
  if (found.routes.empty()) return not_routed(request);
  const std::pair<std::string, std::string> allow{"Allow", allowed_methods(found.routes)};
  if (request.method == "OPTIONS") return {.status = 204, .headers = {allow}};
  const std::string method = request.method == "HEAD" ? "GET" : request.method;
  const auto route = std::ranges::find_if(
      found.routes, [&](const Route* one) { return one->operation.method == method; });
  if (route == found.routes.end()) {
    Reply reply = error_reply(405, "Method Not Allowed");
    reply.headers = {allow};
    return reply;
  }
  const std::shared_ptr<const ServedModel> model = live.current();
  Reply reply = guarded([&] {
    return (*route)->call(
        {.model = *model, .service = service, .request = request, .in_path = found.parameter});
  });
  reply.headers.emplace_back("Mrec-Model", model->id);
  return reply;
}

}  // namespace mrec
