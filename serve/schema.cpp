#include "serve/schema.h"

#include <charconv>
#include <utility>

#include "base/params.h"
#include "serve/properties.h"
#include "serve/tables.h"

namespace mrec::schema {
namespace {

constexpr const char* kService = "Music Recommendation API";

// A double that prints with the digits of the float and no more.
double shortest(float value) {
  char digits[32];
  const char* end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  double number = 0;
  std::from_chars(digits, end, number);
  return number;
}

// Sets `target` when there is a value.
template <typename T>
void take(const Json& values, const char* name, T& target) {
  if (const auto found = values.find(name); found != values.end()) target = found->get<T>();
}
void take(const Json& values, const char* name, std::optional<int>& target) {
  if (const auto found = values.find(name); found != values.end()) target = found->get<int>();
}

std::vector<RatedArtist> ratings_of(const Json& values) {
  std::vector<RatedArtist> ratings;
  const auto list = values.find("ratings");
  if (list == values.end()) return ratings;
  for (const Json& item : *list) {
    ratings.push_back(
        {.artist_id = item["artist_id"].get<std::int64_t>(), .rank = item["rank"].get<int>()});
  }
  return ratings;
}

Query query_of(const Json& values) {
  Query query;
  take(values, "user_id", query.user_id);
  query.ratings = ratings_of(values);
  take(values, "dislikes", query.dislikes);
  take(values, "top_k", query.top_k);
  if (const auto method = values.find("method"); method != values.end() && *method == "mean") {
    query.method = Method::kMean;
  }
  take(values, "explain", query.explain);
  take(values, "exclude_rated", query.exclude_rated);
  take(values, "exclude_heard", query.exclude_heard);
  query.popular_fallback = values.contains("fallback");
  take(values, "exclude", query.exclude);
  take(values, "genres", query.genres);
  take(values, "exclude_genres", query.exclude_genres);
  take(values, "min_listeners", query.min_listeners);
  take(values, "max_listeners", query.max_listeners);
  take(values, "diversity", query.diversity);
  take(values, "familiarity", query.familiarity);
  take(values, "offset", query.offset);
  return query;
}

ArtistQuery artist_query_of(const Json& values) {
  ArtistQuery query;
  take(values, "q", query.q);
  take(values, "limit", query.limit);
  take(values, "offset", query.offset);
  take(values, "genre", query.genre);
  return query;
}

Json list_of(const std::vector<Recommendation>& recommendations) {
  Json list = Json::array();
  for (const Recommendation& one : recommendations) {
    Json item = {{"rank", one.rank},
                 {"artist_id", one.artist_id},
                 {"artist_name", one.artist_name},
                 {"score", shortest(one.score)},
                 {"raw_score", shortest(one.raw_score)},
                 {"genre", one.genre}};
    if (one.explanation) {
      Json parts = Json::array();
      for (const Contribution& part : one.explanation->contributions) {
        parts.push_back({{"artist_id", part.artist_id},
                         {"artist_name", part.artist_name},
                         {"contribution", shortest(part.part)}});
      }
      item["explanation"] = std::move(parts);
      item["bias"] = shortest(one.explanation->bias);
    }
    list.push_back(std::move(item));
  }
  return list;
}

// What all answers with recommendations have; `user` null: nobody in particular.
Json answer_with(const Json& user, const Recommendations& recommendations) {
  Json answer = {
      {"success", true},
      {"message", "Generated " + std::to_string(recommendations.list.size()) + " recommendations"}};
  if (!user.is_null()) answer["user_id"] = user;
  answer["recommendations"] = list_of(recommendations.list);
  answer["source"] = recommendations.personal ? "personal" : "popular";
  answer["total"] = recommendations.total;
  answer["offset"] = recommendations.offset;
  return answer;
}

Json json_of(const FoundArtist& artist) {
  return {{"artist_id", artist.artist_id},
          {"name", artist.name},
          {"genre", artist.genre},
          {"listeners", artist.listeners}};
}

const char* text_of(std::optional<NameHit> hit) {
  if (!hit) return "all";
  switch (*hit) {
    case NameHit::kExact:
      return "exact";
    case NameHit::kPrefix:
      return "prefix";
    case NameHit::kWords:
      return "words";
    case NameHit::kTypo:
      break;
  }
  return "typo";
}

// "0.25" is a number, and so is "16"; what else stands in an attribute stays text.
Json number_or_text(const std::string& text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return text;
  std::int64_t whole = 0;
  const auto [whole_end, not_whole] =
      std::from_chars(text.data(), text.data() + text.size(), whole);
  if (not_whole == std::errc{} && whole_end == text.data() + text.size()) return whole;
  return number;
}

// "5 0.1234, 10 0.2345", as mrec-train writes it; what is otherwise is left out.
Json training_of(std::string_view text) {
  Json curve = Json::array();
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(", "));
    text.remove_prefix(std::min(one.size() + 2, text.size()));
    const std::size_t space = one.find(' ');
    if (space == std::string_view::npos) continue;
    const Json epoch = number_or_text(std::string(one.substr(0, space)));
    const Json value = number_or_text(std::string(one.substr(space + 1)));
    if (epoch.is_number_integer() && value.is_number()) {
      curve.push_back({{"epoch", epoch}, {"value", value}});
    }
  }
  return curve;
}

const char* title_of(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 503:
      return "Service Unavailable";
    default:
      return status >= 500 ? "Internal Server Error" : "Error";
  }
}

}  // namespace

Submission parse_submission(std::string_view body) {
  const Json values = checked_body(submission(), body);
  return {.user_id = values["user_id"].get<std::string>(), .ratings = ratings_of(values)};
}

Submission parse_replacement(std::string_view user_id, std::string_view body) {
  std::string user = parse_user_id(user_id);
  return {.user_id = std::move(user), .ratings = ratings_of(checked_body(replacement(), body))};
}

Query parse_query(std::string_view body) { return query_of(checked_body(recommendations(), body)); }
Query parse_taste(std::string_view body) { return query_of(checked_body(taste(), body)); }

std::string parse_user_id(std::string_view in_path) {
  return checked_path(user_id_in_path(), in_path)["user_id"].get<std::string>();
}

std::int64_t parse_artist_id(std::string_view in_path) {
  return checked_path(artist_id_in_path(), in_path)["artist_id"].get<std::int64_t>();
}

std::int64_t parse_known_user(std::string_view in_path) {
  return checked_path(known_user_in_path(), in_path)["user_id"].get<std::int64_t>();
}

Query parse_known_user_query(const http::Pairs& query) {
  return query_of(checked_query(known_user_query(), query));
}

SurveyQuery parse_survey_query(const http::Pairs& query) {
  const Json values = checked_query(survey_query(), query);
  SurveyQuery survey;
  take(values, "limit", survey.limit);
  take(values, "genre", survey.genre);
  if (values.contains("seed")) survey.seed = values["seed"].get<std::int64_t>();
  return survey;
}

ArtistQuery parse_artists_query(const http::Pairs& query) {
  return artist_query_of(checked_query(artists_query(), query));
}

ArtistQuery parse_similar_query(const http::Pairs& query) {
  return artist_query_of(checked_query(similar_query(), query));
}

int parse_map_query(const http::Pairs& query) {
  return checked_query(map_query(), query)["limit"].get<int>();
}

std::vector<BatchItem> parse_batch(std::string_view body) {
  const Json values = checked_body(batch(), body);
  std::vector<BatchItem> items;
  for (const Json& request : values["requests"]) {
    BatchItem& item = items.emplace_back();
    const bool is_taste = request.contains("ratings");
    try {
      item.query = query_of(checked(is_taste ? taste() : recommendations(), request,
                                    {"body", "requests", items.size() - 1}));
      item.kind = is_taste ? BatchItem::Kind::kTaste : BatchItem::Kind::kStored;
    } catch (const ValidationError& error) {
      item.faults = error.body();
    }
  }
  return items;
}

std::string to_json(const std::vector<SurveyEntry>& survey) {
  Json artists = Json::object();
  for (const SurveyEntry& entry : survey) {
    artists[std::to_string(entry.artist_id)] = {
        {"artist_id", entry.artist_id}, {"name", entry.name}, {"genre", entry.genre}};
  }
  return dump({{"success", true}, {"count", survey.size()}, {"artists", std::move(artists)}});
}

std::string saved_json(const Submission& submission) {
  const std::size_t count = submission.ratings.size();
  return dump({{"success", true},
               {"message", "Successfully saved " + std::to_string(count) + " ratings for user " +
                               submission.user_id},
               {"user_id", submission.user_id},
               {"ratings_count", count}});
}

std::string ratings_json(std::string_view user_id, const std::vector<StoredRating>& ratings) {
  Json list = Json::array();
  for (const StoredRating& rating : ratings) {
    list.push_back({{"artist_id", rating.artist_id},
                    {"artist_name", rating.artist_name},
                    {"rank", rating.rank}});
  }
  return dump({{"user_id", user_id}, {"count", ratings.size()}, {"ratings", std::move(list)}});
}

std::string to_json(const Query& query, const Recommendations& recommendations) {
  return dump(answer_with(query.user_id, recommendations));
}

std::string taste_json(const Recommendations& recommendations) {
  return dump(answer_with(nullptr, recommendations));
}

std::string known_user_json(std::int64_t user_id, const Recommendations& recommendations) {
  Json answer = answer_with(user_id, recommendations);
  answer["excludes_heard"] = recommendations.without_heard;
  return dump(answer);
}

std::string batch_json(const std::vector<std::pair<int, std::string>>& replies) {
  std::string results;
  for (const auto& [status, body] : replies) {
    results += results.empty() ? "" : ",";
    results += "{\"status\":" + std::to_string(status) + "," + body.substr(1);
  }
  return "{\"count\":" + std::to_string(replies.size()) + ",\"results\":[" + results + "]}";
}

std::string to_json(const FoundArtists& found) {
  Json list = Json::array();
  for (const FoundArtist& artist : found.list) {
    Json item = json_of(artist);
    item["match"] = text_of(artist.hit);
    list.push_back(std::move(item));
  }
  return dump({{"count", found.list.size()}, {"total", found.total}, {"artists", std::move(list)}});
}

std::string to_json(const ArtistDetails& details) {
  Json json = json_of(details.artist);
  json["popularity_percentile"] = shortest(details.popularity_percentile);
  json["in_survey"] = details.in_survey;
  return dump(json);
}

std::string to_json(const SimilarArtists& similar) {
  Json list = Json::array();
  for (const SimilarArtist& one : similar.list) {
    list.push_back({{"artist_id", one.artist_id},
                    {"name", one.name},
                    {"genre", one.genre},
                    {"similarity", shortest(one.similarity)}});
  }
  return dump({{"artist_id", similar.artist.artist_id},
               {"name", similar.artist.name},
               {"similar", std::move(list)}});
}

std::string to_json(const GenreIndex& genres) {
  Json list = Json::array();
  for (std::size_t g = 0; g < genres.names.size(); ++g) {
    list.push_back({{"genre", genres.names[g]}, {"artists", genres.num_artists[g]}});
  }
  return dump({{"count", list.size()}, {"genres", std::move(list)}});
}

std::string to_json(const ServedModel& served) {
  const Artifact& model = served.artifact;
  Json params = Json::object();
  TrainParams copy = model.params;  // fields() points into an object that it could change
  for (const Field& field : copy.fields()) {
    const std::string text = to_text(field);
    if (text == "true" || text == "false") {
      params[field.name] = text == "true";
    } else {
      params[field.name] = number_or_text(text);
    }
  }
  Json metrics = Json::object();
  Json training = Json::array();
  for (const auto& [name, value] : model.metrics) {
    if (name.ends_with("_by_epoch")) {
      training = training_of(value);
    } else {
      metrics[name] = number_or_text(value);
    }
  }
  Json provenance = Json::object();
  for (const auto& [name, value] : model.provenance) {
    // Of a path only the file's name is the client's business.
    const bool is_path = value.find('/') != std::string::npos;
    provenance[name] = number_or_text(is_path ? value.substr(value.rfind('/') + 1) : value);
  }
  std::string text =
      dump({{"model", served.id},
            {"dim", model.dim()},
            {"loss", model.params.loss},
            {"artists", model.num_artists()},
            {"users", model.users.size()},
            {"params", std::move(params)},
            {"metrics", std::move(metrics)},
            {"training", std::move(training)},
            {"provenance", provenance},
            {"trained", provenance.contains("created_at") ? provenance["created_at"] : ""},
            {"calibration",
             {{"slope", model.calibration_slope}, {"offset", model.calibration_offset}}}});
  const auto append = [&text](std::string_view name, const std::string& json) {
    if (json.empty()) return;
    text.back() = ',';  // in place of the closing brace
    text.append("\"").append(name).append("\":").append(json).append("}");
  };
  append("evaluation", served.reports.evaluation);
  append("trials", served.reports.trials);
  return text;
}

std::string map_json(const Projection& plane, const std::vector<MapPoint>& points) {
  Json list = Json::array();
  for (const MapPoint& point : points) {
    Json item = json_of(point.artist);
    item["x"] = shortest(point.x);
    item["y"] = shortest(point.y);
    list.push_back(std::move(item));
  }
  return dump({{"count", points.size()},
               {"explained", {plane.explained[0], plane.explained[1]}},
               {"artists", std::move(list)}});
}

std::string root_json() {
  return dump({{"status", "healthy"}, {"service", kService}, {"version", "1.0.0"}});
}

std::string health_json() {
  return dump({{"status", "healthy"},
               {"service", kService},
               {"endpoints",
                {{"submit_ratings", "/api/v1/ratings"},
                 {"get_recommendations", "/api/v1/recommendations"},
                 {"get_survey_artists", "/api/v1/survey-artists"}}}});
}

std::string error_json(std::string_view detail) { return dump({{"detail", detail}}); }

std::string problem_json(int status, std::string_view error, std::string_view instance) {
  const Json parsed = Json::parse(error, nullptr, false);
  Json problem = {{"type", "about:blank"}, {"title", title_of(status)}, {"status", status}};
  Json faults;
  if (parsed.is_object() && parsed.contains("detail")) {
    const Json& detail = parsed["detail"];
    if (detail.is_array()) {
      faults = detail;
      problem["detail"] = "The request has " + std::to_string(detail.size()) +
                          (detail.size() == 1 ? " fault" : " faults") + "; see errors";
    } else {
      problem["detail"] = detail;
    }
  } else {
    problem["detail"] = title_of(status);
  }
  problem["instance"] = instance;
  if (!faults.is_null()) problem["errors"] = std::move(faults);
  return dump(problem);
}

}  // namespace mrec::schema
