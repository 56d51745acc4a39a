// mrec-bench-ranking: what one exact top 10 costs with many artists.
//   mrec-bench-ranking [ARTISTS [DIM]]
//
// Vectors as matrix factorization makes them: 400 clusters, a falling spectrum, lengths that spread
// log-normally; users are weighted means of ten artists. Prints, for plain and for byte vectors,
// the memory-free time of a query (median, 99th percentile) and whether the lists are the same.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <string>
#include <vector>

#include "base/random.h"
#include "dataset/name_search.h"
#include "model/artist_ranking.h"

namespace mrec {
namespace {

double normal(Rng& rng) {
  double sum = -6;
  for (int i = 0; i < 12; ++i) sum += rng.uniform();
  return sum;
}

Matrix factors(int artists, int dim, bool alike) {
  constexpr int kClusters = 400;
  Rng rng(1);
  Matrix centres(kClusters, dim);
  for (float& value : centres.reshaped()) value = static_cast<float>(normal(rng));
  Matrix all(artists, dim);
  if (alike) {
    for (float& value : all.reshaped()) value = static_cast<float>(normal(rng));
    return all;
  }
  for (int a = 0; a < artists; ++a) {
    const auto cluster = static_cast<Eigen::Index>(rng.below(kClusters));
    for (int i = 0; i < dim; ++i) {
      const double spectrum = std::pow(1 + i, -0.5);
      all(a, i) = static_cast<float>(
          spectrum * (static_cast<double>(centres(cluster, i)) + 0.7 * normal(rng)));
    }
    all.row(a) *= static_cast<float>(std::exp(0.6 * normal(rng) - 1)) / all.row(a).norm();
  }
  return all;
}

// CPU milliseconds of this thread: other programs do not count.
double now() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

double percentile(std::vector<double> times, double share) {
  std::ranges::sort(times);
  return times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))];
}

void run(int artists, int dim, bool alike) {
  constexpr int kQueries = 200;
  const Matrix all = factors(artists, dim, alike);
  const Vector bias = Vector::Zero(artists);
  const std::vector<float> popularity(static_cast<std::size_t>(artists), 0);
  Rng rng(2);
  Matrix users = Matrix::Zero(kQueries, dim);
  for (int u = 0; u < kQueries; ++u) {
    for (int i = 0; i < 10; ++i) {
      const auto artist = static_cast<Eigen::Index>(rng.below(static_cast<std::uint32_t>(artists)));
      users.row(u) += static_cast<float>(10 - i) / 55 * all.row(artist);
    }
  }
  std::vector<std::vector<Scored>> lists;
  for (const bool bytes : {false, true}) {
    const ArtistRanking ranking(all, bias, popularity, bytes);
    std::vector<double> times;
    bool same = true;
    for (int u = 0; u < kQueries; ++u) {
      const RowVector user = users.row(u);
      const auto begin = now();
      std::vector<Scored> list = ranking.best(user, 10, 0, [](int) { return true; });
      const auto end = now();
      times.push_back((end - begin));
      if (!bytes) {
        lists.push_back(std::move(list));
      } else {
        same = same && std::ranges::equal(list, lists[static_cast<std::size_t>(u)],
                                          [](const Scored& a, const Scored& b) {
                                            return a.artist == b.artist && a.score == b.score;
                                          });
      }
    }
    std::cout << artists << " x " << dim << (alike ? " alike" : "")
              << (bytes ? " bytes " : " plain ") << "least " << percentile(times, 0) << " median "
              << percentile(times, 0.5) << " p99 " << percentile(times, 0.99) << " ms"
              << (bytes ? same ? ", same lists" : ", OTHER LISTS" : "") << "\n";
  }
}

// Names of two words out of many.
void run_search(int artists) {
  Rng rng(3);
  const auto word = [&] {
    std::string text;
    const std::uint32_t syllables = 2 + rng.below(3);
    for (std::uint32_t s = 0; s < syllables; ++s) {
      text += "bcdfghklmnprstvz"[rng.below(16)];
      text += "aeiou"[rng.below(5)];
    }
    return text;
  };
  std::vector<std::string> names;
  std::vector<int> place;
  for (int a = 0; a < artists; ++a) {
    names.push_back(word() + " " + word());
    place.push_back(a);
  }
  const auto build = now();
  const NameSearch search(names, place);
  const auto built = now();
  std::cout << artists << " names: index in " << (built - build) << " ms\n";
  for (const std::string kind : {"1 letter", "4 letters", "whole name", "slip"}) {
    std::vector<double> times;
    for (int i = 0; i < 100; ++i) {
      std::string query = names[rng.below(static_cast<std::uint32_t>(artists))];
      if (kind == "1 letter") query.resize(1);
      if (kind == "4 letters") query.resize(4);
      if (kind == "slip") query[query.find(' ') - 1] = 'q';
      const auto begin = now();
      static_cast<void>(search.find(query, 0, 10, [](int) { return true; }));
      const auto end = now();
      times.push_back((end - begin));
    }
    std::cout << "  " << kind << ": median " << percentile(times, 0.5) << " p99 "
              << percentile(times, 0.99) << " ms\n";
  }
}

}  // namespace
}  // namespace mrec

int main(int argc, char** argv) {
  const int artists = argc > 1 ? std::atoi(argv[1]) : 17'632;
  const int dim = argc > 2 ? std::atoi(argv[2]) : 64;
  if (artists < 10 || dim < 1) {
    std::cerr << "usage: mrec-bench-ranking [ARTISTS [DIM]]\n";
    return 2;
  }
  mrec::run(artists, dim, false);
  mrec::run(artists, dim, true);
  mrec::run_search(artists);
  return 0;
}
