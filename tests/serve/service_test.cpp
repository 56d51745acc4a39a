#include "serve/service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "model/recommend.h"
#include "model/toy.h"
#include "temp_dir.h"

namespace mrec {
namespace {

using testing::ThrowsMessage;

class ServiceTest : public testing::Test {
 protected:
  TempDir directory;
  RatingStore store{directory.path("r.db")};
  ServedModel model{small_artifact(), "toy"};
  Service service{store};
};

std::vector<std::int64_t> ids_of(const std::vector<Recommendation>& list) {
  std::vector<std::int64_t> ids;
  for (const Recommendation& one : list) ids.push_back(one.artist_id);
  return ids;
}

TEST_F(ServiceTest, TheSurveyIsTheModelsInItsOrder) {
  const std::vector<SurveyEntry> survey = service.survey(model);
  ASSERT_EQ(survey.size(), 2U);
  EXPECT_EQ(survey[0].artist_id, 20);
  EXPECT_EQ(survey[0].name, "AC/DC");
  EXPECT_EQ(survey[0].genre, "Rock");
  EXPECT_EQ(survey[1].artist_id, 10);
}

TEST_F(ServiceTest, RatedArtistsNeverComeBack) {
  service.rate(model, {"me", {{20, 1}, {40, 2}}});
  EXPECT_THAT(ids_of(service.recommend(model, {.user_id = "me"})),
              testing::UnorderedElementsAre(10, 30));
}

TEST_F(ServiceTest, ScoresAreThoseOfTheFoldedInUser) {
  service.rate(model, {"me", {{20, 1}, {10, 2}}});
  const Artifact& artifact = model.artifact;
  const std::vector<Rating> ratings{{1, 1.0F}, {0, 0.9F}};
  for (const Method method : {Method::kFoldIn, Method::kMean}) {
    const RowVector user =
        method == Method::kFoldIn ? fold_in(artifact, ratings) : fold_in_mean(artifact, ratings);
    const auto list = service.recommend(model, {.user_id = "me", .top_k = 1, .method = method});
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list[0].artist_id, 30);
    EXPECT_EQ(list[0].rank, 1);
    EXPECT_NEAR(list[0].raw_score, user.dot(artifact.artist_factors.row(2)), 1e-6);
    EXPECT_NEAR(list[0].score, calibrated(artifact, list[0].raw_score), 1e-6);
  }
}

TEST_F(ServiceTest, AnUnknownArtistIsRefusedAndNothingChanges) {
  service.rate(model, {"me", {{20, 1}}});
  EXPECT_THAT(
      [&] {
        service.rate(model, {"me", {{99, 1}, {5, 2}, {10, 3}}});
      },
      ThrowsMessage<InputError>("Invalid artist IDs: [5, 99]"));
  EXPECT_EQ(store.find("me").size(), 1U);
}

TEST_F(ServiceTest, AUserWithoutRatingsIsNotFound) {
  EXPECT_THAT(
      [&] { static_cast<void>(service.recommend(model, {.user_id = "bob"})); },
      ThrowsMessage<NotFound>("No ratings found for user bob. Please submit ratings first."));
}

TEST_F(ServiceTest, RatingsOfArtistsThatTheModelLacksTeachNothing) {
  store.replace("me", std::vector<RatedArtist>{{999, 1}, {20, 2}});
  EXPECT_EQ(service.recommend(model, {.user_id = "me"}).size(), 3U);
  store.replace("me", std::vector<RatedArtist>{{999, 1}});
  EXPECT_THROW(static_cast<void>(service.recommend(model, {.user_id = "me"})), NotFound);
}

}  // namespace
}  // namespace mrec
