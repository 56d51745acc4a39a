#include "serve/service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "base/random.h"
#include "model/factor_rows.h"
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

std::vector<std::int64_t> ids_of(const Recommendations& answer) {
  std::vector<std::int64_t> ids;
  for (const Recommendation& one : answer.list) ids.push_back(one.artist_id);
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
    const auto list =
        service.recommend(model, {.user_id = "me", .top_k = 1, .method = method}).list;
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
  EXPECT_EQ(service.recommend(model, {.user_id = "me"}).list.size(), 3U);
  store.replace("me", std::vector<RatedArtist>{{999, 1}});
  EXPECT_THROW(static_cast<void>(service.recommend(model, {.user_id = "me"})), NotFound);
}

// A model of random vectors in which something can be filtered and paged.
Artifact random_artifact(int artists, int dim, bool square) {
  Artifact model;
  model.params.dim = dim;
  model.params.loss = square ? "ials" : "warp";
  std::vector<std::int64_t> ids;
  for (int a = 0; a < artists; ++a) {
    ids.push_back(1000 + a);
    model.artist_names.push_back("Artist " + std::to_string(a));
    model.artist_genres.push_back(a % 5 == 0 ? "" : a % 2 == 0 ? "Hard Rock" : "cool jazz");
    model.artist_listeners.push_back((a * 7919) % 1000);
  }
  model.artists = IdMap(ids);
  model.artist_factors = random_matrix(artists, dim, 1);
  model.artist_bias = random_matrix(artists, 1, 2);
  model.users = IdMap({7});
  model.user_factors = random_matrix(1, dim, 3);
  model.user_bias = Vector::Zero(1);
  model.fold_in_map = random_matrix(dim + 1, dim, 4);
  if (square) {
    model.fold_in_gram = gram_of(model.artist_factors).cast<float>();
    model.artist_bias.setZero();
  }
  return model;
}

std::vector<RatedArtist> random_taste(Rng& rng, int artists) {
  std::vector<RatedArtist> taste;
  const int size = 1 + static_cast<int>(rng.below(10));
  for (int i = 0; i < size; ++i) {
    taste.push_back({1000 + 10 * i + static_cast<int>(rng.below(10)) % artists, i + 1});
  }
  return taste;
}

TEST_F(ServiceTest, ExplanationsAddUpToTheRawScore) {
  Rng rng(11);
  for (const bool square : {false, true}) {
    const ServedModel served(random_artifact(300, 16, square), "random");
    for (int round = 0; round < 100; ++round) {
      Query query{.ratings = random_taste(rng, 300), .explain = true};
      query.method = round % 3 == 0 ? Method::kMean : Method::kFoldIn;
      for (const Recommendation& one : service.recommend_to_taste(served, query).list) {
        ASSERT_TRUE(one.explanation);
        ASSERT_EQ(one.explanation->contributions.size(), query.ratings.size());
        double sum = static_cast<double>(one.explanation->bias);
        for (const Contribution& part : one.explanation->contributions) {
          sum += static_cast<double>(part.part);
        }
        EXPECT_NEAR(sum, one.raw_score, 1e-4) << square << " " << round;
      }
    }
  }
}

TEST_F(ServiceTest, ATasteIsRecommendedToAsAPersonWithTheSameRatings) {
  const std::vector<RatedArtist> ratings{{20, 1}, {10, 2}};
  service.rate(model, {"me", ratings});
  const Recommendations stored = service.recommend(model, {.user_id = "me"});
  const Recommendations given = service.recommend_to_taste(model, {.ratings = ratings});
  EXPECT_EQ(ids_of(stored), ids_of(given));
  EXPECT_EQ(stored.list[0].raw_score, given.list[0].raw_score);
  EXPECT_THAT(
      [&] {
        static_cast<void>(service.recommend_to_taste(model, {.ratings = {{9, 1}}}));
      },
      ThrowsMessage<InputError>("Invalid artist IDs: [9]"));
  EXPECT_THAT(ids_of(service.recommend_to_taste(model, {.ratings = ratings, .dislikes = {30}})),
              testing::ElementsAre(40));
}

TEST_F(ServiceTest, PagesOfAListFollowOneAnotherAlsoWhenItIsDiverse) {
  const ServedModel served(random_artifact(500, 8, false), "random");
  for (const float diversity : {0.0F, 0.6F}) {
    Query query{.ratings = {{1003, 1}}, .top_k = 50, .diversity = diversity};
    const std::vector<std::int64_t> whole = ids_of(service.recommend_to_taste(served, query));
    std::vector<std::int64_t> joined;
    query.top_k = 10;
    for (; query.offset < 50; query.offset += 10) {
      const Recommendations page = service.recommend_to_taste(served, query);
      EXPECT_EQ(page.list[0].rank, query.offset + 1);
      EXPECT_EQ(page.total, 499);
      const auto ids = ids_of(page);
      joined.insert(joined.end(), ids.begin(), ids.end());
    }
    EXPECT_EQ(joined, whole);
    query.offset = 499;
    EXPECT_TRUE(service.recommend_to_taste(served, query).list.empty());
  }
}

TEST_F(ServiceTest, NoArtistPassesAFilterThatItShouldNot) {
  const ServedModel served(random_artifact(500, 8, false), "random");
  Query query{.ratings = {{1003, 1}}, .top_k = 50, .exclude = {1001, 1007, 99}};
  query.genres = {"JAZZ"};
  query.min_listeners = 100;
  query.max_listeners = 800;
  const Recommendations jazz = service.recommend_to_taste(served, query);
  ASSERT_EQ(jazz.list.size(), 50U);
  int total = 0;
  for (int a = 0; a < 500; ++a) {
    const int listeners = served.artifact.artist_listeners[static_cast<std::size_t>(a)];
    const bool passes = a % 5 != 0 && a % 2 == 1 && listeners >= 100 && listeners <= 800 &&
                        a != 3 && a != 1 && a != 7;
    total += passes ? 1 : 0;
    const bool listed =
        std::ranges::find(jazz.list, 1000 + a, &Recommendation::artist_id) != jazz.list.end();
    EXPECT_TRUE(passes || !listed) << a;
  }
  EXPECT_EQ(jazz.total, total);
  query.genres.clear();
  query.exclude_genres = {"jazz"};
  for (const Recommendation& one : service.recommend_to_taste(served, query).list) {
    EXPECT_NE(one.genre, "cool jazz");
  }
}

TEST_F(ServiceTest, FamiliarityPullsTheWayItSays) {
  const ServedModel served(random_artifact(500, 8, false), "random");
  const auto mean_percentile = [&](float familiarity) {
    double sum = 0;
    const Query query{.ratings = {{1003, 1}}, .familiarity = familiarity};
    for (const Recommendation& one : service.recommend_to_taste(served, query).list) {
      sum += static_cast<double>(service.artist(served, one.artist_id).popularity_percentile);
    }
    return sum;
  };
  EXPECT_LT(mean_percentile(-1), mean_percentile(0));
  EXPECT_LT(mean_percentile(0), mean_percentile(1));
}

TEST_F(ServiceTest, TheMostListenedComeWhenNothingIsKnown) {
  const Recommendations popular =
      service.recommend(model, {.user_id = "new", .top_k = 2, .popular_fallback = true});
  EXPECT_FALSE(popular.personal);
  EXPECT_THAT(ids_of(popular), testing::ElementsAre(20, 10));
  EXPECT_EQ(popular.list[0].raw_score, 9);
}

TEST_F(ServiceTest, UsersOfTheTrainingHaveTheirOwnVector) {
  const Recommendations known = service.recommend_to_known(model, 7, {.top_k = 2});
  // (1, 2) with (1, 1) is 3, with (0, 1) and bias 0.5 it is 2.5.
  EXPECT_THAT(ids_of(known), testing::ElementsAre(30, 20));
  EXPECT_FLOAT_EQ(known.list[1].raw_score, 2.5F);
  EXPECT_THROW(static_cast<void>(service.recommend_to_known(model, 9, {})), NotFound);
}

TEST_F(ServiceTest, ForgottenRatingsAreGone) {
  service.rate(model, {"me", {{20, 2}, {10, 1}}});
  const std::vector<StoredRating> stored = service.ratings(model, "me");
  ASSERT_EQ(stored.size(), 2U);
  EXPECT_EQ(stored[0].artist_name, "Björk");
  service.forget("me");
  EXPECT_THROW(static_cast<void>(service.ratings(model, "me")), NotFound);
  EXPECT_THROW(service.forget("me"), NotFound);
}

TEST_F(ServiceTest, ArtistsAreFoundAndDescribed) {
  const FoundArtists bjork = service.find_artists(model, {.q = "bjor"});
  ASSERT_EQ(bjork.total, 1);
  EXPECT_EQ(bjork.list[0].artist_id, 10);
  EXPECT_EQ(bjork.list[0].hit, NameHit::kPrefix);
  const FoundArtists all = service.find_artists(model, {.limit = 2, .offset = 1});
  EXPECT_EQ(all.total, 4);
  EXPECT_EQ(all.list[0].artist_id, 10) << "the second most listened";
  EXPECT_EQ(service.find_artists(model, {.genre = "ROCK"}).total, 1);
  const ArtistDetails details = service.artist(model, 20);
  EXPECT_FLOAT_EQ(details.popularity_percentile, 87.5F);
  EXPECT_TRUE(details.in_survey);
  EXPECT_THROW(static_cast<void>(service.artist(model, 5)), NotFound);
}

TEST_F(ServiceTest, SimilarArtistsComeByTheCosine) {
  const SimilarArtists similar = service.similar(model, 10, {.limit = 3});
  ASSERT_EQ(similar.list.size(), 3U);
  EXPECT_EQ(similar.list[0].artist_id, 30);
  EXPECT_NEAR(similar.list[0].similarity, std::sqrt(0.5), 1e-6);
  EXPECT_EQ(similar.list[2].artist_id, 40);
  EXPECT_NEAR(similar.list[2].similarity, -1, 1e-6);
}

TEST_F(ServiceTest, SurveysAreDrawnByGenreAndSeed) {
  const ServedModel served(random_artifact(300, 8, false), "random");
  EXPECT_EQ(service.survey(model, {.limit = 1}).size(), 1U);
  const auto drawn = [&](std::int64_t seed) {
    std::vector<std::int64_t> ids;
    for (const SurveyEntry& one : service.survey(served, {.limit = 20, .seed = seed})) {
      ids.push_back(one.artist_id);
    }
    return ids;
  };
  EXPECT_EQ(drawn(1).size(), 20U);
  EXPECT_EQ(drawn(1), drawn(1));
  EXPECT_NE(drawn(1), drawn(2));
  for (const SurveyEntry& one : service.survey(served, {.limit = 20, .genre = "JAZZ"})) {
    EXPECT_EQ(one.genre, "cool jazz");
  }
}

TEST_F(ServiceTest, TheMapHasTheMostListenedFirst) {
  const std::vector<MapPoint> map = service.map(model, 2);
  ASSERT_EQ(map.size(), 2U);
  EXPECT_EQ(map[0].artist.artist_id, 20);
  EXPECT_LE(model.map().explained[0] + model.map().explained[1], 1 + 1e-6);
}

}  // namespace
}  // namespace mrec
