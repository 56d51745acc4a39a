#include "base/params.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace mrec {
namespace {

using testing::HasSubstr;
using testing::Throws;
using testing::ThrowsMessage;

struct Sample {
  int dim = 64;
  double rate = 0.05;
  std::int64_t seed = 1;
  bool quick = false;
  std::string loss = "warp";
  std::vector<std::string> files;

  Fields fields() {
    return {{.name = "dim", .value = &dim, .help = "", .min = 1, .max = 1024},
            {.name = "rate", .value = &rate, .help = "", .min = 0},
            {.name = "seed", .value = &seed, .help = ""},
            {.name = "quick", .value = &quick, .help = ""},
            {.name = "loss", .value = &loss, .help = "", .choices = {"warp", "bpr"}},
            {.name = "files", .value = &files, .help = ""}};
  }
};

TEST(Params, TextIsReadBackToTheSameValue) {
  Sample from{.dim = 7, .rate = 0.1 + 0.2, .seed = -3, .quick = true, .loss = "bpr"};
  Sample to;
  const Fields source = from.fields();
  const Fields target = to.fields();
  for (std::size_t i = 0; i + 1 < source.size(); ++i) set(target[i], to_text(source[i]));
  EXPECT_EQ(to.dim, 7);
  EXPECT_EQ(to.rate, 0.1 + 0.2);
  EXPECT_EQ(to.seed, -3);
  EXPECT_TRUE(to.quick);
  EXPECT_EQ(to.loss, "bpr");
}

TEST(Params, AListFieldGrowsByOneElementEach) {
  Sample sample;
  const Field files = sample.fields().back();
  set(files, "a.csv");
  set(files, "b.csv");
  EXPECT_THAT(sample.files, testing::ElementsAre("a.csv", "b.csv"));
  EXPECT_EQ(to_text(files), "a.csv,b.csv");
}

TEST(Params, AValueOutOfRangeIsRefusedWithItsRange) {
  Sample sample;
  const Fields fields = sample.fields();
  EXPECT_THAT([&] { set(fields[0], "0"); },
              ThrowsMessage<InputError>("dim = 0 is outside [1, 1024]"));
  EXPECT_THAT([&] { set(fields[1], "-1"); }, ThrowsMessage<InputError>("rate = -1 is below 0"));
  EXPECT_THAT([&] { set(fields[1], "nan"); }, Throws<InputError>());
  EXPECT_EQ(sample.dim, 64);
}

TEST(Params, TextThatIsNotAValueIsRefused) {
  Sample sample;
  const Fields fields = sample.fields();
  EXPECT_THAT([&] { set(fields[0], "12x"); },
              ThrowsMessage<InputError>("dim = '12x' is not a whole number"));
  EXPECT_THAT([&] { set(fields[0], "1.5"); }, Throws<InputError>());
  EXPECT_THAT([&] { set(fields[3], "maybe"); }, ThrowsMessage<InputError>(HasSubstr("neither")));
  EXPECT_THAT([&] { set(fields[4], "wrap"); },
              ThrowsMessage<InputError>("loss = 'wrap' is not one of warp, bpr"));
}

TEST(Params, ANameInBothTablesIsAnError) {
  Sample a;
  Sample b;
  EXPECT_THAT([&] { join(a.fields(), b.fields()); },
              ThrowsMessage<Error>("option dim is declared twice"));
}

}  // namespace
}  // namespace mrec
