#include "serve/schema.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "serve/json_check.h"

namespace mrec::schema {
namespace {

using Json = nlohmann::ordered_json;  // keeps the order of the keys, which the contract fixes

constexpr int kMaxUserIdLength = 100;
constexpr int kMaxRatings = 10;
constexpr int kMaxRank = 10;
constexpr int kMaxTopK = 50;

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// The faults of one request. A reading function adds to it and returns nothing when it finds one.
class Faults {
 public:
  void add(const char* type, Json loc, const std::string& msg, Json input,
           std::optional<Json> ctx = {}) {
    Json fault = {
        {"type", type}, {"loc", std::move(loc)}, {"msg", msg}, {"input", std::move(input)}};
    if (ctx) fault["ctx"] = *std::move(ctx);
    faults_.push_back(std::move(fault));
  }
  [[nodiscard]] std::size_t size() const { return faults_.size(); }
  void throw_if_any() const {
    if (!faults_.empty()) throw ValidationError(dump({{"detail", faults_}}));
  }
  // For a fault that leaves nothing else to look at.
  [[noreturn]] void fatal(const char* type, Json loc, const std::string& msg, Json input,
                          std::optional<Json> ctx = {}) {
    add(type, std::move(loc), msg, std::move(input), std::move(ctx));
    throw ValidationError(dump({{"detail", faults_}}));
  }

 private:
  Json faults_ = Json::array();
};

Json with(Json loc, Json step) {
  loc.push_back(std::move(step));
  return loc;
}

constexpr const char* kNotAnObject =
    "Input should be a valid dictionary or object to extract fields from";

Json parse_object(std::string_view body) {
  if (body.empty()) Faults().fatal("missing", {"body"}, "Field required", nullptr);
  if (const auto error = find_json_error(body)) {
    Faults().fatal("json_invalid", {"body", error->position}, "JSON decode error", Json::object(),
                   Json{{"error", error->message}});
  }
  Json json;
  try {
    json = Json::parse(body);
  } catch (const Json::exception&) {  // a number beyond the range of a double
    throw InputError("There was an error parsing the body");
  }
  if (json.is_null()) Faults().fatal("missing", {"body"}, "Field required", nullptr);
  if (!json.is_object()) Faults().fatal("model_attributes_type", {"body"}, kNotAnObject, json);
  return json;
}

// The member, or nothing and a fault when it is absent.
const Json* required(const Json& object, const char* name, const Json& loc, Faults& faults) {
  const auto member = object.find(name);
  if (member != object.end()) return &*member;
  faults.add("missing", with(loc, name), "Field required", object);
  return nullptr;
}

std::string read_user_id(const Json& object, Faults& faults) {
  const Json loc = {"body", "user_id"};
  const Json* member = required(object, "user_id", {"body"}, faults);
  if (member == nullptr) return {};
  if (!member->is_string()) {
    faults.add("string_type", loc, "Input should be a valid string", *member);
    return {};
  }
  auto user_id = member->get<std::string>();
  if (user_id.empty()) {
    faults.add("string_too_short", loc, "String should have at least 1 character", *member,
               Json{{"min_length", 1}});
  } else if (num_code_points(user_id) > kMaxUserIdLength) {
    faults.add("string_too_long", loc, "String should have at most 100 characters", *member,
               Json{{"max_length", kMaxUserIdLength}});
  }
  return user_id;
}

// pydantic's reading of a text as a whole number: blanks around it, a sign, single '_' between
// digits and a fraction of zeros are allowed.
std::optional<std::string> digits_of(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\n\r\f\v";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return std::nullopt;
  text = text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
  std::string digits;
  if (text.front() == '-') digits = "-";
  if (text.front() == '-' || text.front() == '+') text.remove_prefix(1);
  if (const std::size_t dot = text.find('.'); dot != std::string_view::npos) {
    const std::string_view fraction = text.substr(dot + 1);
    if (fraction.empty() || fraction.find_first_not_of('0') != std::string_view::npos) {
      return std::nullopt;
    }
    text = text.substr(0, dot);
  }
  if (text.empty() || text.front() == '_' || text.back() == '_') return std::nullopt;
  if (text.find("__") != std::string_view::npos) return std::nullopt;
  if (text.find_first_not_of("0123456789_") != std::string_view::npos) return std::nullopt;
  std::ranges::copy_if(text, std::back_inserter(digits), [](char c) { return c != '_'; });
  return digits;
}

// A whole number, read as leniently as pydantic does; nothing and a fault otherwise.
std::optional<std::int64_t> read_int(const Json& value, const Json& loc, Faults& faults) {
  constexpr const char* kTooLarge =
      "Unable to parse input string as an integer, exceeded maximum size";
  if (value.is_boolean()) return value.get<bool>() ? 1 : 0;
  if (value.is_number_unsigned() &&
      value.get<std::uint64_t>() >
          static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    faults.add("int_parsing_size", loc, kTooLarge, value);
    return std::nullopt;
  }
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_number_float()) {
    const auto real = value.get<double>();
    if (std::trunc(real) != real) {
      faults.add("int_from_float", loc,
                 "Input should be a valid integer, got a number with a fractional part", value);
      return std::nullopt;
    }
    if (std::abs(real) >= 0x1p63) {
      faults.add("int_parsing_size", loc, kTooLarge, value);
      return std::nullopt;
    }
    return static_cast<std::int64_t>(real);
  }
  if (value.is_string()) {
    const auto digits = digits_of(value.get_ref<const std::string&>());
    if (!digits) {
      faults.add("int_parsing", loc,
                 "Input should be a valid integer, unable to parse string as an integer", value);
      return std::nullopt;
    }
    std::int64_t number = 0;
    const auto result = std::from_chars(digits->data(), digits->data() + digits->size(), number);
    if (result.ec == std::errc{}) return number;
    faults.add("int_parsing_size", loc, kTooLarge, value);
    return std::nullopt;
  }
  faults.add("int_type", loc, "Input should be a valid integer", value);
  return std::nullopt;
}

std::optional<int> read_int_within(const Json& value, int max, const Json& loc, Faults& faults) {
  const auto number = read_int(value, loc, faults);
  if (!number) return std::nullopt;
  if (*number < 1) {
    faults.add("greater_than_equal", loc, "Input should be greater than or equal to 1", value,
               Json{{"ge", 1}});
    return std::nullopt;
  }
  if (*number > max) {
    faults.add("less_than_equal", loc,
               "Input should be less than or equal to " + std::to_string(max), value,
               Json{{"le", max}});
    return std::nullopt;
  }
  return static_cast<int>(*number);
}

RatedArtist read_rating(const Json& item, const Json& loc, Faults& faults) {
  RatedArtist rating;
  if (!item.is_object()) {
    faults.add("model_attributes_type", loc, kNotAnObject, item);
    return rating;
  }
  if (const Json* id = required(item, "artist_id", loc, faults)) {
    rating.artist_id = read_int(*id, with(loc, "artist_id"), faults).value_or(0);
  }
  if (const Json* rank = required(item, "rank", loc, faults)) {
    rating.rank = read_int_within(*rank, kMaxRank, with(loc, "rank"), faults).value_or(0);
  }
  return rating;
}

template <typename Key>
bool has_duplicates(std::vector<RatedArtist> ratings, Key key) {
  std::ranges::sort(ratings, {}, key);
  return std::ranges::adjacent_find(ratings, {}, key) != ratings.end();
}

std::vector<RatedArtist> read_ratings(const Json& object, Faults& faults) {
  const Json loc = {"body", "ratings"};
  const Json* list = required(object, "ratings", {"body"}, faults);
  if (list == nullptr) return {};
  if (!list->is_array()) {
    faults.add("list_type", loc, "Input should be a valid list", *list);
    return {};
  }
  if (list->empty()) {
    faults.add("too_short", loc, "List should have at least 1 item after validation, not 0", *list,
               Json{{"field_type", "List"}, {"min_length", 1}, {"actual_length", 0}});
    return {};
  }
  if (list->size() > kMaxRatings) {
    faults.add(
        "too_long", loc,
        "List should have at most 10 items after validation, not " + std::to_string(list->size()),
        *list,
        Json{{"field_type", "List"}, {"max_length", kMaxRatings}, {"actual_length", list->size()}});
    return {};
  }
  const std::size_t faults_before = faults.size();
  std::vector<RatedArtist> ratings;
  for (std::size_t i = 0; i < list->size(); ++i) {
    ratings.push_back(read_rating((*list)[i], with(loc, i), faults));
  }
  if (faults.size() > faults_before) return ratings;  // only good items are compared

  const char* duplicate = nullptr;
  if (has_duplicates(ratings, &RatedArtist::artist_id)) {
    duplicate = "Value error, Duplicate artist IDs found in ratings";
  } else if (has_duplicates(ratings, &RatedArtist::rank)) {
    duplicate = "Value error, Duplicate ranks found. Each artist must have a unique rank";
  }
  if (duplicate != nullptr) {
    faults.add("value_error", loc, duplicate, *list, Json{{"error", Json::object()}});
  }
  return ratings;
}

Method read_method(const Json& value, Faults& faults) {
  if (value == "fold_in") return Method::kFoldIn;
  if (value == "mean") return Method::kMean;
  faults.add("literal_error", {"body", "method"}, "Input should be 'fold_in' or 'mean'", value,
             Json{{"expected", "'fold_in' or 'mean'"}});
  return Method::kFoldIn;
}

// A double that prints with the digits of the float and no more.
double shortest(float value) {
  char digits[32];
  const char* end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  double number = 0;
  std::from_chars(digits, end, number);
  return number;
}

constexpr const char* kService = "Music Recommendation API";

}  // namespace

Submission parse_submission(std::string_view body) {
  const Json object = parse_object(body);
  Faults faults;
  Submission submission;
  submission.user_id = read_user_id(object, faults);
  submission.ratings = read_ratings(object, faults);
  faults.throw_if_any();
  return submission;
}

Query parse_query(std::string_view body) {
  const Json object = parse_object(body);
  Faults faults;
  Query query;
  query.user_id = read_user_id(object, faults);
  if (const auto top_k = object.find("top_k"); top_k != object.end()) {
    query.top_k = read_int_within(*top_k, kMaxTopK, {"body", "top_k"}, faults).value_or(0);
  }
  if (const auto method = object.find("method"); method != object.end()) {
    query.method = read_method(*method, faults);
  }
  faults.throw_if_any();
  return query;
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

std::string to_json(const Query& query, const std::vector<Recommendation>& recommendations) {
  Json list = Json::array();
  for (const Recommendation& one : recommendations) {
    list.push_back({{"rank", one.rank},
                    {"artist_id", one.artist_id},
                    {"artist_name", one.artist_name},
                    {"score", shortest(one.score)},
                    {"raw_score", shortest(one.raw_score)}});
  }
  return dump({{"success", true},
               {"message", "Generated " + std::to_string(list.size()) + " recommendations"},
               {"user_id", query.user_id},
               {"recommendations", std::move(list)}});
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

}  // namespace mrec::schema
