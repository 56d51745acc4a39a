// Last.fm directory + Spotify track tables -> artist_map.tsv
//   mrec-match --lastfm data/raw/hetrec --spotify tracks.csv --out artist_map.tsv
#include <iostream>

#include "base/output_file.h"
#include "dataset/artist_map.h"
#include "jobs/job.h"
#include "jobs/sources.h"
#include "parallel/matching.h"

namespace {

using namespace mrec;

struct Options {
  std::string lastfm;
  std::vector<std::string> spotify;
  std::string matches;
  std::string review;
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
         {.name = "matches",
          .value = &matches,
          .help = "table of matches that you have decided on: artist_id, lastfm_name, spotify_name "
                  "(empty: keep apart), divided by tabs, as in artist_map.tsv"},
         {.name = "review",
          .value = &review,
          .help = "file for the uncertain pairs, those with the most tracks first; correct lines "
                  "are good for --matches",
          .writes = true},
         {.name = "out",
          .value = &out,
          .help = "artist_map.tsv to write",
          .required = true,
          .writes = true}},
        match.fields());
  }
};

void match(const Communicator& world, const Options& options) {
  // 1. The root reads.
  ReadReport report;
  std::vector<lastfm::Artist> artists;
  std::vector<SpotifyName> names;
  std::vector<GivenMatch> given;
  world.agree([&] {
    if (!world.is_root()) return;
    require_writable(options.out);
    if (!options.review.empty()) require_writable(options.review);
    artists = lastfm::read_artists(options.lastfm, report);
    if (!options.matches.empty()) given = read_given_matches(options.matches, artists);
    NameCounter counter;
    spotify::visit_tracks(track_files(options.spotify), report,
                          {.track = [&](const spotify::Track& track) { counter.add(track); }});
    names = counter.names();
  });

  // 2. All ranks match, the root writes.
  const ArtistMatches matches = match_artists(world, artists, names, options.match, given);
  world.agree([&] {
    if (!world.is_root()) return;
    write_artist_map(options.out, matches.links);
    if (!options.review.empty()) write_review(options.review, matches.doubtful);
    report.print(std::cout);
    std::cout << "artists: " << summary_of(matches.links) << '\n'
              << "uncertain pairs: " << matches.doubtful.size()
              << (options.review.empty() ? "; --review FILE lists them" : ", in " + options.review)
              << "\nwrote " << options.out
              << "; review it, mend it, and give it to mrec-prepare as --artist-map\n";
  });
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
      options.fields(), [&](const Communicator& world) { match(world, options); });
}
