#include "eval/list_metrics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "eval/breakdown.h"
#include "eval/genre_table.h"
#include "model/toy.h"

namespace mrec {
namespace {

// Four users, five artists with 4, 2, 1, 1, 0 listeners; genres rock and jazz, artist 4 unknown.
const SparseMatrix kTrain =
    sparse(Matrix{{1, 1, 1, 0, 0}, {1, 1, 0, 0, 0}, {1, 0, 0, 0, 0}, {1, 0, 0, 1, 0}});
const SparseMatrix kLabels = sparse(Matrix{{2, 2}, {3, 0}, {0, 1}, {1, 0}, {0, 0}});
const ArtistFacts kFacts = make_artist_facts(kTrain, kLabels, {"rock", "jazz"});

ListedUser user(std::span<const int> list, std::span<const int> history = {}) {
  return {.facts = kFacts, .list = list, .history = history};
}

TEST(ListMetrics, HandWorked) {
  const std::vector<int> list{0, 2};
  EXPECT_DOUBLE_EQ(average_popularity(user(list)), (4 + 1) / 2.0);
  // Half of the 8 interactions are artist 0's alone.
  EXPECT_DOUBLE_EQ(tail_share(user(list)), 0.5);
  EXPECT_DOUBLE_EQ(novelty(user(list)), (0 + 2) / 2.0);  // -log2(4/4), -log2(1/4)
  EXPECT_DOUBLE_EQ(novelty(user(std::vector<int>{4})), 2) << "nobody counts as one";
  // Cosine of (1/2, 1/2) and (0, 1).
  EXPECT_NEAR(diversity(user(list)), 1 - 1 / std::sqrt(2.0), 1e-6);
  EXPECT_NEAR(diversity(user(std::vector<int>{1, 3, 4})), 0, 1e-6) << "two of rock, one unknown";
}

TEST(ListMetrics, CalibrationIsTheDivergenceOfGenres) {
  const std::vector<int> rock{1, 3};
  const std::vector<int> both{0};
  EXPECT_NEAR(miscalibration(user(rock, rock)), 0, 1e-12);
  // p = (1/2, 1/2), q = (1, 0): mixed q' = 0.99 q + 0.01 p.
  const double expected = 0.5 * std::log(0.5 / (0.99 + 0.005)) + 0.5 * std::log(0.5 / 0.005);
  EXPECT_NEAR(miscalibration(user(rock, both)), expected, 1e-6);
}

TEST(ListMetrics, UndefinedIsNotANumber) {
  EXPECT_TRUE(std::isnan(average_popularity(user({}))));
  EXPECT_TRUE(std::isnan(diversity(user(std::vector<int>{0}))));
  EXPECT_TRUE(std::isnan(miscalibration(user(std::vector<int>{4}, std::vector<int>{0}))));
  EXPECT_TRUE(std::isnan(miscalibration(user(std::vector<int>{0}, std::vector<int>{4}))));
}

TEST(ListMetrics, GiniOfEqualAndOfUnequalAmounts) {
  EXPECT_NEAR(gini(std::vector<float>{3, 3, 3}), 0, 1e-12);
  EXPECT_NEAR(gini(std::vector<float>{0, 0, 0, 8}), 0.75, 1e-12);
  // The mean difference of all ordered pairs over twice the mean: (1, 2, 6): 2 (1 + 5 + 4) / 9 / 6.
  EXPECT_NEAR(gini(std::vector<float>{6, 1, 2}), 20.0 / 9 / 6, 1e-12);
  EXPECT_EQ(gini(std::vector<float>{0, 0}), 0);
}

TEST(GenreTable, TakesTagsThatAreGenresAndElseTheLabel) {
  const SparseMatrix tags = sparse(Matrix{{3, 0, 1}, {0, 2, 0}, {0, 0, 0}, {0, 5, 0}, {0, 0, 0}});
  const GenreTable table = make_genre_table({"rock", "rock", "jazz", "jazz", "polka"}, tags,
                                            {"jazz", "seen live", "rock"});
  EXPECT_EQ(table.names, (std::vector<std::string>{"jazz", "rock"}));
  EXPECT_EQ(Matrix(table.labels), (Matrix{{3, 1}, {0, 1}, {1, 0}, {1, 0}, {0, 0}}));
}

// Users 0..3 in the order of the values; lists of two.
const UserValues kValues{.users = {0, 1, 2, 3}, .values = {}, .lists = {3, 4, 2, -1, 1, 2, 2, 1}};
const SparseMatrix kHeldOut =
    sparse(Matrix{{0, 0, 0, 1, 1}, {0, 0, 1, 1, 0}, {0, 1, 0, 0, 0}, {0, 0, 0, 0, 1}});

TEST(Breakdown, ArtistsAreInTenthsOfTheListening) {
  const EvalTask task{.held_out = kHeldOut, .ks = {2}, .facts = &kFacts, .history = &kTrain};
  const std::vector<Group> groups = by_popularity(task, kValues);
  // Ascending: artists 2, 3 (1 of 8 each), 1 (2), 0 (4): they begin at tenths 1, 2, 3 and 6.
  ASSERT_EQ(groups.size(), 11U);
  EXPECT_EQ(groups[0].name, "new");
  EXPECT_EQ(groups[0].size, 2);            // artist 4: users 0 and 3
  EXPECT_DOUBLE_EQ(groups[0].value, 0.5);  // found for user 0
  EXPECT_EQ(groups[1].size, 1);            // artist 2: user 1
  EXPECT_DOUBLE_EQ(groups[1].value, 1);
  EXPECT_EQ(groups[2].size, 2);  // artist 3: users 0 and 1
  EXPECT_DOUBLE_EQ(groups[2].value, 0.5);
  EXPECT_EQ(groups[3].size, 1);  // artist 1: user 2
  EXPECT_DOUBLE_EQ(groups[3].value, 1);
  EXPECT_EQ(groups[6].size, 0);
}

TEST(Breakdown, UsersAreInTenthsByActivity) {
  const SparseMatrix held_out = sparse(Matrix::Ones(20, 1));
  const EvalTask task{.held_out = held_out, .ks = {1}};
  const std::size_t num_columns = columns(task).size();
  UserValues values;
  std::vector<double> plays;
  for (int u = 0; u < 20; ++u) {
    values.users.push_back(u);
    values.lists.push_back(0);
    values.values.resize(values.users.size() * num_columns, u);  // every metric of user u is u
    plays.push_back(100 - u);                                    // the last one is the least active
  }
  const std::vector<Group> groups = by_activity(task, values, plays);
  ASSERT_EQ(groups.size(), 10U);
  EXPECT_EQ(groups[0].size, 2);
  EXPECT_DOUBLE_EQ(groups[0].value, 18.5);  // users 19 and 18
  EXPECT_DOUBLE_EQ(groups[9].value, 0.5);
  EXPECT_NEAR(groups[0].high - groups[0].value, 1.96 * 0.5, 1e-9);  // their sd is sqrt(1/2)
}

TEST(Breakdown, GenreMeansAreOverUsersWithBothKnown) {
  const EvalTask task{.held_out = kHeldOut, .ks = {2}, .facts = &kFacts, .history = &kTrain};
  const GenreMeans means = genre_means(task, kValues);
  // Lists: rock (3; 4 is unknown), jazz (2), half each, half each.
  EXPECT_NEAR(means.list[0], (1 + 0 + 0.5 + 0.5) / 4, 1e-6);
  EXPECT_NEAR(means.list[1], (0 + 1 + 0.5 + 0.5) / 4, 1e-6);
  // Histories: user 0: 0 1 2; user 1: 0 1; user 2: 0; user 3: 0 3.
  EXPECT_NEAR(means.history[0], (0.5 + 0.75 + 0.5 + 0.75) / 4, 1e-6);
}

}  // namespace
}  // namespace mrec
