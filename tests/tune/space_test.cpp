#include "tune/space.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "base/error.h"

namespace mrec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

constexpr const char* kSpace = R"(
dim = "int:16:128:16"
loss = ["warp", "bpr", "warp-kos"]
learning_rate = { type = "float", low = 0.01, high = 0.2, log = true }
max_sampled = { type = "int", low = 5, high = 100, log = true, when = { loss = ["warp-kos", "warp"] } }
kos_k = { type = "int", low = 1, high = 10, when = { loss = "warp-kos" } }
adam = { type = "cat", choices = [true, 2, 0.5], when = { loss = ["warp", "warp-kos"] } }
)";

TEST(Space, KeepsTheDeclaredOrder) {
  const Space space = parse_space(kSpace, "space.toml");
  ASSERT_EQ(space.size(), 6);
  EXPECT_EQ(space.params()[0].name, "dim");
  EXPECT_EQ(space.params()[3].name, "max_sampled");
  EXPECT_EQ(space.index("kos_k"), 4);
  EXPECT_THAT(space.params()[3].when->choices, ElementsAre(0, 2));
  EXPECT_EQ(parse_space(to_toml(space), "again"), space);
}

TEST(Space, GroupsWhatIsActiveTogether) {
  const Space space = parse_space(kSpace, "space.toml");
  EXPECT_THAT(space.groups(), ElementsAre(ElementsAre(0, 1, 2), ElementsAre(3, 5), ElementsAre(4)));
}

TEST(Space, KnowsWhichParametersAreActive) {
  const Space space = parse_space(kSpace, "space.toml");
  const Configuration bpr{64, 1, 0.05, kNone, kNone, kNone};
  EXPECT_NO_THROW(space.check(bpr));
  EXPECT_FALSE(space.is_active(3, bpr));
  EXPECT_EQ(key(space, bpr), "dim=64 loss=bpr learning_rate=0.05");
  const Configuration warp{64, 0, 0.05, 10, kNone, 2};
  EXPECT_NO_THROW(space.check(warp));
  EXPECT_EQ(key(space, warp), "dim=64 loss=warp learning_rate=0.05 max_sampled=10 adam=0.5");
  EXPECT_THROW(space.check({64, 1, 0.05, 10, kNone, kNone}), InputError);
  EXPECT_THROW(space.check({64, 0, 0.05, kNone, kNone, 2}), InputError);
  EXPECT_THROW(space.check({65, 1, 0.05, kNone, kNone, kNone}), InputError);
  EXPECT_TRUE(same(bpr, bpr));
  EXPECT_FALSE(same(bpr, warp));
}

TEST(Space, CountsItsConfigurations) {
  EXPECT_EQ(parse_space(kSpace, "").num_configurations(), std::nullopt);
  const Space space = parse_space(R"(
a = ["x", "y", "z"]
b = "int:1:4"
c = { type = "int", low = 0, high = 1, when = { a = ["x", "y"] } }
d = { type = "cat", choices = ["p", "q"], when = { a = ["y"] } }
e = { type = "int", low = 0, high = 2, when = { d = ["q"] } }
)",
                                  "");
  // x: 2; y: 2 * (1 + 3); z: 1.
  ASSERT_EQ(space.num_configurations(), 4 * (2 + 8 + 1));
  std::set<std::string> keys;
  for (int i = 0; i < 44; ++i) {
    const Configuration configuration = space.configuration(i);
    EXPECT_NO_THROW(space.check(configuration));
    keys.insert(key(space, configuration));
  }
  EXPECT_EQ(keys.size(), 44);
}

TEST(Space, NamesFileLineAndKeyOfAMistake) {
  const auto message = [](const std::string& text, const char* part) {
    EXPECT_THAT([&] { parse_space(text, "s.toml"); }, ThrowsMessage<InputError>(HasSubstr(part)));
  };
  message("dim = ", "s.toml:1: ");
  message("", "s.toml: has no parameters");
  message("\ndim = 3", "s.toml:2: dim: must be ");
  message("dim = { low = 1, high = 2 }", "s.toml:1: dim: type must be");
  message("dim = { type = \"int\", low = 1 }", "needs low and high");
  message("dim = { type = \"int\", low = \"1\", high = 2 }", "low must be a number");
  message("dim = { type = \"int\", low = 1, high = 2, width = 3 }", "width is not understood");
  message("a = { type = \"cat\" }", "has no choices");
  message("a = { type = \"cat\", choices = [1], low = 1 }", "low is not for");
  message("a = [\"x\"]\nb = { type = \"int\", low = 1, high = 2, when = { a = [\"y\"] } }",
          "s.toml:2: b: when: a has no choice 'y'");
  message("b = { type = \"int\", low = 1, high = 2, when = { a = [\"y\"] } }\na = [\"y\"]",
          "no parameter 'a' stands before it");
  message("a = [\"x\"]\nb = { type = \"int\", low = 1, high = 2, when = 3 }", "when must name one");
  EXPECT_THAT([] { read_space("/nowhere.toml"); },
              ThrowsMessage<InputError>(HasSubstr("/nowhere.toml: cannot be read")));
}

TEST(Space, TakesFlags) {
  const Param rate = parse_param("learning_rate=float:0.01:0.2:log");
  EXPECT_EQ(rate.name, "learning_rate");
  const Space space = with(parse_space(kSpace, ""),
                           {rate, parse_param("kos_k=int:2:3"), parse_param("epochs=int:10:50:5")});
  EXPECT_EQ(space.size(), 7);
  EXPECT_EQ(space.params()[4].distribution.low, 2);
  EXPECT_TRUE(space.params()[4].when);
  EXPECT_THAT([] { parse_param("dim"); }, ThrowsMessage<InputError>(HasSubstr("NAME=float:")));
  EXPECT_THAT([] { parse_param("dim=int:1"); }, ThrowsMessage<InputError>(HasSubstr("dim: ")));
}

TEST(Space, RefusesAParentWithoutChoices) {
  EXPECT_THROW(Space({{"a", parse_distribution("int:1:3")},
                      {"b", parse_distribution("int:1:3"), Condition{"a", {1}}}}),
               InputError);
  EXPECT_THROW(Space({{"a", parse_distribution("int:1:3")}, {"a", parse_distribution("int:1:3")}}),
               InputError);
}

}  // namespace
}  // namespace mrec
