#include "serve/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace mrec {
namespace {

using Json = nlohmann::ordered_json;

// The faults of a body that must be refused.
template <typename Parse>
Json faults_of(Parse parse, const std::string& body) {
  try {
    static_cast<void>(parse(body));
  } catch (const schema::ValidationError& error) {
    return Json::parse(error.body())["detail"];
  }
  ADD_FAILURE() << "was taken: " << body;
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
  EXPECT_EQ(schema::to_json({{56, "Daft Punk", "Electronic"}, {7, "Björk", ""}}),
            R"({"success":true,"count":2,"artists":{"56":{"artist_id":56,"name":"Daft Punk",)"
            R"("genre":"Electronic"},"7":{"artist_id":7,"name":"Björk","genre":""}}})");
  EXPECT_EQ(schema::saved_json({"alice", {{1, 1}, {2, 2}}}),
            R"({"success":true,"message":"Successfully saved 2 ratings for user alice",)"
            R"("user_id":"alice","ratings_count":2})");
  EXPECT_EQ(schema::to_json({.user_id = "alice"}, {{1, 4160, "A \"B\"", 0.5F, 3.42F}}),
            R"({"success":true,"message":"Generated 1 recommendations","user_id":"alice",)"
            R"("recommendations":[{"rank":1,"artist_id":4160,"artist_name":"A \"B\"",)"
            R"("score":0.5,"raw_score":3.42}]})");
  EXPECT_EQ(schema::error_json("Not Found"), R"({"detail":"Not Found"})");
}

}  // namespace
}  // namespace mrec
