// Last.fm directory + Spotify track tables, dataset.h5 or both -> explore.html
//   mrec-explore --lastfm data/raw/hetrec --spotify tracks.csv --dataset dataset.h5
//     --out explore.html
#include <algorithm>
#include <filesystem>
#include <iostream>

#include "base/output_file.h"
#include "dataset/artist_map.h"
#include "jobs/clock.h"
#include "jobs/job.h"
#include "jobs/sources.h"
#include "parallel/matching.h"
#include "report/explore.h"
#include "report/text.h"

namespace {

using namespace mrec;

struct Options {
  std::string lastfm;
  std::vector<std::string> spotify;
  std::string artist_map;
  std::string dataset;
  std::string out;
  MatchParams match;

  Fields fields() {
    return join({{.name = "lastfm",
                  .value = &lastfm,
                  .help = "directory with artists.dat, user_artists.dat, tags.dat, "
                          "user_taggedartists.dat"},
                 {.name = "spotify",
                  .value = &spotify,
                  .help = "track table (CSV), or a directory of them"},
                 {.name = "artist_map",
                  .value = &artist_map,
                  .help = "artist_map.tsv of mrec-match, perhaps mended; else names are matched "
                          "here"},
                 {.name = "dataset", .value = &dataset, .help = "dataset.h5 of mrec-prepare"},
                 {.name = "out",
                  .value = &out,
                  .help = "the page to write, such as explore.html",
                  .required = true,
                  .writes = true}},
                match.fields());
  }
};

void check(const Options& options) {
  if (options.lastfm.empty() && options.spotify.empty() && options.dataset.empty()) {
    throw InputError(
        "nothing to look at: give --lastfm, --spotify, --dataset or all of them; see "
        "mrec-explore --help");
  }
  if (!options.artist_map.empty() && (options.lastfm.empty() || options.spotify.empty())) {
    throw InputError("option --artist-map links two sources: give --lastfm and --spotify as well");
  }
  require_writable(options.out);
}

void read_sources(const Options& options, report::ExploreData& data) {
  if (!options.lastfm.empty()) {
    data.lastfm = {.artists = lastfm::read_artists(options.lastfm, data.reading),
                   .plays = lastfm::read_plays(options.lastfm, data.reading),
                   .tags = lastfm::read_tags(options.lastfm, data.reading)};
  }
  if (!options.spotify.empty()) {
    report::TrackCounts& tracks = data.tracks.emplace();
    spotify::visit_tracks(
        track_files(options.spotify), data.reading,
        {.track = [&](const spotify::Track& track) { tracks.add(track); },
         .genre = [&](const spotify::Track& track,
                      const std::string& former) { tracks.change_genre(track, former); }});
  }
  data.reading.print(std::cout);
  if (!options.dataset.empty()) {
    const DatasetFile file(options.dataset);
    for (const char* name : {"created_by", "created_at"}) {
      data.dataset_facts.emplace_back(name, file.attribute("provenance", name));
    }
    for (const char* name : {"split", "weighting", "catalogue", "pipeline"}) {
      data.dataset_facts.emplace_back(name, file.attribute("params", name));
    }
    std::erase_if(data.dataset_facts, [](const auto& fact) { return fact.second.empty(); });
    data.dataset = load_dataset(options.dataset);
    std::cout << "  " << options.dataset << ": " << data.dataset->users.size() << " users, "
              << data.dataset->artists.size() << " artists, " << data.dataset->features.names.size()
              << " features\n";
  }
}

void explore(const Communicator& world, const Options& options) {
  // 1. The root reads what there is.
  report::ExploreData data;
  std::vector<SpotifyName> names;
  world.agree([&] {
    if (!world.is_root()) return;
    check(options);
    read_sources(options, data);
    if (!data.tracks) return;
    for (const auto& [name, num_tracks] : data.tracks->names) names.push_back({name, num_tracks});
    std::ranges::sort(names, {}, &SpotifyName::name);
  });

  // 2. All ranks find who is who, unless a table says so.
  if (!options.lastfm.empty() && !options.spotify.empty() && options.artist_map.empty()) {
    const std::span<const lastfm::Artist> artists =
        data.lastfm ? std::span<const lastfm::Artist>(data.lastfm->artists)
                    : std::span<const lastfm::Artist>();
    data.links = match_artists(world, artists, names, options.match, {}).links;
  }

  // 3. The root writes the page.
  world.agree([&] {
    if (!world.is_root()) return;
    if (!options.artist_map.empty()) {
      data.links = completed(read_artist_map(options.artist_map), data.lastfm->artists);
    }
    if (data.links) std::cout << "artists: " << summary_of(*data.links) << '\n';
    report::Page page = report::explore_page(data);
    page.footer("Made by mrec-explore " + version() + " at " + now_utc() + ".");
    const std::string html = page.html();
    OutputFile file(options.out);
    file.stream() << html;
    file.commit();
    std::cout << "wrote " << options.out << ", " << report::grouped(std::ssize(html) / 1024)
              << " KB\n";
  });
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  return run_job(
      argc, argv,
      {.name = "mrec-explore",
       .summary = "makes a page about the data: distributions, missing values, the long tail, how "
                  "well the sources match, features.\nReads raw files, dataset.h5 or both, writes "
                  "one HTML file that needs nothing else.",
       .example = "mrec-explore --lastfm data/sample/lastfm --spotify "
                  "data/sample/spotify/tracks.csv --out explore.html"},
      options.fields(), [&](const Communicator& world) { explore(world, options); });
}
