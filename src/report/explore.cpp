#include "report/explore.h"

#include <set>

#include "report/text.h"

namespace mrec::report {
namespace {

double density(double interactions, std::size_t users, std::size_t artists) {
  return interactions / (static_cast<double>(users) * static_cast<double>(artists));
}

void add_lastfm_tiles(const LastfmData& data, std::vector<Tile>& tiles) {
  std::set<std::int64_t> users;
  double plays = 0;
  for (const lastfm::Play& play : data.plays) {
    users.insert(play.user_id);
    plays += play.plays;
  }
  const double share =
      density(static_cast<double>(data.plays.size()), users.size(), data.artists.size());
  tiles.push_back({"Listeners", grouped(std::ssize(users))});
  tiles.push_back({"Artists", grouped(std::ssize(data.artists)), "in Last.fm"});
  tiles.push_back({"Interactions", grouped(std::ssize(data.plays)), "listener and artist"});
  tiles.push_back({"Density", percent(share), "of all possible pairs"});
  tiles.push_back({"Plays", compact(plays), grouped(static_cast<std::int64_t>(plays))});
  if (!data.tags.names.empty()) {
    tiles.push_back({"Tag assignments", grouped(std::ssize(data.tags.assignments)),
                     grouped(std::ssize(data.tags.names)) + " different tags"});
  }
}

void add_dataset_tiles(const Dataset& dataset, std::vector<Tile>& tiles) {
  const auto count = dataset.train.weights.nonZeros() + dataset.valid.weights.nonZeros() +
                     dataset.test.weights.nonZeros();
  tiles.push_back({"Listeners", grouped(dataset.users.size())});
  tiles.push_back({"Artists", grouped(dataset.artists.size()), "in the catalogue"});
  tiles.push_back({"Interactions", grouped(count), "listener and artist"});
  tiles.push_back(
      {"Density",
       percent(density(static_cast<double>(count), static_cast<std::size_t>(dataset.users.size()),
                       static_cast<std::size_t>(dataset.artists.size()))),
       "of all possible pairs"});
}

void add_overview(Page& page, const ExploreData& data) {
  page.section("Overview", "");
  std::vector<Tile> tiles;
  if (data.lastfm) add_lastfm_tiles(*data.lastfm, tiles);
  if (!data.lastfm && data.dataset) add_dataset_tiles(*data.dataset, tiles);
  if (data.tracks) {
    tiles.push_back({"Tracks", grouped(data.tracks->num_tracks),
                     "by " + grouped(std::ssize(data.tracks->names)) + " names in Spotify"});
  }
  if (data.links) {
    std::int64_t linked = 0;
    for (const ArtistLink& link : *data.links) {
      if (!link.lastfm_name.empty() && !link.spotify_name.empty()) ++linked;
    }
    tiles.push_back(
        {"Artists linked", grouped(linked),
         percent(static_cast<double>(linked) / static_cast<double>(data.lastfm->artists.size())) +
             " of Last.fm's have tracks"});
  }
  if (data.dataset) {
    tiles.push_back(
        {"Features", grouped(std::ssize(data.dataset->features.names)), "columns in the data set"});
  }
  page.tiles(tiles);
}

void add_sources(Page& page, const ReadReport& reading) {
  constexpr std::size_t kMostFiles = 30;
  std::int64_t left_out = 0;
  for (const auto& [name, kind] : reading.kinds()) left_out += kind.count;
  const std::int64_t rows = reading.rows_used() + left_out;
  page.section(
      "Sources",
      grouped(rows) + " rows were read from " + counted(std::ssize(reading.used()), "file") + "; " +
          (left_out == 0 ? "every one could be used."
                         : grouped(left_out) + " (" +
                               percent(static_cast<double>(left_out) / static_cast<double>(rows)) +
                               ") were left out."));
  Table files{.columns = {{"File", false}, {"Rows used"}}};
  std::int64_t others = 0;
  for (const auto& [file, used] : reading.used()) {
    if (files.rows.size() < kMostFiles) {
      files.rows.push_back({file, grouped(used)});
    } else {
      others += used;
    }
  }
  if (others > 0) {
    files.rows.push_back(
        {counted(std::ssize(reading.used()) - std::ssize(files.rows), "further file"),
         grouped(others)});
  }
  page.table("Files", files);
  if (left_out == 0) return;
  Table kinds{.columns = {{"Rows left out", false}, {"Number"}, {"Share"}, {"The first", false}}};
  for (const auto& [name, kind] : reading.kinds()) {
    kinds.rows.push_back({name, grouped(kind.count),
                          percent(static_cast<double>(kind.count) / static_cast<double>(rows)),
                          kind.example});
  }
  page.table("Rows left out, by kind", kinds);
}

}  // namespace

Page explore_page(const ExploreData& data) {
  Page page("Data report",
            "What the sources of the recommender hold, what they lack, and how "
            "well they fit together.");
  add_overview(page, data);
  if (!data.reading.used().empty()) add_sources(page, data.reading);
  if (data.lastfm) {
    add_listening(page, *data.lastfm);
    if (!data.lastfm->tags.assignments.empty()) add_tags(page, *data.lastfm);
  }
  if (data.tracks) add_tracks(page, *data.tracks);
  if (data.lastfm && data.links) add_matching(page, *data.lastfm, *data.links);
  if (data.dataset) add_dataset(page, *data.dataset, data.dataset_facts);
  return page;
}

}  // namespace mrec::report
