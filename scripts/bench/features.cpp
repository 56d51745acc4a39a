// How fast tracks become statistics of artists, and in how much memory. Built as
// mrec-bench-features; scripts/bench/features sets it beside pandas.
//   mrec-bench-features generate TRACKS ARTISTS TRACKS.csv [LASTFM_DIR]
//   mrec-bench-features summarize TRACKS.csv [STATISTICS.csv [COUNTS.csv]]   prints wall and CPU
//     seconds
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "base/text.h"
#include "dataset/name_normalizer.h"
#include "features/named_tracks.h"
#include "synthetic_word.h"

namespace {

using namespace mrec;
using spotify::Column;

constexpr std::uint64_t kSeed = 1;

// Two words and a number, which makes it the only one; some need quotes in a table.
std::string artist_name(std::uint32_t artist) {
  Rng rng(kSeed, 1, artist);
  const bool comma = rng.below(50) == 0;
  std::string name = synthetic_word(rng) + (comma ? ", " : " ");
  return name + synthetic_word(rng) + " " + std::to_string(artist);
}

// The most frequent of n artists has about n^0.4 times its share.
std::uint32_t draw_artist(Rng& rng, std::uint32_t n) {
  return static_cast<std::uint32_t>(n * std::pow(rng.uniform(), 5.0 / 3));
}

std::string csv_cell(const std::string& cell) {
  return cell.find(',') == std::string::npos ? cell : '"' + cell + '"';
}

// As the public tables are: every fourth track with a guest, 1 of 30 rows a
// track once more in another genre, and here and there a value missing.
void generate(int tracks, std::uint32_t artists, const std::string& path,
              const std::string& lastfm) {
  constexpr std::array kGenres{"acoustic", "black-metal", "chill", "hip-hop", "j-pop",
                               "rock",     "techno",      "soul",  "opera",   "k-pop"};
  std::ofstream file(path);
  file << "track_id,artists,track_name,popularity,duration_ms,explicit,danceability,energy,key,"
          "loudness,mode,speechiness,acousticness,instrumentalness,liveness,valence,tempo,"
          "time_signature,track_genre,year\n";
  std::string before;
  std::string after;
  for (int t = 0; t < tracks; ++t) {
    Rng rng(kSeed, 2, static_cast<std::uint64_t>(t));
    const auto below = [&](std::uint32_t n) { return static_cast<int>(rng.below(n)); };
    const char* genre = kGenres[rng.below(10)];
    if (rng.below(30) > 0 || t == 0) {
      std::string names = artist_name(draw_artist(rng, artists));
      if (rng.below(20) == 0) std::ranges::replace(names, ' ', '-');  // another spelling
      if (rng.below(4) == 0) names += ";" + artist_name(draw_artist(rng, artists));
      const std::string number = std::to_string(1'000'000'000 + t);
      before = "3n" + number + "KxQ" + number.substr(3) + "," + csv_cell(names) + ",";
      std::string title = synthetic_word(rng);
      for (int n = below(5); n > 0; --n) title += " " + synthetic_word(rng);
      before += title + "," + (rng.below(50) == 0 ? "" : std::to_string(below(101))) + "," +
                std::to_string(90'000 + below(300'000)) + "," + std::to_string(below(5) / 4);
      const auto share = [&] { return "," + shortest(below(1000) / 1000.0); };
      const std::string tiny = rng.below(3) == 0 ? "," + shortest(below(100000) / 1e8) : share();
      before += share() + share() + "," + std::to_string(below(12)) + "," +
                fixed(-1e-3 * below(30'000), 3) + "," + std::to_string(below(3) / 2) + share() +
                share() + tiny + share() + share() + "," + fixed(60 + 1e-3 * below(120'000), 3) +
                "," + (rng.below(20) == 0 ? "" : "4");
      after = rng.below(3) == 0 ? "," : "," + std::to_string(1960 + below(65));
    }
    file << before << ',' << genre << after << '\n';
  }
  if (!file.flush()) throw Error(path + ": cannot be written");
  if (lastfm.empty()) return;

  // A small Last.fm whose artists are among them, so that mrec-prepare has something to do.
  std::filesystem::create_directories(lastfm);
  std::ofstream names(lastfm + "/artists.dat");
  names << "id\tname\turl\tpictureURL\n";
  const std::uint32_t listed = std::min<std::uint32_t>(artists, 17'632);
  for (std::uint32_t a = 0; a < listed; ++a) {
    names << a + 1 << '\t' << artist_name(a * (artists / listed)) << "\t\t\n";
  }
  std::ofstream plays(lastfm + "/user_artists.dat");
  plays << "userID\tartistID\tweight\n";
  for (std::uint32_t user = 1; user <= 100; ++user) {
    for (std::uint32_t i = 0; i < 50; ++i) {
      plays << user << '\t' << (user * 37 + i * 101) % listed + 1 << '\t' << 1 + i << '\n';
    }
  }
  std::ofstream(lastfm + "/tags.dat") << "tagID\ttagValue\n1\trock\n";
  std::ofstream(lastfm + "/user_taggedartists.dat")
      << "userID\tartistID\ttagID\tday\tmonth\tyear\n1\t1\t1\t1\t1\t2009\n";
}

// Of every column; weighted: by 1 + popularity; popular: of the most popular tracks.
constexpr std::array kStatistics{"mean",     "std",          "min",     "max",
                                 "count",    "q25",          "median",  "q75",
                                 "weighted", "weighted_std", "popular", "popular_std"};
using Row = std::array<float, kStatistics.size()>;

void fill_rows(const features::TrackSummary& tracks, std::span<const int> artists,
               std::span<Row> rows) {
  using enum features::TrackRule;
  for (std::size_t i = 0; i < artists.size(); ++i) {
    const features::ArtistTracks summary = tracks.of(artists[i]);
    const features::SortedSample sample(summary);
    for (std::size_t c = 0; c < spotify::kNumColumns; ++c) {
      const auto column = static_cast<Column>(c);
      const features::Statistics all = summary.statistics(column, kAll, 0);
      const features::Statistics weighted = summary.statistics(column, kWeighted, 0);
      const features::Statistics popular = summary.statistics(column, kPopular, 0);
      const features::ColumnSummary sums = summary.column(column);
      rows[i * spotify::kNumColumns + c] = {all.mean,
                                            all.deviation,
                                            sums.min,
                                            sums.max,
                                            static_cast<float>(sums.count),
                                            sample.quantile(column, 0.25),
                                            sample.quantile(column, 0.5),
                                            sample.quantile(column, 0.75),
                                            weighted.mean,
                                            weighted.deviation,
                                            popular.mean,
                                            popular.deviation};
    }
  }
}

// Artists are independent of one another, so every thread takes its part of them.
struct Rows {
  std::vector<int> artists;     // those with tracks: the others are further spellings
  std::unique_ptr<Row[]> rows;  // [artists x columns]

  [[nodiscard]] std::span<Row> all() const {
    return {rows.get(), artists.size() * spotify::kNumColumns};
  }
};

Rows statistics_of(const features::TrackSummary& tracks) {
  Rows rows;
  for (int artist = 0; artist < tracks.num_artists(); ++artist) {
    if (tracks.num_tracks(artist) > 0) rows.artists.push_back(artist);
  }
  rows.rows = std::make_unique_for_overwrite<Row[]>(rows.artists.size() * spotify::kNumColumns);
  const std::size_t num_threads = std::max(1U, std::thread::hardware_concurrency());
  const auto part = [&](std::size_t t) { return rows.artists.size() * t / num_threads; };
  std::vector<std::jthread> threads;
  for (std::size_t t = 0; t < num_threads; ++t) {
    threads.emplace_back([&, begin = part(t), end = part(t + 1)] {
      fill_rows(tracks, std::span(rows.artists).subspan(begin, end - begin),
                rows.all().subspan(begin * spotify::kNumColumns));
    });
  }
  threads.clear();  // waits for them
  return rows;
}

void write_statistics(const std::string& path, const std::vector<std::string>& names,
                      const Rows& statistics) {
  std::ofstream file(path);
  file << "artist,column";
  for (const char* name : kStatistics) file << ',' << name;
  file << '\n';
  const std::span<const Row> rows = statistics.all();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const int artist = statistics.artists[i / spotify::kNumColumns];
    file << normalize_name(names[static_cast<std::size_t>(artist)]) << ','
         << spotify::column_name(static_cast<Column>(i % spotify::kNumColumns));
    for (const float value : rows[i]) file << ',' << (std::isnan(value) ? "" : shortest(value));
    file << '\n';
  }
}

void write_counts(const std::string& path, const features::TrackSummary& tracks,
                  const std::vector<std::string>& names) {
  std::ofstream file(path);
  file << "artist,what,count\n";
  for (int artist = 0; artist < tracks.num_artists(); ++artist) {
    const features::ArtistTracks summary = tracks.of(artist);
    const std::string name = normalize_name(names[static_cast<std::size_t>(artist)]);
    const auto write = [&](const std::string& what, int count) {
      if (count > 0) file << name << ',' << what << ',' << count << '\n';
    };
    write("tracks ", summary.tracks);
    for (std::size_t i = 0; i < summary.keys.size(); ++i) {
      write("key " + std::to_string(i), summary.keys[i]);
    }
    for (std::size_t i = 0; i < summary.decades.size(); ++i) {
      write("decade " + std::to_string(features::kFirstDecade + 10 * static_cast<int>(i)),
            summary.decades[i]);
    }
    for (const features::GenreCount& genre : summary.genres) {
      write("genre " + tracks.genres()[static_cast<std::size_t>(genre.genre)], genre.all);
    }
  }
}

void summarize(const std::string& path, const std::string& statistics, const std::string& counts) {
  const auto begin = std::chrono::steady_clock::now();
  ReadReport report;
  features::NamedTracks named({.popularity = true, .sample = true});
  spotify::visit_tracks(
      std::vector{path}, report,
      {.track = [&](const spotify::Track& track) { named.add(track); },
       .genre = [&](const spotify::Track& track,
                    const std::string& former) { named.change_genre(track, former); }});
  const auto read = std::chrono::steady_clock::now();
  std::vector<std::string> names;
  for (SpotifyName& name : named.names()) names.push_back(std::move(name.name));
  const features::TrackSummary tracks = std::move(named).take(names);
  const Rows rows = statistics_of(tracks);
  const auto end = std::chrono::steady_clock::now();
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto elapsed = [](auto from, auto to) {
    return std::chrono::duration<double>(to - from).count();
  };
  const auto cpu = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  std::printf("%.3f %.3f %zu spellings; reading %.3f; %ld MB at most\n", elapsed(begin, end),
              cpu(usage.ru_utime) + cpu(usage.ru_stime), names.size(), elapsed(begin, read),
              usage.ru_maxrss / 1024);
  if (!statistics.empty()) write_statistics(statistics, names, rows);
  if (!counts.empty()) write_counts(counts, tracks, names);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  try {
    if (arguments.size() >= 4 && arguments[0] == "generate") {
      generate(std::stoi(arguments[1]), static_cast<std::uint32_t>(std::stoul(arguments[2])),
               arguments[3], arguments.size() > 4 ? arguments[4] : "");
    } else if (arguments.size() >= 2 && arguments[0] == "summarize") {
      summarize(arguments[1], arguments.size() > 2 ? arguments[2] : "",
                arguments.size() > 3 ? arguments[3] : "");
    } else {
      std::cerr << "usage: mrec-bench-features generate TRACKS ARTISTS TRACKS.csv [LASTFM_DIR] | "
                   "summarize TRACKS.csv [STATISTICS.csv [COUNTS.csv]]\n";
      return 2;
    }
  } catch (const std::exception& error) {
    std::cerr << "mrec-bench-features: " << error.what() << '\n';
    return 1;
  }
}
