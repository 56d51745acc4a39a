#include "eval/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "temp_dir.h"

namespace mrec {
namespace {

const std::vector<Report> kReports{
    {.name = "model", .num_users = 3, .summaries = {{"ndcg", 10, 0.25, 0.01}, {"auc", 0, 0.9, 0}}},
    {.name = "random", .num_users = 3, .summaries = {{"ndcg", 10, 0.001, 0}, {"auc", 0, 0.5, 0}}}};

TEST(EvaluationReport, JsonHoldsEveryFigureInFull) {
  const TempDir directory;
  const std::string path = directory.path("e.json");
  write_json(path, {{"excluded", "artists of train"}}, kReports);
  const auto json = nlohmann::json::parse(read_file(path));
  EXPECT_EQ(json["facts"]["excluded"], "artists of train");
  EXPECT_EQ(json["reports"][0]["name"], "model");
  EXPECT_EQ(json["reports"][0]["users"], 3);
  EXPECT_EQ(json["reports"][0]["metrics"][0]["mean"], 0.25);
  EXPECT_EQ(json["reports"][0]["metrics"][0]["k"], 10);
  EXPECT_TRUE(json["reports"][1]["metrics"][1]["k"].is_null());
}

TEST(EvaluationReport, TheTableSaysWhatWasExcluded) {
  std::ostringstream out;
  print(out, {{"excluded", "artists of train"}}, kReports);
  EXPECT_THAT(out.str(),
              testing::AllOf(testing::HasSubstr("excluded        artists of train"),
                             testing::HasSubstr("ndcg@10"), testing::HasSubstr("0.2500 +- 0.0100"),
                             testing::HasSubstr("random")));
}

}  // namespace
}  // namespace mrec
