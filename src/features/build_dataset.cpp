#include "features/build_dataset.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "base/error.h"
#include "base/random.h"

namespace mrec {
namespace {

// Decides the order of the rows; any number does, the same for all data sets.
constexpr std::uint64_t kRowOrder = 0x6D72656300000001ULL;

std::uint64_t pair_key(std::int64_t user, std::int64_t artist) {
  return mix64(static_cast<std::uint64_t>(user)) ^ static_cast<std::uint64_t>(artist);
}

IdMap user_map(const SplitPlays& plays) {
  std::set<std::int64_t> ids;
  for (const auto* part : {&plays.train, &plays.valid, &plays.test}) {
    for (const lastfm::Play& play : *part) ids.insert(play.user_id);
  }
  return IdMap::hashed({ids.begin(), ids.end()}, kRowOrder);
}

SparseMatrix to_matrix(const std::vector<lastfm::Play>& plays, const IdMap& users,
                       const IdMap& artists, BuildReport& report) {
  std::vector<Eigen::Triplet<float>> entries;
  entries.reserve(plays.size());
  for (const lastfm::Play& play : plays) {
    const std::optional<int> artist = artists.find(play.artist_id);
    if (!artist) {
      ++report.plays_of_unknown_artists;
      continue;
    }
    entries.emplace_back(*users.find(play.user_id), *artist, static_cast<float>(play.plays));
  }
  SparseMatrix matrix(users.size(), artists.size());
  matrix.setFromTriplets(entries.begin(), entries.end());
  return matrix;
}

Interactions weighed(const SparseMatrix& plays, const SparseMatrix& train,
                     const WeightingParams& params) {
  return {.weights = weigh(plays, train, params),
          .plays = {plays.valuePtr(), plays.valuePtr() + plays.nonZeros()}};
}

// Fills tags [A x T] and their names: the tags that are left, in ascending order of their names.
void fill_tags(const Sources& sources, Dataset& dataset, BuildReport& report) {
  std::unordered_set<std::uint64_t> held_out;
  for (const auto* part : {&sources.plays.valid, &sources.plays.test}) {
    for (const lastfm::Play& play : *part) held_out.insert(pair_key(play.user_id, play.artist_id));
  }
  std::map<std::string, std::vector<int>> artists_of_tag;  // one entry per assignment
  for (const lastfm::TagAssignment& assignment : sources.tags.assignments) {
    const std::optional<int> artist = dataset.artists.find(assignment.artist_id);
    if (!artist) {
      ++report.tags_of_unknown_artists;
    } else if (held_out.contains(pair_key(assignment.user_id, assignment.artist_id))) {
      ++report.tags_of_held_out_pairs;
    } else {
      artists_of_tag[sources.tags.names[static_cast<std::size_t>(assignment.tag)]].push_back(
          *artist);
    }
  }
  std::vector<Eigen::Triplet<float>> entries;
  for (const auto& [name, artists] : artists_of_tag) {
    const int tag = static_cast<int>(dataset.tag_names.size());
    dataset.tag_names.push_back(name);
    for (const int artist : artists) entries.emplace_back(artist, tag, 1.0F);
  }
  dataset.tags.resize(dataset.artists.size(), std::ssize(dataset.tag_names));
  dataset.tags.setFromTriplets(entries.begin(), entries.end());  // adds up equal places
}

// The summaries of the artists of the catalogue. A link must not name an artist whom no track has,
// unless there are no tracks at all.
features::TrackSummary tracks_of(Sources& sources, const IdMap& artists) {
  std::vector<std::string> names(static_cast<std::size_t>(artists.size()));
  for (const ArtistLink& link : sources.links) {
    const std::optional<int> artist = artists.find(link.artist_id);
    if (artist) names[static_cast<std::size_t>(*artist)] = link.spotify_name;
  }
  const bool has_tracks = !sources.tracks.is_empty();
  features::TrackSummary tracks = std::move(sources.tracks).take(names);
  for (int artist = 0; has_tracks && artist < artists.size(); ++artist) {
    const std::string& name = names[static_cast<std::size_t>(artist)];
    if (!name.empty() && tracks.num_tracks(artist) == 0) {
      throw InputError("artist map: artist " +
                       std::to_string(artists.ids()[static_cast<std::size_t>(artist)]) +
                       " is to be '" + name + "', but no track table has an artist of that name");
    }
  }
  return tracks;
}

// Tags that say how somebody feels, where they were or when and where the artist lived, not what
// the music is.
bool is_no_genre(const std::string& tag) {
  constexpr std::array kParts{"seen live", "favorite", "favourite", "awesome", "love",
                              "amazing",   "best",     "beautiful", "sexy",    "cool",
                              "artist",    "vocal",    "albums",    "under 2", "good",
                              "great",     "perfect",  "my ",       "guilty"};
  constexpr std::array kWhole{"american", "british", "canadian", "classic",   "english", "french",
                              "german",   "guitar",  "japanese", "norwegian", "swedish", "uk"};
  const bool decade = tag.front() >= '0' && tag.front() <= '9';
  return decade || std::ranges::find(kWhole, tag) != kWhole.end() ||
         std::ranges::any_of(kParts,
                             [&](const char* part) { return tag.find(part) != std::string::npos; });
}

// One label per artist: the tag that most users gave it, else the genre of most of its tracks.
std::vector<std::string> genre_labels(const Dataset& dataset,
                                      const features::TrackSummary& tracks) {
  std::vector<std::string> labels(static_cast<std::size_t>(dataset.artists.size()));
  const Vector ones = Vector::Ones(dataset.tags.rows());
  const Vector totals = dataset.tags.transpose() * ones;  // [tags]
  for (int artist = 0; artist < dataset.artists.size(); ++artist) {
    float most_users = 0;
    float most_total = 0;
    for (SparseMatrix::InnerIterator it(dataset.tags, artist); it; ++it) {
      const std::string& name = dataset.tag_names[static_cast<std::size_t>(it.col())];
      const float total = totals(it.col());
      if (std::tie(it.value(), total) > std::tie(most_users, most_total) && !name.empty() &&
          !is_no_genre(name)) {
        most_users = it.value();
        most_total = total;
        labels[static_cast<std::size_t>(artist)] = name;
      }
    }
  }
  for (int artist = 0; artist < dataset.artists.size(); ++artist) {
    if (!labels[static_cast<std::size_t>(artist)].empty()) continue;
    std::map<std::string, int> counts;
    const features::ArtistTracks summary = tracks.of(artist);
    for (const features::GenreCount& genre : summary.genres) {
      const std::string& text = tracks.genres()[static_cast<std::size_t>(genre.genre)];
      if (!text.empty()) counts[text.substr(0, text.find(';'))] += genre.all;
    }
    if (counts.empty()) continue;
    labels[static_cast<std::size_t>(artist)] =
        std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; })->first;
  }
  return labels;
}

std::vector<int> listeners_of(const SparseMatrix& train) {
  std::vector<int> listeners(static_cast<std::size_t>(train.cols()));
  for (Eigen::Index k = 0; k < train.nonZeros(); ++k) {
    ++listeners[static_cast<std::size_t>(train.innerIndexPtr()[k])];
  }
  return listeners;
}

}  // namespace

Fields BuildParams::fields() {
  return join({{.name = "catalogue",
                .value = &catalogue,
                .help = "which artists can be recommended: those of Last.fm, or those that only "
                        "Spotify has, too",
                .choices = {"lastfm", "all"}},
               {.name = "pipeline",
                .value = &pipeline,
                .help = "the steps that make the features: default, original (the most popular "
                        "track, keywords anywhere) or a file; see --print-pipeline"}},
              weighting.fields());
}

void require_disjoint(const SplitPlays& plays) {
  std::unordered_set<std::uint64_t> seen;
  for (const auto* part : {&plays.train, &plays.valid, &plays.test}) {
    for (const lastfm::Play& play : *part) {
      if (!seen.insert(pair_key(play.user_id, play.artist_id)).second) {
        throw InputError("user " + std::to_string(play.user_id) + " and artist " +
                         std::to_string(play.artist_id) +
                         " are in two parts of the split: what is to be predicted would be known");
      }
    }
  }
}

Dataset build_dataset(Sources sources, const BuildParams& params, BuildReport& report) {
  const features::Pipeline pipeline = features::read_pipeline(params.pipeline);
  require_disjoint(sources.plays);
  Dataset dataset;
  dataset.users = user_map(sources.plays);
  std::map<std::int64_t, std::string> names;
  for (const ArtistLink& link : sources.links) {
    const bool wanted = link.kind != MatchKind::kSpotifyOnly || params.catalogue == "all";
    if (wanted) {
      names[link.artist_id] = link.lastfm_name.empty() ? link.spotify_name : link.lastfm_name;
    }
  }
  std::vector<std::int64_t> ids;
  ids.reserve(names.size());
  for (const auto& [id, name] : names) ids.push_back(id);
  dataset.artists = IdMap::hashed(std::move(ids), kRowOrder);
  for (const std::int64_t id : dataset.artists.ids()) dataset.artist_names.push_back(names[id]);

  const SparseMatrix train = to_matrix(sources.plays.train, dataset.users, dataset.artists, report);
  const SparseMatrix valid = to_matrix(sources.plays.valid, dataset.users, dataset.artists, report);
  const SparseMatrix test = to_matrix(sources.plays.test, dataset.users, dataset.artists, report);
  if (train.nonZeros() == 0) {
    throw InputError("no training interaction is left: do users and artists belong together?");
  }
  dataset.train = weighed(train, train, params.weighting);
  dataset.valid = weighed(valid, train, params.weighting);
  dataset.test = weighed(test, train, params.weighting);

  fill_tags(sources, dataset, report);
  const features::TrackSummary tracks = tracks_of(sources, dataset.artists);
  report.tracks_of_catalogue = tracks.num_tracks();
  for (int artist = 0; artist < dataset.artists.size(); ++artist) {
    dataset.artist_num_tracks.push_back(tracks.num_tracks(artist));
  }
  dataset.artist_genres = genre_labels(dataset, tracks);

  const features::Knowledge knowledge{.listeners = listeners_of(train),
                                      .tags = dataset.tags,
                                      .tag_names = dataset.tag_names,
                                      .tracks = tracks};
  dataset.features =
      features::to_matrix(features::run(pipeline, dataset.artists.size(), knowledge));
  return dataset;
}

}  // namespace mrec
