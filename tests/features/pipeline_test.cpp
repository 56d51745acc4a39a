#include "features/pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "features/planted_tracks.h"
#include "model/toy.h"

namespace mrec::features {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

// Of the text of a pipeline, "" for none.
std::string error_of(const std::string& text) {
  try {
    parse_pipeline(text, "p");
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

std::string step(const std::string& name, const std::string& settings = "") {
  return "[[step]]\nname = \"" + name + "\"\n" + settings + "\n";
}

TEST(Pipeline, BothBuiltInPipelinesReadBackToThemselves) {
  for (const char* name : {"default", "original"}) {
    const std::string text = to_text(read_pipeline(name));
    EXPECT_THAT(text, HasSubstr("name = \"track_statistics\"\ntracks = \""));
    EXPECT_EQ(to_text(parse_pipeline(text, "p")), text);
  }
  EXPECT_NE(to_text(read_pipeline("default")), to_text(read_pipeline("original")));
}

TEST(Pipeline, EveryStepWithAllItsSettingsReadsBackToItself) {
  std::string all;
  for (const StepKind& kind : step_kinds()) {
    all += step(kind.name, kind.name == "drop" ? R"(columns = ["tempo"])" : "");
  }
  const std::string text = to_text(parse_pipeline(all, "p"));
  EXPECT_EQ(to_text(parse_pipeline(text, "p")), text);
}

TEST(Pipeline, WhatIsWrongInAFileIsNamedWithItsLine) {
  const std::string fine = step("listeners");
  EXPECT_EQ(error_of(fine), "");
  EXPECT_THAT(error_of("[[step]\n"), HasSubstr("p:1: "));
  EXPECT_THAT(error_of("\nstp = 1\n"), HasSubstr("p:2: stp is not understood"));
  EXPECT_THAT(error_of(fine + "[[step]]\ndims = 3\n"), HasSubstr("p:4: the step has no name"));
  EXPECT_THAT(error_of(fine + step("svd")),
              HasSubstr("p:4: svd: 'svd' is no step; there are track_statistics, key, "));
  EXPECT_EQ(
      error_of(step("tag_svd", "dim = 3")),
      "p:1: tag_svd: dim is no setting of tag_svd, which has source, min_artists, dims, seed");
  EXPECT_THAT(error_of(fine + step("drop")), HasSubstr("p:4: drop: columns is empty: which"));
  EXPECT_THAT(error_of(step("track_statistics", "statistics = []")),
              HasSubstr("p:1: track_statistics: statistics is empty"));
  EXPECT_EQ(error_of(step("mode", "dim = 3")),
            "p:1: mode: dim is no setting of mode, which has none");
  EXPECT_EQ(error_of(step("tag_svd", "dims = 0")), "p:1: tag_svd: dims = 0 is outside [1, 1000]");
  EXPECT_THAT(error_of(step("tag_svd", "dims = \"x\"")), HasSubstr("is not a whole number"));
  EXPECT_THAT(error_of(step("tag_svd", "dims = [3]")), HasSubstr("must be one value, not a list"));
  EXPECT_THAT(error_of(step("track_statistics", "columns = \"key\"")), HasSubstr("must be a list"));
  EXPECT_THAT(error_of(step("track_statistics", "columns = [\"kex\"]")),
              HasSubstr("columns = 'kex' is not one of popularity, "));
  EXPECT_THAT(error_of(fine + step("scale", "strategy = \"log\"")),
              HasSubstr("strategy = 'log' is not one of none, min-max, "));
  EXPECT_THAT(error_of("# nothing\n"), HasSubstr("p: has no [[step]] that makes columns"));
  EXPECT_THAT([] { read_pipeline("/nowhere.toml"); },
              ThrowsMessage<InputError>(HasSubstr("neither default nor original nor a file")));
}

TEST(Pipeline, AStepInTheWrongPlaceSaysWhatItNeeds) {
  EXPECT_EQ(error_of(step("scale") + step("listeners")),
            "p:1: scale: needs a step before it that makes columns, such as track_statistics");
  EXPECT_EQ(error_of(step("key") + step("scale") + step("impute")),
            "p:4: scale: needs impute before it and behind key, which leaves missing values");
  EXPECT_EQ(error_of(step("impute") + step("key")),
            "p:1: impute: needs a step before it that makes columns, such as track_statistics");
  EXPECT_EQ(error_of(step("listeners") + step("key")),
            "p:4: key: needs impute behind it, because it leaves missing values");
  EXPECT_EQ(error_of(step("key") + step("impute") + step("scale")), "");
}

TEST(Pipeline, WhatFailsWhileItRunsIsNamedWithTheStep) {
  const Planted planted;
  const auto run_text = [&](const std::string& text) {
    run(parse_pipeline(text, "p"), 3, planted.knowledge);
  };
  EXPECT_THAT(
      [&] { run_text(step("listeners") + step("listeners")); },
      ThrowsMessage<InputError>("p:4: listeners: column listeners is there already, made by "
                                "an earlier step"));
  EXPECT_THAT(
      [&] { run_text(step("listeners") + step("drop", "columns = [\"tempo*\"]")); },
      ThrowsMessage<InputError>(HasSubstr("p:4: drop: columns = 'tempo*' names no column")));
  EXPECT_THAT([&] { run_text(step("tag_svd", "dims = 5")); },
              ThrowsMessage<InputError>(HasSubstr("dims = 5 needs more artists and words")));
}

TEST(Pipeline, TheOriginalTakesTheMostPopularTrackAndItsScaling) {
  const Planted planted;
  const FeatureMatrix features = to_matrix(run(read_pipeline("original"), 3, planted.knowledge));
  const auto value = [&](int artist, const std::string& name) {
    const auto column = std::ranges::find(features.names, name) - features.names.begin();
    return features.values.coeff(artist, static_cast<int>(column));
  };
  EXPECT_EQ(value(0, "genre_rock"), 1);
  EXPECT_EQ(value(1, "genre_metal"), 1) << "from tags alone";
  EXPECT_EQ(value(2, "mood_sad"), 1);
  // energy of 0.8, the mean of 0.65 and 0.5, then logarithm and min-max: 1, between, 0.
  EXPECT_EQ(value(0, "energy"), 1);
  EXPECT_NEAR(value(1, "energy"), std::log(0.65 / 0.5) / std::log(0.8 / 0.5), 1e-5);
  EXPECT_EQ(value(2, "energy"), 0);
  for (std::size_t f = 0; f < features.names.size(); ++f) {
    const bool numeric = features.names[f] == "energy" || features.names[f] == "listeners";
    EXPECT_EQ(features.types[f], numeric ? "numeric" : "indicator") << features.names[f];
  }
}

TEST(Pipeline, WithoutTracksTagsAloneAreTheFeatures) {
  const SparseMatrix tags = sparse(Matrix{{1}, {0}});
  const std::vector<std::string> names{"rock"};
  const TrackSummary none(2);
  const FeatureMatrix features =
      to_matrix(run(read_pipeline("default"), 2,
                    {.listeners = {1, 2}, .tags = tags, .tag_names = names, .tracks = none}));
  EXPECT_EQ(features.values.rows(), 2);
  EXPECT_THAT(features.names, testing::Contains("genre_rock"));
  EXPECT_THAT(features.names, testing::Not(testing::Contains("energy")));
}

TEST(Pipeline, AMissingValueNeverBecomesAFeature) {
  Table table{.num_artists = 1};
  table.add("tempo");
  EXPECT_THAT([&] { to_matrix(table); }, ThrowsMessage<Error>("feature tempo has a missing value"));
}

}  // namespace
}  // namespace mrec::features
