#include "serve/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <type_traits>

#include "serve/validation_error.h"

namespace mrec {
namespace {

using Json = nlohmann::ordered_json;

// The faults of a body that must be refused.
template <typename Result, typename Input>
Json faults_of(Result (*parse)(Input), const std::type_identity_t<Input>& input) {
  try {
    static_cast<void>(parse(input));
  } catch (const schema::ValidationError& error) {
    return Json::parse(error.body())["detail"];
  }
  ADD_FAILURE() << "was taken";
  return Json::array({Json::object()});
}
Json submission_faults(const std::string& body) {
  return faults_of(schema::parse_submission, body);
}
Json query_faults(const std::string& body) { return faults_of(schema::parse_query, body); }

std::string with_ratings(const std::string& ratings) {
  return R"({"user_id": "me", "ratings": )" + ratings + "}";
}

TEST(Schema, ASubmissionIsRead) {
  const Submission submission = schema::parse_submission(
      R"({"user_id": "Björk ", "ratings": [{"artist_id": 5, "rank": 3}, {"rank": 1,
          "artist_id": 7, "more": 1}], "unknown": null})");
  EXPECT_EQ(submission.user_id, "Björk ");
  ASSERT_EQ(submission.ratings.size(), 2U);
  EXPECT_EQ(submission.ratings[0].artist_id, 5);
  EXPECT_EQ(submission.ratings[0].rank, 3);
  EXPECT_EQ(submission.ratings[1].artist_id, 7);
}

TEST(Schema, WholeNumbersAreReadLeniently) {
  for (const char* id : {"227", "\"227\"", "227.0", "\" 227 \"", "\"+227\"", "\"2_27\""}) {
    const Submission submission = schema::parse_submission(
        with_ratings("[{\"artist_id\": " + std::string(id) + ", \"rank\": true}]"));
    EXPECT_EQ(submission.ratings[0].artist_id, 227) << id;
    EXPECT_EQ(submission.ratings[0].rank, 1);
  }
}

// The table of the contract: body, type, loc, msg, ctx.
struct Refusal {
  std::string body;
  std::string type;
  std::string loc;
  std::string msg;
  std::string ctx = "null";
};

TEST(Schema, RefusedSubmissionsAreThoseOfTheContract) {
  const std::string long_id(101, 'x');
  std::string eleven = "[";
  for (int i = 1; i <= 11; ++i) {
    eleven += R"({"artist_id": 1, "rank": 1})" + std::string(i < 11 ? "," : "]");
  }
  const std::vector<Refusal> refusals{
      {"", "missing", R"(["body"])", "Field required"},
      {"[]", "model_attributes_type", R"(["body"])",
       "Input should be a valid dictionary or object to extract fields from"},
      {R"({"ratings": [{"artist_id": 1, "rank": 1}]})", "missing", R"(["body","user_id"])",
       "Field required"},
      {R"({"user_id": "", "ratings": [{"artist_id": 1, "rank": 1}]})", "string_too_short",
       R"(["body","user_id"])", "String should have at least 1 character", R"({"min_length":1})"},
      {R"({"user_id": ")" + long_id + R"(", "ratings": [{"artist_id": 1, "rank": 1}]})",
       "string_too_long", R"(["body","user_id"])", "String should have at most 100 characters",
       R"({"max_length":100})"},
      {R"({"user_id": 5, "ratings": [{"artist_id": 1, "rank": 1}]})", "string_type",
       R"(["body","user_id"])", "Input should be a valid string"},
      {with_ratings(R"([{"artist_id": 1, "rank": 0}])"), "greater_than_equal",
       R"(["body","ratings",0,"rank"])", "Input should be greater than or equal to 1",
       R"({"ge":1})"},
      {with_ratings(R"([{"artist_id": 1, "rank": 11}])"), "less_than_equal",
       R"(["body","ratings",0,"rank"])", "Input should be less than or equal to 10",
       R"({"le":10})"},
      {with_ratings(R"([{"artist_id": "x", "rank": 1}])"), "int_parsing",
       R"(["body","ratings",0,"artist_id"])",
       "Input should be a valid integer, unable to parse string as an integer"},
      {with_ratings(R"([{"artist_id": null, "rank": 1}])"), "int_type",
       R"(["body","ratings",0,"artist_id"])", "Input should be a valid integer"},
      {with_ratings(R"([{"artist_id": 1.5, "rank": 1}])"), "int_from_float",
       R"(["body","ratings",0,"artist_id"])",
       "Input should be a valid integer, got a number with a fractional part"},
      {with_ratings("5"), "list_type", R"(["body","ratings"])", "Input should be a valid list"},
      {with_ratings("[]"), "too_short", R"(["body","ratings"])",
       "List should have at least 1 item after validation, not 0",
       R"({"field_type":"List","min_length":1,"actual_length":0})"},
      {with_ratings(eleven), "too_long", R"(["body","ratings"])",
       "List should have at most 10 items after validation, not 11",
       R"({"field_type":"List","max_length":10,"actual_length":11})"},
      {with_ratings(R"([{"artist_id": 1, "rank": 1}, {"artist_id": 1, "rank": 1}])"), "value_error",
       R"(["body","ratings"])", "Value error, Duplicate artist IDs found in ratings",
       R"({"error":{}})"},
      {with_ratings(R"([{"artist_id": 1, "rank": 1}, {"artist_id": 2, "rank": 1}])"), "value_error",
       R"(["body","ratings"])",
       "Value error, Duplicate ranks found. Each artist must have a unique rank",
       R"({"error":{}})"},
  };
  for (const Refusal& refusal : refusals) {
    const Json faults = submission_faults(refusal.body);
    ASSERT_EQ(faults.size(), 1U) << refusal.body << faults;
    EXPECT_EQ(faults[0]["type"], refusal.type) << refusal.body;
    EXPECT_EQ(faults[0]["loc"], Json::parse(refusal.loc)) << refusal.body;
    EXPECT_EQ(faults[0]["msg"], refusal.msg) << refusal.body;
    EXPECT_EQ(faults[0].value("ctx", Json()), Json::parse(refusal.ctx)) << refusal.body;
    EXPECT_TRUE(faults[0].contains("input"));
  }
}

TEST(Schema, AllFaultsAreToldInTheOrderOfTheFields) {
  const Json faults = submission_faults(
      R"({"ratings": [{"rank": 0}, {"artist_id": "x", "rank": 99}], "user_id": 5})");
  std::vector<std::string> types;
  for (const Json& fault : faults) types.push_back(fault["type"]);
  EXPECT_THAT(types, testing::ElementsAre("string_type", "missing", "greater_than_equal",
                                          "int_parsing", "less_than_equal"));
}

TEST(Schema, BrokenJsonIsToldWithItsPlace) {
  const Json faults = submission_faults(R"({"user_id": "é", })");
  EXPECT_EQ(faults[0]["type"], "json_invalid");
  EXPECT_EQ(faults[0]["msg"], "JSON decode error");
  EXPECT_EQ(faults[0]["loc"][0], "body");
  EXPECT_THAT(faults[0]["ctx"]["error"].get<std::string>(), testing::HasSubstr("Expecting"));
}

TEST(Schema, UserIdsAreMeasuredInCodePoints) {
  std::string user;
  for (int i = 0; i < 100; ++i) user += "田";
  EXPECT_EQ(schema::parse_query(R"({"user_id": ")" + user + "\"}").user_id, user);
  EXPECT_EQ(query_faults(R"({"user_id": ")" + user + "田\"}")[0]["type"], "string_too_long");
}

TEST(Schema, AQueryAsksForTenByDefaultAndFiftyAtMost) {
  EXPECT_EQ(schema::parse_query(R"({"user_id": "me"})").top_k, 10);
  EXPECT_EQ(schema::parse_query(R"({"user_id": "me", "top_k": 50})").top_k, 50);
  EXPECT_EQ(query_faults(R"({"user_id": "me", "top_k": 51})")[0]["ctx"]["le"], 50);
  EXPECT_EQ(query_faults(R"({"user_id": "me", "top_k": 0})")[0]["ctx"]["ge"], 1);
  EXPECT_EQ(schema::parse_query(R"({"user_id": "me", "method": "mean"})").method, Method::kMean);
  EXPECT_EQ(query_faults(R"({"user_id": "me", "method": "x"})")[0]["type"], "literal_error");
}

TEST(Schema, AnswersHaveTheContractsShape) {
  EXPECT_EQ(
      schema::to_json(std::vector<SurveyEntry>{{56, "Daft Punk", "Electronic"}, {7, "Björk", ""}}),
      R"({"success":true,"count":2,"artists":{"56":{"artist_id":56,"name":"Daft Punk",)"
      R"("genre":"Electronic"},"7":{"artist_id":7,"name":"Björk","genre":""}}})");
  EXPECT_EQ(schema::saved_json({"alice", {{1, 1}, {2, 2}}}),
            R"({"success":true,"message":"Successfully saved 2 ratings for user alice",)"
            R"("user_id":"alice","ratings_count":2})");
  const Recommendations list{.list = {{1, 4160, "A \"B\"", 0.5F, 3.42F, "rock", {}}}, .total = 7};
  EXPECT_EQ(schema::to_json(Query{.user_id = "alice"}, list),
            R"({"success":true,"message":"Generated 1 recommendations","user_id":"alice",)"
            R"("recommendations":[{"rank":1,"artist_id":4160,"artist_name":"A \"B\"",)"
            R"("score":0.5,"raw_score":3.42,"genre":"rock"}],)"
            R"("source":"personal","total":7,"offset":0})");
  EXPECT_EQ(schema::error_json("Not Found"), R"({"detail":"Not Found"})");
}

TEST(Schema, OptionsOfAListAreReadAndBounded) {
  const Query query = schema::parse_query(
      R"({"user_id": "me", "exclude": [1, "2"], "genres": ["rock"], "min_listeners": 3,
          "diversity": 0.5, "familiarity": "-0.25", "offset": 20, "explain": "yes",
          "exclude_rated": 0, "fallback": "popular"})");
  EXPECT_THAT(query.exclude, testing::ElementsAre(1, 2));
  EXPECT_THAT(query.genres, testing::ElementsAre("rock"));
  EXPECT_EQ(query.min_listeners, 3);
  EXPECT_FALSE(query.max_listeners);
  EXPECT_EQ(query.diversity, 0.5F);
  EXPECT_EQ(query.familiarity, -0.25F);
  EXPECT_EQ(query.offset, 20);
  EXPECT_TRUE(query.explain && !query.exclude_rated && query.popular_fallback);
  const std::vector<Refusal> refusals{
      {R"("exclude": [1, "x"])", "int_parsing", R"(["body","exclude",1])", ""},
      {R"("exclude": 5)", "list_type", R"(["body","exclude"])", ""},
      {R"("genres": [5])", "string_type", R"(["body","genres",0])", ""},
      {R"("diversity": 1.5)", "less_than_equal", R"(["body","diversity"])",
       "Input should be less than or equal to 1"},
      {R"("familiarity": -1.01)", "greater_than_equal", R"(["body","familiarity"])",
       "Input should be greater than or equal to -1"},
      {R"("familiarity": "x")", "float_parsing", R"(["body","familiarity"])", ""},
      {R"("familiarity": "nan")", "finite_number", R"(["body","familiarity"])", ""},
      {R"("diversity": [])", "float_type", R"(["body","diversity"])", ""},
      {R"("offset": 1001)", "less_than_equal", R"(["body","offset"])", ""},
      {R"("explain": 2)", "bool_parsing", R"(["body","explain"])", ""},
      {R"("explain": null)", "bool_type", R"(["body","explain"])", ""},
      {R"("fallback": "x")", "literal_error", R"(["body","fallback"])",
       "Input should be 'popular'"},
  };
  for (const Refusal& refusal : refusals) {
    const Json faults = query_faults(R"({"user_id": "me", )" + refusal.body + "}");
    ASSERT_EQ(faults.size(), 1U) << refusal.body << faults;
    EXPECT_EQ(faults[0]["type"], refusal.type) << refusal.body;
    EXPECT_EQ(faults[0]["loc"], Json::parse(refusal.loc)) << refusal.body;
    if (!refusal.msg.empty()) {
      EXPECT_EQ(faults[0]["msg"], refusal.msg);
    }
  }
}

TEST(Schema, QueriesAndPathsAreCheckedLikeBodies) {
  const Query query = schema::parse_known_user_query(
      {{"exclude", "5,7"}, {"genres", "rock"}, {"genres", "pop"}, {"top_k", "3"}, {"other", "x"}});
  EXPECT_THAT(query.exclude, testing::ElementsAre(5, 7));
  EXPECT_THAT(query.genres, testing::ElementsAre("rock", "pop"));
  EXPECT_EQ(query.top_k, 3);
  const Json faults = faults_of(schema::parse_survey_query, {{"limit", "51"}, {"seed", "x"}});
  ASSERT_EQ(faults.size(), 2U);
  EXPECT_EQ(faults[0]["loc"], Json::parse(R"(["query","limit"])"));
  EXPECT_EQ(faults[0]["type"], "less_than_equal");
  EXPECT_EQ(faults[1]["type"], "int_parsing");
  EXPECT_EQ(faults_of(schema::parse_artist_id, "1x")[0]["loc"],
            Json::parse(R"(["path","artist_id"])"));
  EXPECT_EQ(faults_of(schema::parse_user_id, "\xff")[0]["type"], "string_unicode");
}

TEST(Schema, ABatchTellsItsRequestsApart) {
  const auto items = schema::parse_batch(
      R"({"requests": [{"user_id": "a"}, {"ratings": [{"artist_id": 1, "rank": 50}]}, {}]})");
  ASSERT_EQ(items.size(), 3U);
  using Kind = schema::BatchItem::Kind;
  EXPECT_EQ(items[0].kind, Kind::kStored);
  EXPECT_EQ(items[1].kind, Kind::kTaste);
  EXPECT_EQ(items[2].kind, Kind::kInvalid);
  EXPECT_EQ(Json::parse(items[2].faults)["detail"][0]["loc"],
            Json::parse(R"(["body","requests",2,"user_id"])"));
  EXPECT_EQ(schema::batch_json({{200, R"({"a":1})"}, {404, R"({"detail":"x"})"}}),
            R"({"count":2,"results":[{"status":200,"a":1},{"status":404,"detail":"x"}]})");
}

TEST(Schema, ProblemsSayWhatErrorsSay) {
  const Json problem = Json::parse(
      schema::problem_json(404, schema::error_json("No artist 5"), "/api/v1/artists/5"));
  EXPECT_EQ(problem, Json::parse(R"({"type":"about:blank","title":"Not Found","status":404,
      "detail":"No artist 5","instance":"/api/v1/artists/5"})"));
  const Json faults = Json::parse(schema::problem_json(422, R"({"detail":[{"type":"x"}]})", "/"));
  EXPECT_TRUE(faults["detail"].is_string());
  EXPECT_EQ(faults["errors"], Json::parse(R"([{"type":"x"}])"));
  EXPECT_TRUE(Json::parse(schema::problem_json(500, "no JSON", "/"))["detail"].is_string());
}

}  // namespace
}  // namespace mrec
