#include "base/cli.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "temp_dir.h"

namespace mrec {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

struct Options {
  int dim = 64;
  double learning_rate = 0.05;
  bool quick = false;
  std::string model;
  std::vector<std::string> like;
  std::string out;

  Fields fields() {
    return {{.name = "model", .value = &model, .help = "the model file", .required = true},
            {.name = "dim", .value = &dim, .help = "length", .min = 1, .max = 1024},
            {.name = "learning_rate", .value = &learning_rate, .help = "step", .min = 0},
            {.name = "quick", .value = &quick, .help = "less work"},
            {.name = "like", .value = &like, .help = "an artist"},
            {.name = "out", .value = &out, .help = "a file to write", .writes = true}};
  }
};

bool parse(Options& options, std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "mrec-test");
  return parse_cli(static_cast<int>(arguments.size()), arguments.data(),
                   {.name = "mrec-test", .summary = "tests", .example = "mrec-test --model m"},
                   options.fields());
}

TEST(Cli, NamesTakeDashesAndUnderscores) {
  Options options;
  EXPECT_TRUE(parse(options, {"--model", "m_1-2.h5", "--learning-rate=0.5"}));
  EXPECT_EQ(options.learning_rate, 0.5);
  EXPECT_EQ(options.model, "m_1-2.h5");
  EXPECT_TRUE(parse(options, {"--model=m", "--learning_rate", "0.25"}));
  EXPECT_EQ(options.learning_rate, 0.25);
}

TEST(Cli, AValueMayBeOptionsOfAnotherProgram) {
  Options options;
  EXPECT_TRUE(parse(options, {"--model", "--sample-weights --dim 8"}));
  EXPECT_EQ(options.model, "--sample-weights --dim 8");
}

TEST(Cli, ABareFlagIsTrueAndMayBeSetToFalse) {
  Options options;
  EXPECT_TRUE(parse(options, {"--quick", "--model", "m"}));
  EXPECT_TRUE(options.quick);
  EXPECT_TRUE(parse(options, {"--quick=false", "--model", "m"}));
  EXPECT_FALSE(options.quick);
}

TEST(Cli, AListOptionMayComeSeveralTimes) {
  Options options;
  EXPECT_TRUE(parse(options, {"--model", "m", "--like", "AC/DC", "--like", "Tyler, The Creator"}));
  EXPECT_THAT(options.like, ElementsAre("AC/DC", "Tyler, The Creator"));
}

TEST(Cli, TheCommandLineWinsOverTheConfigFile) {
  const TempDir directory;
  const std::string config =
      directory.file("c.ini", "# a comment\nlearning-rate = 0.1\ndim = 8\nmodel = m\n");
  Options options;
  EXPECT_TRUE(parse(options, {"--config", config.c_str(), "--dim", "16"}));
  EXPECT_EQ(options.learning_rate, 0.1);
  EXPECT_EQ(options.dim, 16);
  EXPECT_EQ(options.model, "m");
}

TEST(Cli, AConfigFileMayBeginWithAByteOrderMark) {
  const TempDir directory;
  const std::string config = directory.file("c.ini", "\xEF\xBB\xBFmodel = m\r\ndim = 8\r\n");
  Options options;
  EXPECT_TRUE(parse(options, {"--config", config.c_str()}));
  EXPECT_EQ(options.model, "m");
  EXPECT_EQ(options.dim, 8);
}

TEST(Cli, WhatCannotBeUsedIsRefusedByName) {
  Options options;
  const auto refused = [&](std::vector<const char*> arguments, const std::string& part) {
    EXPECT_THAT([&] { static_cast<void>(parse(options, arguments)); },
                ThrowsMessage<InputError>(AllOf(HasSubstr(part), HasSubstr("mrec-test --help"))));
  };
  refused({}, "--model is missing");
  refused({"--model", "m", "--dimm", "3"}, "dimm");
  refused({"--model", "m", "--di", "3"}, "di");  // no abbreviations
  refused({"--model", "m", "--dim", "0"}, "dim = 0 is outside [1, 1024]");
  refused({"--model", "m", "--dim"}, "dim");
  refused({"--model", "m", "--dim", "1", "--dim", "2"}, "more than once");
  refused({"--model", "m", "stray"}, "bare word");
  refused({"--config", "no/such/file", "--model", "m"}, "no/such/file");
  refused({"--config", "/", "--model", "m"}, "config /: is no file");
}

TEST(Cli, WhatIsWrittenIsNothingThatAnotherOptionNames) {
  const TempDir directory;
  const std::string model = directory.file("model.h5", "");
  Options options;
  EXPECT_THAT(
      [&] {
        static_cast<void>(parse(options, {"--model", model.c_str(), "--out", model.c_str()}));
      },
      ThrowsMessage<InputError>(AllOf(HasSubstr("--out " + model), HasSubstr("--model"))));
  const std::string two = "none.h5," + model;
  Options lists;
  EXPECT_THROW(static_cast<void>(parse(lists, {"--model", two.c_str(), "--out", model.c_str()})),
               InputError);
  Options number;
  EXPECT_TRUE(parse(number, {"--model", "no-file-2", "--out", "no-file-2"})) << "a name of no file";
  Options apart;
  EXPECT_TRUE(parse(apart, {"--model", model.c_str(), "--out", directory.path("out").c_str()}));
}

TEST(Cli, AConfigFileComesOnce) {
  const TempDir directory;
  const std::string config = directory.file("c.conf", "dim = 3\n");
  Options options;
  EXPECT_THAT(
      [&] {
        static_cast<void>(parse(
            options, {"--model", "m", "--config", config.c_str(), "--config", config.c_str()}));
      },
      ThrowsMessage<InputError>(HasSubstr("--config")));
}

TEST(Cli, HelpTeachesEveryOptionAndAnExample) {
  Options options;
  testing::internal::CaptureStdout();
  EXPECT_FALSE(parse(options, {"--help"}));
  const std::string help = testing::internal::GetCapturedStdout();
  EXPECT_THAT(help, AllOf(HasSubstr("mrec-test --model m"), HasSubstr("--learning-rate"),
                          HasSubstr("[1 to 1024; default 64]"), HasSubstr("required"),
                          HasSubstr("may be given several times")));
}

}  // namespace
}  // namespace mrec
