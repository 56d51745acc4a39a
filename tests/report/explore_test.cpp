#include "report/explore.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/well_formed.h"

namespace mrec::report {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

spotify::Track track_of(const std::string& artist, float danceability) {
  spotify::Track track{.artists = {artist}, .id = "i", .name = "n", .genre = "Rock;pop"};
  track.values.fill(spotify::kMissing);
  track.values[static_cast<std::size_t>(spotify::Column::kDanceability)] = danceability;
  return track;
}

// Three listeners, four artists of whom one has a partner and one is not heard.
ExploreData small_data() {
  ExploreData data;
  data.lastfm = LastfmData{
      .artists = {{1, "A <b>"}, {2, "فيروز"}, {3, "宇多田ヒカル"}, {4, "Nobody's"}},
      .plays = {{1, 1, 10}, {2, 1, 30}, {3, 1, 20}, {1, 2, 5}, {2, 3, 35}},
      .tags = {.names = {"rock", "never used"}, .assignments = {{1, 1, 0}, {2, 1, 0}, {1, 2, 0}}}};
  data.tracks.emplace();
  for (const spotify::Track& track :
       {track_of("A <b>", 0.5F), track_of("A <b>", 0.7F), track_of("C", spotify::kMissing)}) {
    data.tracks->add(track);
  }
  data.links = std::vector<ArtistLink>{{1, "A <b>", "A <b>", MatchKind::kExact, 1},
                                       {2, "فيروز", "", MatchKind::kLastfmOnly, 0},
                                       {3, "宇多田ヒカル", "", MatchKind::kLastfmOnly, 0},
                                       {5, "", "C", MatchKind::kSpotifyOnly, 0}};
  data.reading.used("artists.dat", 4);
  data.reading.left_out("row with <too> few columns", "artists.dat", 7, "x & y");
  return data;
}

std::string body_of(const std::string& html) {
  const std::size_t begin = html.find("<body>");
  return html.substr(begin, html.find("</html>") - begin);
}

Dataset small_dataset() {
  Dataset dataset;
  dataset.users = IdMap({1, 2, 3});
  dataset.artists = IdMap({11, 12});
  dataset.artist_names = {"a", "b"};
  dataset.artist_genres = {"", ""};
  dataset.artist_num_tracks = {1, 0};
  const auto part = [](const std::vector<Eigen::Triplet<float>>& entries) {
    Interactions interactions{.weights = SparseMatrix(3, 2)};
    interactions.weights.setFromTriplets(entries.begin(), entries.end());
    interactions.plays.assign(entries.size(), 4);
    return interactions;
  };
  dataset.train = part({{0, 0, 1}, {1, 0, 1}, {2, 0, 2}});
  dataset.valid = part({});
  dataset.test = part({{0, 1, 1}});
  dataset.features.names = {"energy", "<odd>", "constant"};
  dataset.features.types = {"numeric", "indicator", "numeric"};
  dataset.features.values.resize(2, 3);
  dataset.features.values.insert(0, 0) = 0.5F;
  dataset.features.values.insert(1, 1) = 1;
  dataset.features.values.insert(0, 2) = 2;
  dataset.features.values.insert(1, 2) = 2;
  return dataset;
}

TEST(Explore, ThePageIsWellFormedWhateverTheNames) {
  ExploreData data = small_data();
  data.dataset = small_dataset();
  EXPECT_EQ(fault_of(body_of(explore_page(data).html())), "");
}

TEST(Explore, HeadlineFiguresAreCounted) {
  const std::string html = explore_page(small_data()).html();
  EXPECT_THAT(html, AllOf(HasSubstr("<dt>Listeners</dt><dd>3</dd>"),
                          HasSubstr("<dt>Interactions</dt><dd>5</dd>"),
                          HasSubstr("<dt>Density</dt><dd>41.7\u00A0%</dd>"),
                          HasSubstr("<dt>Plays</dt><dd>100</dd>"),
                          HasSubstr("<dt>Tag assignments</dt><dd>3</dd>"),
                          HasSubstr("<dt>Artists linked</dt><dd>1</dd>")));
}

TEST(Explore, SentencesTellWhatIsInTheseData) {
  const std::string html = explore_page(small_data()).html();
  EXPECT_THAT(html, HasSubstr("1 artist of the table were heard by nobody"));
  EXPECT_THAT(html, HasSubstr("2 artists (66.7\u00A0%) have a single listener"));
  EXPECT_THAT(html, HasSubstr("25.0\u00A0% of the artists have a partner in Spotify; they have "
                              "60.0\u00A0% of the interactions and 60.0\u00A0% of the plays."));
  EXPECT_THAT(html, HasSubstr("2 artists of 4 (50.0\u00A0%) have no tag at all."));
  EXPECT_THAT(html, HasSubstr("1 (20.0\u00A0%) were left out"));
  EXPECT_THAT(html, HasSubstr("row with &lt;too&gt; few columns"));
}

TEST(Explore, UnlinkedArtistsAreListedTheMostHeardFirst) {
  const std::string html = explore_page(small_data()).html();
  const std::string table = html.substr(html.find("<h3>The most heard artists without a partner"));
  EXPECT_LT(table.find("宇多田ヒカル"), table.find("Nobody&#39;s"));
  EXPECT_EQ(table.find("A &lt;b&gt;"), std::string::npos);
}

TEST(Explore, SectionsStandWhereTheirDataAre) {
  ExploreData tracks_only;
  tracks_only.tracks = small_data().tracks;
  const std::string html = explore_page(tracks_only).html();
  EXPECT_THAT(html, AllOf(HasSubstr("<h2>Tracks</h2>"), Not(HasSubstr("<h2>Matching</h2>")),
                          Not(HasSubstr("<h2>Listening</h2>"))));
  ExploreData dataset_only;
  dataset_only.dataset = small_dataset();
  const std::string other = explore_page(dataset_only).html();
  EXPECT_THAT(other, AllOf(HasSubstr("<h2>Data set</h2>"), HasSubstr("<h2>Features</h2>"),
                           HasSubstr("<dt>Interactions</dt><dd>4</dd>"),
                           Not(HasSubstr("<h2>Tracks</h2>"))));
}

TEST(Explore, GenresOfOneLabelAreCountedWhateverTheirCase) {
  const std::string html = explore_page(small_data()).html();
  EXPECT_THAT(html, HasSubstr("2 different labels"));
  EXPECT_THAT(html, HasSubstr("The most frequent, pop, stands on 100\u00A0%"));
}

TEST(TrackCounts, AGenreThatComesLaterCountsAsIfItHadBeenThereFromTheBeginning) {
  TrackCounts late;
  spotify::Track track = track_of("A", 0.5F);
  for (const char* genre : {"rock", "rock", ""}) {
    track.genre = genre;
    late.add(track);
  }
  track.genre = "rock;metal";
  late.change_genre(track, "rock");
  track.genre = "soul";
  late.change_genre(track, "");
  EXPECT_EQ(late.genres,
            (std::map<std::string, std::int64_t>{{"rock", 1}, {"rock;metal", 1}, {"soul", 1}}));
  EXPECT_EQ(late.num_tracks, 3);
  EXPECT_EQ(late.num_known(spotify::Column::kTempo), 0);
  EXPECT_THAT(late.values(spotify::Column::kDanceability, 2), testing::ElementsAre(1, 1, 1));
}

TEST(Explore, HeldOutArtistsThatTrainDoesNotKnowAreTold) {
  ExploreData data;
  data.dataset = small_dataset();
  EXPECT_THAT(explore_page(data).html(),
              HasSubstr("100\u00A0% of the pairs have an artist that train does not know"));
}

TEST(Explore, ThePageStaysSmallWhateverTheData) {
  ExploreData data = small_data();
  const std::string huge(100'000, 'x');
  for (int i = 10; i < 3'000; ++i) {
    data.lastfm->artists.push_back({i, huge.substr(0, 2'000) + std::to_string(i)});
    data.lastfm->plays.push_back({i, i, 1.0 + i});
    data.lastfm->tags.names.push_back(huge.substr(0, 2'000) + std::to_string(i));
    data.lastfm->tags.assignments.push_back({i, i, i - 8});
    spotify::Track track = track_of("t" + std::to_string(i), 0.1F);
    track.genre = huge.substr(0, 2'000) + std::to_string(i);
    data.tracks->add(track);
    data.reading.used(huge.substr(0, 500) + std::to_string(i), 1);
  }
  data.dataset = small_dataset();
  FeatureMatrix& features = data.dataset->features;
  features.names.assign(900, huge);
  features.types.assign(900, "numeric");
  features.values.resize(2, 900);
  for (int i = 0; i < 900; ++i) features.values.insert(i % 2, i) = 1.0F + static_cast<float>(i);
  data.dataset_facts = {{"split", huge}};
  EXPECT_LT(explore_page(data).html().size(), 2'000'000U);
}

TEST(Explore, NothingAtAllIsStillAPage) {
  ExploreData data;
  data.lastfm = LastfmData{};
  data.tracks.emplace();
  EXPECT_EQ(fault_of(body_of(explore_page(data).html())), "");
}

}  // namespace
}  // namespace mrec::report
