#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "features/pipeline.h"
#include "features/planted_tracks.h"
#include "features/steps/keyword_flags.h"
#include "features/steps/tags.h"

namespace mrec::features {
namespace {

using enum spotify::Column;
using testing::ElementsAre;
using testing::FloatNear;
using testing::Pointwise;

// What one step makes of columns that are there.
Table after(const std::string& name, const std::string& settings, Table table = {},
            const Knowledge* knowledge = nullptr) {
  const Planted planted;
  const std::string text = "[[step]]\nname = \"listeners\"\n[[step]]\nname = \"" + name + "\"\n" +
                           settings + "\n[[step]]\nname = \"impute\"\n";
  if (table.num_artists == 0) table.num_artists = 3;
  parse_pipeline(text, "p").steps[1].step->apply(
      table, knowledge != nullptr ? *knowledge : planted.knowledge);
  return table;
}

Table of(std::map<std::string, std::vector<float>> numbers) {
  const int artists = static_cast<int>(numbers.begin()->second.size());
  return {.num_artists = artists, .numbers = std::move(numbers)};
}

TEST(TrackStatistics, EveryStatisticOfAllTracks) {
  Table table = after("track_statistics",
                      "columns = [\"energy\"]\nstatistics = [\"mean\", \"std\", \"min\", \"max\", "
                      "\"count\", \"median\", \"q25\"]");
  const auto expect = [&](const std::string& name, float first, float third) {
    EXPECT_NEAR(table.numbers.at(name)[0], first, 1e-6F) << name;
    EXPECT_NEAR(table.numbers.at(name)[2], third, 1e-6F) << name;
    EXPECT_EQ(std::isnan(table.numbers.at(name)[1]), name != "energy_count") << name;
  };
  expect("energy", 0.5F, 0.5F);
  expect("energy_std", 0.3F, 0);
  expect("energy_min", 0.2F, 0.5F);
  expect("energy_max", 0.8F, 0.5F);
  expect("energy_count", 2, 1);
  expect("energy_median", 0.5F, 0.5F);
  expect("energy_q25", 0.35F, 0.5F);
}

TEST(TrackStatistics, WeightedByOnePlusPopularity) {
  const Table table = after("track_statistics", "columns = [\"energy\"]\ntracks = \"weighted\"");
  const float mean = (11 * 0.2F + 91 * 0.8F) / 102;
  EXPECT_NEAR(table.numbers.at("energy")[0], mean, 1e-6F);
  const float squares = (11 * 0.04F + 91 * 0.64F) / 102;
  EXPECT_NEAR(table.numbers.at("energy_std")[0], std::sqrt(squares - mean * mean), 1e-5F);
}

// Listeners 5, 1, 0 are taken as popularity 100, 20, 0.
TEST(TrackStatistics, ListenersStandForAMissingPopularity) {
  Planted planted;
  planted.tracks.add(0, planted_track({{kEnergy, 0.3F}}));  // 100 > 90
  planted.tracks.add(2, planted_track({{kEnergy, 0.9F}}));  // 0 < 50
  const std::string settings = "columns = [\"energy\"]\nstatistics = [\"mean\"]\n";
  Table table =
      after("track_statistics", settings + "tracks = \"popular\"", {}, &planted.knowledge);
  EXPECT_FLOAT_EQ(table.numbers["energy"][0], 0.3F);
  EXPECT_FLOAT_EQ(table.numbers["energy"][2], 0.5F);
  table = after("track_statistics", settings + "tracks = \"weighted\"", {}, &planted.knowledge);
  EXPECT_NEAR(table.numbers["energy"][2], (51 * 0.5F + 1 * 0.9F) / 52, 1e-6F);
}

TEST(TrackStatistics, EquallyPopularTracksCountAlikeInAnyOrder) {
  for (const bool swapped : {false, true}) {
    TrackSummary tracks(3, {.popularity = true});
    tracks.add(0, planted_track({{kTempo, swapped ? 140.0F : 100.0F}, {kPopularity, 90}}));
    tracks.add(0, planted_track({{kTempo, swapped ? 100.0F : 140.0F}, {kPopularity, 90}}));
    tracks.add(0, planted_track({{kTempo, 60}, {kPopularity, 10}}));
    const auto popular = tracks.of(0).statistics(kTempo, TrackRule::kPopular, 0);
    EXPECT_EQ(popular.mean, 120) << swapped;
  }
}

TEST(TrackStatistics, FlagsTakeTheMajorityAndSparseColumnsGo) {
  Planted planted;
  for (const float mode : {1.0F, 1.0F, 0.0F}) planted.tracks.add(0, planted_track({{kMode, mode}}));
  planted.tracks.add(2, planted_track({{kTempo, 100}}));
  Table table = after("track_statistics", "max_missing = 0.7", {}, &planted.knowledge);
  EXPECT_EQ(table.numbers["mode"][0], 1);
  EXPECT_FALSE(table.numbers.contains("mode_std"));
  EXPECT_FALSE(table.numbers.contains("tempo")) << "6 of 7 lack it";
}

TEST(TrackSummary, AManyTracksQuantileIsThatOfASampleInAnyOrder) {
  TrackSummary up(1, {.sample = true});
  TrackSummary down(1, {.sample = true});
  for (int i = 0; i < 5000; ++i) {
    up.add(0, planted_track({{kTempo, static_cast<float>(i)}}));
    down.add(0, planted_track({{kTempo, static_cast<float>(4999 - i)}}));
  }
  EXPECT_EQ(up.of(0).sample.size(), TrackSummary::kSample);
  const SortedSample of_up(up.of(0));
  const SortedSample of_down(down.of(0));
  for (const double q : {0.1, 0.5, 0.9}) {
    EXPECT_EQ(of_up.quantile(kTempo, q), of_down.quantile(kTempo, q));
    // Four standard errors of the share below, sqrt(q (1 - q) / 128).
    EXPECT_NEAR(of_up.quantile(kTempo, q) / 5000, q, 4 * std::sqrt(q * (1 - q) / 128));
  }
}

TEST(Key, IsAPointOnTheCircleOrAShareOfEachKey) {
  Planted planted;
  for (const float key : {0.0F, 3.0F}) planted.tracks.add(0, planted_track({{kKey, key}}));
  Table table = after("key", "", {}, &planted.knowledge);
  EXPECT_NEAR(table.numbers["key_sin"][0], 0.5F, 1e-6F) << "of 0 and 1";
  EXPECT_NEAR(table.numbers["key_cos"][0], 0.5F, 1e-6F) << "of 1 and 0";
  EXPECT_TRUE(std::isnan(table.numbers["key_sin"][1]));
  table = after("key", "encoding = \"categorical\"", {}, &planted.knowledge);
  EXPECT_EQ(table.numbers.size(), 12U);
  EXPECT_EQ(table.numbers["key_3"][0], 0.5F);
  EXPECT_EQ(table.numbers["key_4"][0], 0);
}

TEST(Shares, OfModesDecadesAndExplicitTracks) {
  Planted planted;
  planted.tracks.add(2, planted_track({{kMode, 1}, {kYear, 1912}, {kExplicit, 1}}));
  planted.tracks.add(2, planted_track({{kMode, 0}, {kYear, 1999}, {kExplicit, 0}}));
  planted.tracks.add(2, planted_track({{kMode, 0}, {kYear, 1990}, {kExplicit, 0}}));
  planted.tracks.add(2, planted_track({{kMode, 0}, {kYear, 2077}, {kExplicit, 0}}));
  EXPECT_EQ(after("mode", "", {}, &planted.knowledge).numbers["mode_major"][2], 0.25F);
  EXPECT_EQ(after("mode", "", {}, &planted.knowledge).numbers["mode_minor"][2], 0.75F);
  EXPECT_EQ(after("explicit_share", "", {}, &planted.knowledge).numbers["explicit_share"][2],
            0.25F);
  Table decades = after("decade", "", {}, &planted.knowledge);
  EXPECT_EQ(decades.numbers["decade_1940"][2], 0.25F);
  EXPECT_EQ(decades.numbers["decade_1990"][2], 0.5F);
  EXPECT_EQ(decades.numbers["decade_2020"][2], 0.25F);
  EXPECT_TRUE(std::isnan(decades.numbers["decade_1990"][0]));
}

TEST(Counts, OfTracksAndListeners) {
  Table table = after("num_tracks", "");
  EXPECT_THAT(table.numbers["num_tracks"], ElementsAre(2, 0, 1));
  EXPECT_THAT(table.numbers["has_tracks"], ElementsAre(1, 0, 1));
  EXPECT_THAT(after("listeners", "").numbers["listeners"], ElementsAre(5, 1, 0));
}

// Which flags a text sets.
std::vector<std::string> flags(const std::string& text, KeywordRule rule = KeywordRule::kWord) {
  std::vector<std::string> names;
  const std::vector<bool> set = flags_of(text, rule);
  for (std::size_t f = 0; f < set.size(); ++f) {
    if (set[f]) names.emplace_back(keyword_flags()[f].column);
  }
  return names;
}

TEST(KeywordFlags, WholeWordsUnlessTheOriginalsRuleIsAskedFor) {
  EXPECT_THAT(flags("hip-hop"), ElementsAre("genre_hip_hop"));
  EXPECT_THAT(flags("trap"), ElementsAre());
  EXPECT_THAT(flags("j-pop|British"), ElementsAre("geo_british", "geo_asian"));
  EXPECT_THAT(flags("alternative rock|Death Metal"), ElementsAre("genre_rock", "genre_metal"));
  EXPECT_THAT(flags("Ukulele"), ElementsAre());
  EXPECT_THAT(flags("trap", KeywordRule::kSubstring), ElementsAre("genre_hip_hop"));
  EXPECT_THAT(flags("Ukulele", KeywordRule::kSubstring), ElementsAre("geo_british"));
  EXPECT_THAT(flags("trip hip|hop"), ElementsAre()) << "not from one tag into the next";
}

TEST(KeywordFlags, VariantsCountAsWholeWordsOnly) {
  EXPECT_THAT(flags("Chillout|melancholic"), ElementsAre("mood_sad", "mood_chill"));
  EXPECT_THAT(flags("metalcore"), ElementsAre("genre_metal"));
  EXPECT_THAT(flags("kpop"), ElementsAre("geo_asian"));
  EXPECT_THAT(flags("Chillout|melancholic", KeywordRule::kSubstring), ElementsAre("mood_chill"));
  EXPECT_THAT(flags("electronica", KeywordRule::kSubstring), ElementsAre());
}

TEST(KeywordFlags, TagsOrTheGenresOfHalfTheTracksDecide) {
  Planted planted;
  planted.tracks.add(2, planted_track({{kPopularity, 95}}, "jazz"));
  planted.tracks.add(2, planted_track({{kPopularity, 5}}, "jazz"));
  Table table = after("keyword_flags", "", {}, &planted.knowledge);
  EXPECT_THAT(table.numbers["genre_rock"], ElementsAre(1, 0, 0)) << "one of three";
  EXPECT_THAT(table.numbers["mood_sad"], ElementsAre(0, 0, 1)) << "a tag";
  planted.tracks.add(2, planted_track({{kPopularity, 96}}, "rock"));
  table = after("keyword_flags", "tracks = \"popular\"", {}, &planted.knowledge);
  EXPECT_THAT(table.numbers["genre_rock"], ElementsAre(1, 0, 1));
}

TEST(Impute, FillsNumbersAndFlags) {
  const Table before = of({{"energy", {0.2F, 0.4F, kMissing, 0.9F}},
                           {"mode", {1, 1, 0, kMissing}},
                           {"none", {kMissing, kMissing, kMissing, kMissing}}});
  Table table = after("impute", "", before);
  EXPECT_NEAR(table.numbers["energy"][2], 0.5F, 1e-6F);
  EXPECT_THAT(table.numbers["mode"], ElementsAre(1, 1, 0, 1));
  EXPECT_FALSE(table.numbers.contains("none"));
  EXPECT_FLOAT_EQ(after("impute", "strategy = \"median\"", before).numbers["energy"][2], 0.4F);
  EXPECT_EQ(after("impute", "strategy = \"zero\"", before).numbers["energy"][2], 0);
}

TEST(Scale, EveryStrategyByHand) {
  const Table before = of({{"tempo", {10, 100, 1000, 100, 10}}, {"mode", {0, 1, 1, 0, 1}}});
  const auto tempo = [&](const std::string& strategy) {
    Table table = after("scale", "strategy = \"" + strategy + "\"", before);
    EXPECT_EQ(table.numbers["mode"], before.numbers.at("mode")) << "two values stay";
    return table.numbers["tempo"];
  };
  const auto near = [](const std::vector<float>& expected) {
    return Pointwise(testing::FloatNear(1e-5F), expected);
  };
  EXPECT_THAT(tempo("none"), ElementsAre(10, 100, 1000, 100, 10));
  EXPECT_THAT(tempo("min-max"), near({0, 1 / 11.0F, 1, 1 / 11.0F, 0}));
  EXPECT_THAT(tempo("log-min-max"), near({0, 0.5F, 1, 0.5F, 0}));
  const float deviation = std::sqrt((2 * 234.0F * 234 + 2 * 144.0F * 144 + 756.0F * 756) / 5);
  EXPECT_THAT(tempo("standard"), near({-234 / deviation, -144 / deviation, 756 / deviation,
                                       -144 / deviation, -234 / deviation}));
  EXPECT_THAT(tempo("robust"), near({-1, 0, 10, 0, -1}));
  EXPECT_THAT(tempo("quantile"), near({0.2F, 0.6F, 0.9F, 0.6F, 0.2F}));
}

TEST(Scale, ColumnsAreChosenByNameAndEqualLogarithmsBecomeZero) {
  const float a = 1000;
  const float b = std::nextafter(a, 2000.0F);
  const Table before = of({{"tempo", {a, b, std::nextafter(b, 2000.0F)}},
                           {"tea", {1, 2, 3}},
                           {"loudness", {-10, -5, 0}}});
  Table table = after("scale", "columns = [\"te*\"]", before);
  EXPECT_THAT(table.numbers["tempo"], ElementsAre(0, 0, 0));
  EXPECT_EQ(table.numbers["tea"][2], 1);
  EXPECT_THAT(table.numbers["loudness"], ElementsAre(-10, -5, 0));
  table = after("drop", "columns = [\"te*\"]", before);
  EXPECT_EQ(table.numbers.size(), 1U);
}

TEST(TfIdf, RowsHaveLengthOneAndRareWordsWeighMore) {
  const SparseMatrix values = tf_idf(sparse(Matrix{{1, 1}, {1, 0}, {0, 0}, {0, 0}}));
  const double common = std::log(2) * std::log(2);
  const double rare = std::log(2) * std::log(4);
  EXPECT_NEAR(values.coeff(0, 0), common / std::hypot(common, rare), 1e-6);
  EXPECT_NEAR(values.coeff(0, 1), rare / std::hypot(common, rare), 1e-6);
  EXPECT_NEAR(values.coeff(1, 0), 1, 1e-6);
  EXPECT_EQ(Matrix(values).row(2).norm(), 0);
}

TEST(TfIdf, TheMostFrequentTagsAndGenresBecomeColumns) {
  Planted planted;
  planted.tracks.add(0, planted_track({{kEnergy, 1}}, "pop;rock"));
  Table table = after("tf_idf", "source = \"both\"\nmin_artists = 1", {}, &planted.knowledge);
  std::vector<std::string> names;
  for (const auto& [name, column] : table.numbers) names.push_back(name);
  EXPECT_THAT(names, ElementsAre("genre:pop", "genre:rock", "tag:metal", "tag:sad"));
  EXPECT_GT(table.numbers["genre:pop"][0], 0);
  EXPECT_EQ(table.numbers["tag:metal"][0], 0);
  table = after("tf_idf", "source = \"both\"\nmin_artists = 2", {}, &planted.knowledge);
  EXPECT_EQ(table.numbers.size(), 1U) << "rock alone stands for two artists";
}

// Against the dense SVD of Eigen's own eigenvectors: singular values and the products that signs do
// not change; tall and wide.
TEST(TruncatedSvd, KeepsTheLargestPartOfTheMatrixTallOrWide) {
  Rng rng(3);
  Matrix dense = Matrix::Zero(40, 25);
  for (float& value : dense.reshaped()) {
    value = rng.uniform() < 0.3 ? static_cast<float>(rng.uniform()) : 0.0F;
  }
  for (const Matrix& matrix : {dense, Matrix(dense.transpose())}) {
    const Eigen::MatrixXd left = truncated_svd(sparse(matrix), 4, 1);
    ASSERT_EQ(left.rows(), matrix.rows());
    // Columns are orthogonal, and M M' maps each to itself times the squared singular value.
    const Eigen::MatrixXd m = matrix.cast<double>();
    for (int d = 0; d < 4; ++d) {
      const double square = left.col(d).squaredNorm();
      EXPECT_LT((m * (m.transpose() * left.col(d)) - square * left.col(d)).norm(), 1e-6 * square);
      if (d > 0) {
        EXPECT_LE(square, left.col(d - 1).squaredNorm());
        EXPECT_NEAR(left.col(d).dot(left.col(d - 1)), 0, 1e-8);
      }
    }
    // No direction is left that is longer than the last: power iteration on what remains.
    Eigen::MatrixXd rest = m * m.transpose();
    for (int d = 0; d < 4; ++d) rest -= left.col(d) * left.col(d).transpose();
    Eigen::VectorXd x = Eigen::VectorXd::Ones(rest.rows());
    for (int i = 0; i < 500; ++i) x = (rest * x).normalized();
    EXPECT_LE(x.dot(rest * x), left.col(3).squaredNorm() + 1e-6);
    EXPECT_EQ(left, truncated_svd(sparse(matrix), 4, 1)) << "the same bytes again";
    EXPECT_LT((left - truncated_svd(sparse(matrix), 4, 2)).norm(), 1e-6) << "signs and all";
  }
}

}  // namespace
}  // namespace mrec::features
