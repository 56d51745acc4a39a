#include "features/pipeline.h"

#include <cmath>

#include "features/steps/add_trackless_artists.h"
#include "features/steps/aggregate_tracks.h"
#include "features/steps/drop_sparse_columns.h"
#include "features/steps/impute_mean.h"
#include "features/steps/impute_popularity.h"
#include "features/steps/join_listeners.h"
#include "features/steps/join_tags.h"
#include "features/steps/keyword_flags.h"
#include "features/steps/log_scale.h"

namespace mrec::features {

Fields PipelineParams::fields() {
  return {
      {.name = "tracks",
       .value = &tracks,
       .help = "what stands for an artist: its most popular track, or mean, deviation and number "
               "of its tracks",
       .choices = {"popular", "statistics"}},
      {.name = "keywords",
       .value = &keywords,
       .help = "how genre, mood and geo words are found in genres and tags: whole words, or as "
               "the original did",
       .choices = {"word", "substring"}},
      {.name = "max_missing",
       .value = &max_missing,
       .help = "track columns of which a larger share is missing are dropped",
       .min = 0,
       .max = 1}};
}

std::vector<Step> artist_pipeline(const Knowledge& knowledge, const PipelineParams& params) {
  return {
      {"drop_sparse_columns", DropSparseColumns{.max_missing = params.max_missing}},
      {"add_trackless_artists", AddTracklessArtists{.num_artists = knowledge.num_artists}},
      {"join_listeners", JoinListeners{.listeners = knowledge.listeners}},
      {"join_tags", JoinTags{.tags = knowledge.tags, .names = knowledge.tag_names}},
      {"impute_popularity", impute_popularity},
      {"keyword_flags", KeywordFlags{.rule = params.keywords == "word" ? KeywordRule::kWord
                                                                       : KeywordRule::kSubstring}},
      {"aggregate_tracks",
       AggregateTracks{.rule = params.tracks == "popular" ? TrackRule::kPopular
                                                          : TrackRule::kStatistics}},
      {"impute_mean", impute_mean},
      {"log_scale", log_scale},  // last: it must see every column whole
  };
}

void run(std::span<const Step> steps, Table& table) {
  for (const Step& step : steps) {
    try {
      step.apply(table);
    } catch (const Error& error) {
      throw Error(step.name + ": " + error.what());
    }
  }
}

Table track_table(std::span<const spotify::Track> tracks,
                  const std::function<std::vector<int>(const spotify::Track&)>& artists_of) {
  Table table;
  std::vector<std::vector<float>*> columns;
  for (std::size_t c = 0; c < spotify::kNumColumns; ++c) {
    columns.push_back(
        &table.numbers[std::string(spotify::column_name(static_cast<spotify::Column>(c)))]);
  }
  std::vector<std::string>& genres = table.texts["genre"];
  for (const spotify::Track& track : tracks) {
    for (const int artist : artists_of(track)) {
      table.artist.push_back(artist);
      for (std::size_t c = 0; c < columns.size(); ++c) columns[c]->push_back(track.values[c]);
      genres.push_back(track.genre);
    }
  }
  return table;
}

FeatureMatrix to_matrix(const Table& table, int num_artists) {
  FeatureMatrix features;
  Matrix dense = Matrix::Zero(num_artists, static_cast<Eigen::Index>(table.numbers.size()));
  Eigen::Index f = 0;
  for (const auto& [name, column] : table.numbers) {
    for (std::size_t row = 0; row < table.rows(); ++row) {
      if (!std::isfinite(column[row])) throw Error("feature " + name + " has a missing value");
      dense(table.artist[row], f) = column[row];
    }
    features.names.push_back(name);
    features.types.emplace_back(is_indicator(column) ? "indicator" : "numeric");
    ++f;
  }
  features.values = dense.sparseView();
  features.values.makeCompressed();
  return features;
}

}  // namespace mrec::features
