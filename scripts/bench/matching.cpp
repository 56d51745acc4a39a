// How good and how fast artists are matched. Built as mrec-bench-matching; see
// scripts/bench/README.md.
//   mrec-bench-matching quality DIR TRUTH       labelled names in DIR and the truth of the sample,
//                                               beside the rule of the original
//   mrec-bench-matching labelled PAIRS NAMES    other pairs in the format of Audioscrobbler's
//   mrec-bench-matching curve PAIRS NAMES       the same at every --min-probability
//   mpirun -np 2 mrec-bench-matching scale      synthetic names, more and more of them
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <string>

#include "base/error.h"
#include "dataset/labelled_names.h"
#include "parallel/matching.h"
#include "parallel/synthetic_names.h"

namespace {

using namespace mrec;

constexpr double kLeast = 0.6;  // MatchParams::min_probability

void print(const LabelledSet& set, const char* rule, const MatchScore& score) {
  std::printf("%-40s %-10s %6d %6d %6d %6.1f   %.3f   %.3f   %.3f\n", set.title.c_str(), rule,
              score.names, score.right, score.wrong, score.false_alarms, score.precision(),
              score.recall(), score.f1());
}

void judge(const LabelledSet& set) {
  print(set, "original", score_of(set, original_finder(set)));
  print(set, "mrec", score_of(set, our_finder(set, kLeast)));
}

void print_head() {
  std::printf("%-40s %-10s %6s %6s %6s %6s %7s %7s %7s\n", "names", "rule", "names", "right",
              "wrong", "false", "prec.", "recall", "F1");
}

// Names without a partner to look for; what is found for them is false. All would take the
// original's rule minutes.
constexpr int kWithout = 5'000;

void judge_aliases(const std::string& pairs, const std::string& names) {
  judge(audioscrobbler_aliases(pairs, names, 0));
  judge(audioscrobbler_aliases(pairs, names, kWithout));
}

void print_curve(const std::string& pairs, const std::string& names) {
  const LabelledSet set = audioscrobbler_aliases(pairs, names);
  std::printf("%17s %6s %6s %6s %7s %7s\n", "min. probability", "right", "wrong", "false", "prec.",
              "recall");
  for (int percent = 20; percent <= 98; percent += percent < 60 ? 10 : percent < 90 ? 5 : 2) {
    const MatchScore score = score_of(set, our_finder(set, percent / 100.0));
    std::printf("%17.2f %6d %6d %6.1f   %.3f   %.3f\n", percent / 100.0, score.right, score.wrong,
                score.false_alarms, score.precision(), score.recall());
  }
}

// The sample's own truth: `lastfm_id lastfm_name spotify_name flaw`, an empty name where there is
// no partner.
LabelledSet sample_truth(const std::string& path) {
  LabelledSet set{.title = "sample"};
  std::map<std::string, int> place;
  TableFile file(path, TableFile::Kind::kTsv);
  file.next();
  while (file.next()) {
    const auto cells = file.cells();
    if (!cells[2].empty() && place.try_emplace(std::string(cells[2]), place.size()).second) {
      set.universe.emplace_back(cells[2]);
    }
    if (cells[0].empty()) continue;
    LabelledName name{.name = std::string(cells[1])};
    if (!cells[2].empty()) name.right = {place.at(std::string(cells[2]))};
    set.names.push_back(std::move(name));
  }
  return set;
}

void quality(const std::string& directory, const std::string& sample) {
  print_head();
  judge_aliases(directory + "/audioscrobbler_alias_pairs.tsv",
                directory + "/audioscrobbler_names.tsv");
  judge(musicbrainz_typos(directory + "/musicbrainz20k_artist_variants.tsv"));
  judge(itunes_amazon(directory + "/itunes_amazon"));
  judge(sample_truth(sample));
}

// Peak memory of this process in MB.
double peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

// Processor time of this process in seconds.
double processor_time() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

// Collective.
void scale(const Communicator& world) {
  struct Size {
    int artists;
    int names;
  };
  if (world.is_root()) {
    std::printf("%d ranks\n%9s %9s %8s %8s %22s %8s %8s\n", world.size(), "artists", "names", "s",
                "CPU s", "us per name and artist", "MB/rank", "links");
  }
  for (const Size size :
       {Size{17'632, 41'250}, Size{17'632, 82'500}, Size{17'632, 165'000}, Size{17'632, 330'000},
        Size{75'000, 250'000}, Size{150'000, 500'000}, Size{300'000, 1'000'000}}) {
    SyntheticNames data;
    if (world.is_root()) data = synthetic_names(size.artists, size.names, 1);
    world.barrier();
    const double used = processor_time();
    const auto begin = std::chrono::steady_clock::now();
    const ArtistMatches matches = match_artists(world, data.artists, data.names, {}, {});
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    // Of the root, which has the most to do; on a machine that others use as well it says more.
    const double processor = processor_time() - used;
    const int megabytes = world.max(static_cast<int>(peak_memory()));
    if (world.is_root()) {
      const auto links = std::ranges::count_if(matches.links, [](const ArtistLink& link) {
        return link.kind == MatchKind::kExact || link.kind == MatchKind::kFuzzy;
      });
      std::printf("%9d %9d %8.2f %8.2f %22.2f %8d %8ld\n", size.artists, size.names, seconds,
                  processor, 1e6 * processor / (size.artists + size.names), megabytes,
                  static_cast<long>(links));
      std::fflush(stdout);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const MpiSession session;
  const Communicator world = Communicator::world();
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 1 && arguments[0] == "scale") {
    scale(world);
  } else if (arguments.size() == 3 && arguments[0] == "quality") {
    quality(arguments[1], arguments[2]);
  } else if (arguments.size() == 3 && arguments[0] == "labelled") {
    print_head();
    judge_aliases(arguments[1], arguments[2]);
  } else if (arguments.size() == 3 && arguments[0] == "curve") {
    print_curve(arguments[1], arguments[2]);
  } else {
    std::cerr << "usage: mrec-bench-matching quality DIR TRUTH | labelled PAIRS NAMES | "
                 "curve PAIRS NAMES | scale\n";
    return 2;
  }
}
