#include "tune/export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/error.h"
#include "temp_dir.h"
#include "tune/study_fixture.h"

namespace mrec {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(Export, CsvQuotesWhatNeedsIt) {
  Study study = small_study();
  study.trials[2].attributes["failure"] = "a \"b\", c";
  const std::string csv = to_csv(study);
  EXPECT_THAT(csv, StartsWith("number,state,value,epochs,seconds,start,end,params_dim,params_loss,"
                              "params_learning_rate,params_kos_k,attributes_epochs,"));
  EXPECT_THAT(csv, HasSubstr("\"a \"\"b\"\", c\""));
  EXPECT_THAT(csv, HasSubstr("\n5,waiting,,,,,,96,,,,"));
}

TEST(Export, SqlDoublesQuotesAndNamesWhatIsNoNumber) {
  Study study = small_study();
  study.trials[1].intermediate[6] = kAbsent;
  study.trials[1].intermediate[7] = -INFINITY;
  const std::string sql = to_optuna_sql(study, OptunaSchema::kV32);
  EXPECT_THAT(sql, HasSubstr(R"('note', '"it''s \"small\""')"));
  EXPECT_THAT(sql, HasSubstr("2, 6, NULL, 'NAN')"));
  EXPECT_THAT(sql, HasSubstr("2, 7, NULL, 'INF_NEG')"));
  EXPECT_THAT(sql, HasSubstr("'fixed_params', '{\"dim\":96}'"));
}

TEST(Export, EachVersionOfOptunaHasItsSchema) {
  const std::string older = to_optuna_sql(small_study(), OptunaSchema::kV30);
  EXPECT_THAT(older, HasSubstr("'v3.0.0.d'"));
  EXPECT_THAT(older, Not(HasSubstr("ix_trials_study_id")));
  const std::string newer = to_optuna_sql(small_study(), OptunaSchema::kV32);
  EXPECT_THAT(newer, HasSubstr("'v3.2.0.a'"));
  EXPECT_THAT(newer, HasSubstr("CREATE INDEX ix_trials_study_id"));
}

TEST(Export, NamesThatMlflowTakesForOneAreKeptApart) {
  const TempDir dir;
  Study study = small_study();
  study.trials.resize(1);
  study.trials[0].attributes = {{"a:b", "x"}, {"a/b", "y"}};
  write_mlflow(study, dir.path("runs"));
  int found = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(dir.path("runs"))) {
    const std::string name = entry.path().filename().string();
    found += name == "a_b" || name == "a_b_2" ? 1 : 0;
  }
  EXPECT_EQ(found, 2);
  EXPECT_THROW(write_mlflow(study, dir.path("runs")), InputError);
}

}  // namespace
}  // namespace mrec
