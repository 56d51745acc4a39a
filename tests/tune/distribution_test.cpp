#include "tune/distribution.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace mrec {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(Distribution, ReadsAndWritesOptunasTextToTheLetter) {
  for (
      const char* text : {
          R"({"name": "IntDistribution", "attributes": {"log": false, "step": 16, "low": 16, "high": 128}})",
          R"({"name": "IntDistribution", "attributes": {"log": true, "step": 1, "low": 1, "high": 1024}})",
          R"({"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 0.1, "log": true}})",
          R"({"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-08, "high": 1.0, "log": true}})",
          R"({"name": "FloatDistribution", "attributes": {"step": 0.25, "low": -1.0, "high": 1e+16, "log": false}})",
          R"({"name": "CategoricalDistribution", "attributes": {"choices": ["warp", "bpr"]}})",
          R"({"name": "CategoricalDistribution", "attributes": {"choices": [null, true, 3, 0.5, 2.0, "B\u00f6\"se"]}})",
      }) {
    EXPECT_EQ(to_json(distribution_from_json(text)), text);
  }
}

TEST(Distribution, RefusesWhatOptunaWouldNotWrite) {
  EXPECT_THROW(distribution_from_json("{"), InputError);
  EXPECT_THROW(distribution_from_json("{}"), InputError);
  EXPECT_THROW(distribution_from_json(R"({"name": "Beta", "attributes": {}})"), InputError);
}

TEST(Distribution, ReadsFlags) {
  const Distribution rate = parse_distribution("float:0.01:0.2:log");
  EXPECT_TRUE(rate.log);
  EXPECT_EQ(rate.low, 0.01);
  EXPECT_EQ(rate.high, 0.2);
  EXPECT_EQ(rate.num_values(), std::nullopt);
  const Distribution dim = parse_distribution("int:16:128:16");
  EXPECT_EQ(dim.num_values(), 8);
  EXPECT_EQ(dim.value(3), 64);
  EXPECT_EQ(to_text(dim, 64), "64");
  const Distribution loss = parse_distribution("cat:warp,bpr");
  EXPECT_EQ(to_text(loss, 1), "bpr");
  EXPECT_EQ(parse_distribution("float:0:1:0.25").num_values(), 5);
}

TEST(Distribution, SaysWhatIsWrongWithAFlag) {
  const auto message = [](const char* text, const char* part) {
    EXPECT_THAT([&] { parse_distribution(text); }, ThrowsMessage<InputError>(HasSubstr(part)))
        << text;
  };
  message("gauss:0:1", "none of float:LOW:HIGH");
  message("float:0", "must be float:LOW:HIGH");
  message("float:a:1", "'a' is no number");
  message("float:2:1", "the range 2 to 1 is empty");
  message("float:0:1:log", "must begin above 0");
  message("float:0.1:1:0.1:log", "exclude one another");
  message("float:0:1:0.3", "do not meet 1");
  message("int:0.5:3", "whole numbers");
  message("cat:", "empty choice");
  message("cat:a,b,a", "the choice a twice");
}

TEST(Distribution, PlacesHaveEqualShares) {
  const Distribution steps = parse_distribution("int:10:50:20");  // 10, 30, 50
  EXPECT_EQ(steps.at(0), 10);
  EXPECT_EQ(steps.at(0.33), 10);
  EXPECT_EQ(steps.at(0.34), 30);
  EXPECT_EQ(steps.at(0.67), 50);
  EXPECT_EQ(steps.at(0.999999), 50);
  EXPECT_DOUBLE_EQ(parse_distribution("float:0.01:1:log").at(0.5), 0.1);
  // ln 0.5 to ln 3.5: the number 1 has [ln 0.5, ln 1.5), 56 % of it.
  EXPECT_EQ(parse_distribution("int:1:3:log").at(0.56), 1);
  EXPECT_EQ(parse_distribution("int:1:3:log").at(0.57), 2);
  EXPECT_EQ(parse_distribution("cat:a,b,c").at(0.99), 2);
}

TEST(Distribution, ContainsItsGridOnly) {
  const Distribution grid = parse_distribution("float:0:1:0.1");
  EXPECT_TRUE(grid.contains(0.3));
  EXPECT_TRUE(grid.contains(0.1 + 0.2));
  EXPECT_FALSE(grid.contains(0.35));
  EXPECT_FALSE(grid.contains(1.1));
  EXPECT_FALSE(grid.contains(std::numeric_limits<double>::quiet_NaN()));
  EXPECT_FALSE(parse_distribution("cat:a,b").contains(2));
}

}  // namespace
}  // namespace mrec
