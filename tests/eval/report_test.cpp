#include "eval/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "temp_dir.h"

namespace mrec {
namespace {

const Evaluation kEvaluation{
    .facts = {{"excluded", "artists of train"}},
    .warnings = {"this is biased"},
    .num_models = 2,
    .reports =
        {{.name = "a",
          .num_users = 3,
          .summaries = {{"ndcg", 10, 0.25, 0.01, 0.23, 0.27, 3}, {"auc", 0, 0.9, 0, 0.9, 0.9, 3}}},
         {.name = "b",
          .num_users = 3,
          .summaries = {{"ndcg", 10, 0.001, 0, 0, 0.002, 3}, {"auc", 0, 0.5, 0, 0.5, 0.5, 3}}}},
    .comparisons = {{"ndcg@10", "a", "b", 0.249, 0.2, 0.3, 0.01, 0.02}},
    .breakdowns = {{"activity", "ndcg@10", {{{"1", 3, 0.25, 0.2, 0.3}}, {{"1", 3, 0.001, 0, 0}}}}}};

TEST(EvaluationReport, JsonHoldsEveryFigureInFull) {
  const TempDir directory;
  const std::string path = directory.path("e.json");
  write_json(path, kEvaluation);
  const auto json = nlohmann::json::parse(read_file(path));
  EXPECT_EQ(json["facts"]["excluded"], "artists of train");
  EXPECT_EQ(json["reports"][0]["name"], "a");
  EXPECT_EQ(json["reports"][0]["users"], 3);
  EXPECT_EQ(json["reports"][0]["metrics"][0]["mean"], 0.25);
  EXPECT_EQ(json["reports"][0]["metrics"][0]["k"], 10);
  EXPECT_EQ(json["reports"][0]["metrics"][0]["low"], 0.23);
  EXPECT_TRUE(json["reports"][1]["metrics"][1]["k"].is_null());
  EXPECT_EQ(json["comparisons"][0]["adjusted_p"], 0.02);
  EXPECT_EQ(json["breakdowns"][0]["contenders"]["b"][0], 0.001);
  EXPECT_EQ(json["warnings"][0], "this is biased");
}

TEST(EvaluationReport, TheTableSaysWhatWasExcludedAndWhoIsBetter) {
  std::ostringstream out;
  print(out, kEvaluation);
  EXPECT_THAT(out.str(),
              testing::AllOf(testing::HasSubstr("excluded        artists of train"),
                             testing::HasSubstr("ndcg@10"), testing::HasSubstr("0.2500 +- 0.0100"),
                             testing::HasSubstr("warning: this is biased"),
                             testing::HasSubstr("a - b  +0.2490 [0.2000, 0.3000]  p 0.0100, "
                                                "adjusted 0.0200")));
}

}  // namespace
}  // namespace mrec
