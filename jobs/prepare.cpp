// Last.fm directory + Spotify track tables -> dataset.h5
//   mrec-prepare --lastfm data/raw/hetrec --spotify tracks.csv --out dataset.h5
#include <filesystem>
#include <iostream>
#include <utility>

#include "base/output_file.h"
#include "base/sha256.h"
#include "dataset/artist_map.h"
#include "features/build_dataset.h"
#include "jobs/clock.h"
#include "jobs/job.h"
#include "jobs/sources.h"
#include "parallel/matching.h"

namespace {

using namespace mrec;

struct Options {
  std::string lastfm;
  std::vector<std::string> spotify;
  std::string artist_map;
  std::string matches;
  std::string split = "random";
  std::string out;
  bool print_pipeline = false;
  MatchParams match;
  SplitParams split_params;
  BuildParams build;

  Fields fields() {
    return join(
        join(join({{.name = "lastfm",
                    .value = &lastfm,
                    .help = "directory with artists.dat, user_artists.dat, tags.dat, "
                            "user_taggedartists.dat",
                    .required = true},
                   {.name = "spotify",
                    .value = &spotify,
                    .help = "track table (CSV), or a directory of them; without it tags alone "
                            "describe the artists"},
                   {.name = "artist_map",
                    .value = &artist_map,
                    .help = "artist_map.tsv of mrec-match, perhaps mended; else names are matched "
                            "here"},
                   {.name = "matches",
                    .value = &matches,
                    .help = "table of matches that you have decided on, see mrec-match"},
                   {.name = "split",
                    .value = &split,
                    .help = "random, leave-one-out, or given files: train.tsv,test.tsv or "
                            "train.tsv,validation.tsv,test.tsv (or train.tsv alone) with columns "
                            "userID artistID weight"},
                   {.name = "out",
                    .value = &out,
                    .help = "dataset.h5 to write",
                    .required = true,
                    .writes = true},
                   {.name = "print_pipeline",
                    .value = &print_pipeline,
                    .help = "print the steps of --pipeline with all settings, to start a file of "
                            "your own from, and do nothing else",
                    .alone = true}},
                  match.fields()),
             split_params.fields()),
        build.fields());
  }
};

std::vector<std::string> given_files(const std::string& split) {
  std::vector<std::string> files;
  for (std::size_t at = 0; at <= split.size();) {
    const std::size_t end = std::min(split.find(',', at), split.size());
    files.push_back(split.substr(at, end - at));
    at = end + 1;
  }
  const bool misspelt = files.size() == 1 && !std::filesystem::exists(split);
  if (misspelt || files.size() > 3) {
    throw InputError("split = '" + split +
                     "' is neither random nor leave-one-out nor one to three files with commas "
                     "between (train; train, test; train, validation, test)");
  }
  return files;
}

// Whether the split is made here, of user_artists.dat.
bool is_drawn(const std::string& split) { return split == "random" || split == "leave-one-out"; }

SplitPlays read_plays(const Options& options, ReadReport& report) {
  if (is_drawn(options.split)) {
    SplitParams params = options.split_params;
    params.method = options.split;
    return split_plays(lastfm::read_plays(options.lastfm, report), params);
  }
  const std::vector<std::string> files = given_files(options.split);
  SplitPlays plays{.train = lastfm::read_split_file(files.front(), report)};
  if (files.size() == 3) plays.valid = lastfm::read_split_file(files[1], report);
  if (files.size() >= 2) plays.test = lastfm::read_split_file(files.back(), report);
  return plays;
}

// What the file was made of: every source with its hash.
std::vector<std::pair<std::string, std::string>> provenance_of(
    const Options& options, const std::vector<std::string>& tracks) {
  std::vector<std::pair<std::string, std::string>> facts{
      {"created_by", "mrec-prepare " + version()}, {"created_at", now_utc()}};
  std::vector<std::string> files = tracks;
  for (const char* name :
       {"artists.dat", "user_artists.dat", "tags.dat", "user_taggedartists.dat"}) {
    files.push_back(options.lastfm + "/" + name);
  }
  if (!options.artist_map.empty()) files.push_back(options.artist_map);
  if (!options.matches.empty()) files.push_back(options.matches);
  if (is_drawn(options.split)) {
    files.push_back(options.lastfm + "/user_artists.dat");
  } else {
    for (const std::string& file : given_files(options.split)) files.push_back(file);
  }
  std::string hashes;
  for (const std::string& file : files) {
    if (std::filesystem::exists(file)) hashes += sha256_file(file) + "  " + file + "\n";
  }
  facts.emplace_back("source_sha256", hashes);
  return facts;
}

void tell(const Options& options, const Dataset& dataset, const std::string& links,
          const ReadReport& reading, const BuildReport& building) {
  reading.print(std::cout);
  std::cout << "artists: " << links << "; " << dataset.artists.size() << " in the catalogue\n"
            << "users: " << dataset.users.size()
            << "\ninteractions: " << dataset.train.weights.nonZeros() << " train, "
            << dataset.valid.weights.nonZeros() << " validation, "
            << dataset.test.weights.nonZeros() << " test";
  if (building.plays_of_unknown_artists > 0) {
    std::cout << "; left out " << building.plays_of_unknown_artists
              << " of artists that artists.dat does not name";
  }
  std::cout << "\ntags: " << dataset.tag_names.size() << " on artists of the catalogue; left out "
            << building.tags_of_held_out_pairs << " assignments of held-out pairs and "
            << building.tags_of_unknown_artists
            << " of unknown artists\nfeatures: " << dataset.features.names.size()
            << " columns from " << building.tracks_of_catalogue << " tracks and the tags:";
  for (const std::string& name : dataset.features.names) std::cout << ' ' << name;
  std::cout << "\nwrote " << options.out << '\n';
}

void prepare(const Communicator& world, Options& options) {
  std::string pipeline;
  features::Wanted wanted;
  world.agree([&] {
    const features::Pipeline steps = features::read_pipeline(options.build.pipeline);
    pipeline = to_text(steps);
    wanted = steps.wanted();
  });
  if (options.print_pipeline) {
    std::cout << pipeline;
    return;
  }

  // 1. The root reads what there is.
  ReadReport reading;
  Sources sources;
  std::vector<std::string> files;
  std::vector<lastfm::Artist> artists;
  std::vector<GivenMatch> given;
  world.agree([&] {
    if (!world.is_root()) return;
    if (!options.artist_map.empty() && !options.matches.empty()) {
      throw InputError(
          "options --artist-map and --matches both say who is who: give one of them; mrec-match "
          "--matches makes an artist map that holds your matches");
    }
    require_writable(options.out);
    files = track_files(options.spotify);
    artists = lastfm::read_artists(options.lastfm, reading);
    if (!options.matches.empty()) given = read_given_matches(options.matches, artists);
    sources.plays = read_plays(options, reading);
    sources.tags = lastfm::read_tags(options.lastfm, reading);
    sources.tracks = features::NamedTracks(wanted);
    spotify::visit_tracks(
        files, reading,
        {.track = [&](const spotify::Track& track) { sources.tracks.add(track); },
         .genre = [&](const spotify::Track& track,
                      const std::string& former) { sources.tracks.change_genre(track, former); }});
  });

  // 2. All ranks find who is who, unless a table says so.
  if (options.artist_map.empty()) {
    sources.links =
        match_artists(world, artists, sources.tracks.names(), options.match, given).links;
  }

  // 3. The root builds and writes.
  world.agree([&] {
    if (!world.is_root()) return;
    if (!options.artist_map.empty()) {
      sources.links = completed(read_artist_map(options.artist_map), artists, options.artist_map);
    }
    const std::string links = summary_of(sources.links);
    BuildReport building;
    const Dataset dataset = build_dataset(std::move(sources), options.build, building);
    save(options.out, dataset,
         join(options.fields(), {{.name = "pipeline_steps", .value = &pipeline, .help = ""}}),
         provenance_of(options, files));
    tell(options, dataset, links, reading, building);
  });
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  return run_job(
      argc, argv,
      {.name = "mrec-prepare",
       .summary = "makes the data set: artist identities, features, weights and splits.\n"
                  "Reads a Last.fm directory and Spotify track tables, writes dataset.h5 "
                  "for mrec-train and mrec-evaluate.",
       .example = "mrec-prepare --lastfm data/sample/lastfm --spotify "
                  "data/sample/spotify/tracks.csv --out dataset.h5"},
      options.fields(), [&](const Communicator& world) { prepare(world, options); });
}
