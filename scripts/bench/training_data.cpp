#include "training_data.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <numeric>
#include <sstream>
#include <vector>

#include "base/error.h"
#include "base/random.h"

namespace mrec {
namespace {

using Triplets = std::vector<Eigen::Triplet<float>>;

SparseMatrix matrix_of(const Triplets& triplets, Eigen::Index users, Eigen::Index artists) {
  SparseMatrix matrix(users, artists);
  matrix.setFromTriplets(triplets.begin(), triplets.end(), [](float a, float) { return a; });
  return matrix;
}

std::vector<int> shuffled(int count) {
  std::vector<int> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  Rng rng(99);
  shuffle(order, rng);
  return order;
}

}  // namespace

TrainingData read_split(const std::string& train, const std::string& test) {
  std::map<std::string, int> users;
  std::map<std::string, int> artists;
  const auto read = [&](const std::string& path) {
    std::ifstream file(path);
    if (!file) throw InputError(path + ": cannot be read");
    Triplets triplets;
    std::string line;
    std::getline(file, line);
    while (std::getline(file, line)) {
      std::istringstream words(line);
      std::string user;
      std::string artist;
      words >> user >> artist;
      triplets.emplace_back(
          users.try_emplace(user, static_cast<int>(users.size())).first->second,
          artists.try_emplace(artist, static_cast<int>(artists.size())).first->second, 1.0F);
    }
    return triplets;
  };
  Triplets train_triplets = read(train);
  Triplets test_triplets = read(test);
  const std::vector<int> number = shuffled(static_cast<int>(artists.size()));
  for (Triplets* triplets : {&train_triplets, &test_triplets}) {
    for (auto& t : *triplets) {
      t = {t.row(), number[static_cast<std::size_t>(t.col())], t.value()};
    }
  }
  const auto num_users = static_cast<Eigen::Index>(users.size());
  const auto num_artists = static_cast<Eigen::Index>(artists.size());
  return {.name = train,
          .train = matrix_of(train_triplets, num_users, num_artists),
          .test = matrix_of(test_triplets, num_users, num_artists)};
}

TrainingData synthetic(const SyntheticSize& size) {
  constexpr int kGroups = 64;
  const std::vector<int> number = shuffled(size.artists);
  // The artist of popularity p is in the group p % kGroups. Zipf with exponent 1 by inversion: the
  // p-th of n has the probability mass around n^x.
  const int per_group = size.artists / kGroups;
  Triplets triplets;
  const double mean = static_cast<double>(size.interactions) / size.users;
  for (int u = 0; u < size.users; ++u) {
    Rng rng(7, 1, static_cast<std::uint64_t>(u));
    const std::uint32_t tastes[] = {rng.below(kGroups), rng.below(kGroups)};
    const int count = std::max(2, static_cast<int>(-mean * std::log(1 - rng.uniform())));
    for (int i = 0; i < count; ++i) {
      const double zipf = std::pow(per_group, rng.uniform()) - 1;
      const auto place =
          static_cast<int>(std::min<double>(zipf * 1.0 + rng.uniform(), per_group - 1));
      const std::uint32_t group = rng.uniform() < 0.8 ? tastes[i % 2] : rng.below(kGroups);
      triplets.emplace_back(
          u, number[static_cast<std::size_t>(place * kGroups + static_cast<int>(group))], 1.0F);
    }
  }
  return {.name = "synthetic",
          .train = matrix_of(triplets, size.users, size.artists),
          .test = SparseMatrix(size.users, size.artists)};
}

Matrix noise_metadata(int artists, int features, double length) {
  Matrix metadata(artists, features);
  Rng rng(5);
  const double scale = length / std::sqrt(features);
  for (float& value : metadata.reshaped()) {
    value = static_cast<float>((rng.uniform() + rng.uniform() + rng.uniform() - 1.5) * 2 * scale);
  }
  return metadata;
}

}  // namespace mrec
