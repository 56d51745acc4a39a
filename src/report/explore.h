#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dataset/artist_match.h"
#include "dataset/dataset.h"
#include "dataset/lastfm.h"
#include "dataset/read_report.h"
#include "report/page.h"
#include "report/track_counts.h"

namespace mrec::report {

struct LastfmData {
  std::vector<lastfm::Artist> artists;
  std::vector<lastfm::Play> plays;
  lastfm::TagTable tags;
};

// What there is to look at; a section stands on the page when its data are here.
struct ExploreData {
  std::optional<LastfmData> lastfm;
  std::optional<TrackCounts> tracks;
  std::optional<std::vector<ArtistLink>> links;  // of both
  std::optional<Dataset> dataset;
  std::vector<std::pair<std::string, std::string>> dataset_facts;  // how it was made
  ReadReport reading;
};

// The data report. Its size does not grow with the data: all is counted into bins and tables of
// limited length.
Page explore_page(const ExploreData& data);

// The sections, each in a file of its own.
void add_listening(Page& page, const LastfmData& data);
void add_tags(Page& page, const LastfmData& data);
void add_tracks(Page& page, const TrackCounts& tracks);
void add_matching(Page& page, const LastfmData& data, const std::vector<ArtistLink>& links);
void add_dataset(Page& page, const Dataset& dataset,
                 const std::vector<std::pair<std::string, std::string>>& facts);

// Listeners and plays of an artist.
struct Popularity {
  float listeners = 0;
  float plays = 0;
};
// In the order of data.artists; artists without plays have zeros.
std::vector<Popularity> popularity_of(const LastfmData& data);

}  // namespace mrec::report
