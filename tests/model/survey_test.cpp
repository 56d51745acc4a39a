#include "model/survey.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "temp_dir.h"
#include "toy.h"

namespace mrec {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(Survey, FollowsTheOriginalsNamesThenKnownAndDifferentArtists) {
  Artifact model = small_artifact();
  model.artist_names = {"Metallica", "Somebody", "the beatles", "Nobody"};
  model.artist_listeners = {3, 9, 2, 0};
  const std::vector<SurveyArtist> survey = choose_survey(model, 3);
  ASSERT_EQ(survey.size(), 3U);
  EXPECT_EQ(survey[0].artist, 2);
  EXPECT_EQ(survey[0].genre, "Classic Rock");
  EXPECT_EQ(survey[1].artist, 0);
  EXPECT_EQ(survey[1].genre, "Metal");
  EXPECT_EQ(survey[2].artist, 1) << "the best known of the rest";
  EXPECT_EQ(survey[2].genre, "rock");
}

TEST(Survey, NobodyIsAskedAboutTwice) {
  const std::vector<SurveyArtist> survey = choose_survey(small_artifact(), 10);
  std::vector<int> artists;
  for (const SurveyArtist& artist : survey) artists.push_back(artist.artist);
  EXPECT_THAT(artists, testing::UnorderedElementsAre(0, 1, 2, 3));
}

TEST(Survey, AFileIsReadInItsOrder) {
  const TempDir directory;
  const IdMap artists({10, 20, 30});
  const auto survey = read_survey(directory.file("s.tsv",
                                                 "\xEF\xBB\xBF"
                                                 "30\tJazz\r\n\n10\tPop\n"),
                                  artists);
  ASSERT_EQ(survey.size(), 2U);
  EXPECT_EQ(survey[0].artist, 2);
  EXPECT_EQ(survey[0].genre, "Jazz");
  EXPECT_EQ(survey[1].artist, 0);
}

TEST(Survey, AWrongLineIsRefusedByNumber) {
  const TempDir directory;
  const IdMap artists({10, 20});
  const auto refused = [&](const std::string& content, const std::string& part) {
    const std::string path = directory.file("s.tsv", content);
    EXPECT_THAT([&] { read_survey(path, artists); }, ThrowsMessage<InputError>(HasSubstr(part)));
  };
  refused("10\tPop\n11\tRock\n", "s.tsv:2: artist 11 is not in the catalogue");
  refused("10\tPop\n10\tRock\n", "s.tsv:2: artist 10 comes twice");
  refused("Pop\t10\n", "s.tsv:1: expected");
  refused("", "names no artist");
}

}  // namespace
}  // namespace mrec
