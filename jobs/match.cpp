// Last.fm directory + Spotify track tables -> artist_map.tsv
//   mrec-match --lastfm data/raw/hetrec --spotify tracks.csv --out artist_map.tsv
#include <iostream>

#include "jobs/job.h"
#include "jobs/sources.h"

namespace {

using namespace mrec;

struct Options {
  std::string lastfm;
  std::vector<std::string> spotify;
  std::string out;
  MatchParams match;

  Fields fields() {
    return join(
        {{.name = "lastfm",
          .value = &lastfm,
          .help = "directory with artists.dat",
          .required = true},
         {.name = "spotify",
          .value = &spotify,
          .help = "track table (CSV), or a directory of them",
          .required = true},
         {.name = "out", .value = &out, .help = "artist_map.tsv to write", .required = true}},
        match.fields());
  }
};

void match(const Options& options) {
  ReadReport report;
  const std::vector<lastfm::Artist> artists = lastfm::read_artists(options.lastfm, report);
  const std::vector<spotify::Track> tracks =
      spotify::read_tracks(track_files(options.spotify), report);
  const std::vector<ArtistLink> links =
      match_artists(artists, spotify_names(tracks), options.match);
  write_artist_map(options.out, links);
  report.print(std::cout);
  std::cout << "artists: " << summary_of(links) << "\nwrote " << options.out
            << "; review it, mend it, and give it to mrec-prepare as --artist-map\n";
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  return run_job(
      argc, argv,
      {.name = "mrec-match",
       .summary = "finds who is who in Last.fm and Spotify.\nReads artists.dat and track "
                  "tables, writes artist_map.tsv: a table for people to review and mend.",
       .example = "mrec-match --lastfm data/sample/lastfm --spotify "
                  "data/sample/spotify/tracks.csv --out artist_map.tsv"},
      options.fields(), [&](const Communicator& world) {
        // One rank is enough for it.
        world.agree([&] {
          if (world.is_root()) match(options);
        });
      });
}
