#include "dataset/synthesize.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>
#include <span>
#include <utility>

#include "base/error.h"
#include "base/hdf5.h"
#include "base/matrix.h"
#include "base/random.h"
#include "dataset/dataset.h"
#include "dataset/split.h"
#include "dataset/weighting.h"

namespace mrec {
namespace {

// Keys of the draws.
constexpr std::uint64_t kTaste = 32ULL << 32;
constexpr std::uint64_t kPopularity = 33ULL << 32;
constexpr std::uint64_t kActivity = 34ULL << 32;
constexpr std::uint64_t kHearing = 35ULL << 32;
constexpr std::uint64_t kUserTaste = 36ULL << 32;

constexpr int kBatch = 4096;             // users that are made at a time
constexpr double kActivitySpread = 0.8;  // of the logarithm of a user's number of artists
constexpr int kOffersPerArtist = 1000;   // after which a user takes any artist

double normal(Rng& rng) {  // Box and Muller, 1958
  const double radius = std::sqrt(-2 * std::log(1 - rng.uniform()));
  return radius * std::cos(2 * std::numbers::pi * rng.uniform());
}

Matrix tastes_of(int count, std::int64_t first, const SynthesizeParams& params,
                 std::uint64_t what) {
  // Products of two rows have variance 1.
  const double scale = std::pow(params.tastes, -0.25);
  Matrix tastes(count, params.tastes);
  for (int r = 0; r < count; ++r) {
    Rng rng(static_cast<std::uint64_t>(params.seed), what, static_cast<std::uint64_t>(first + r));
    for (float& value : tastes.row(r)) value = static_cast<float>(scale * normal(rng));
  }
  return tastes;
}

// Draws an artist by popularity in constant time (Walker 1977).
class Popularity {
 public:
  explicit Popularity(const SynthesizeParams& params)
      : share_(static_cast<std::size_t>(params.artists)), other_(share_.size()) {
    // Which artist is how popular tells nothing about its index.
    std::vector<int> ranks(share_.size());
    std::iota(ranks.begin(), ranks.end(), 1);
    Rng rng(static_cast<std::uint64_t>(params.seed), kPopularity);
    shuffle(ranks, rng);
    std::ranges::transform(ranks, share_.begin(),
                           [&](int rank) { return std::pow(rank, -params.popularity_exponent); });
    const double mean = std::reduce(share_.begin(), share_.end()) / params.artists;
    std::vector<int> poor;
    std::vector<int> rich;
    for (int a = 0; a < params.artists; ++a) {
      share(a) /= mean;
      (share(a) < 1 ? poor : rich).push_back(a);
    }
    std::iota(other_.begin(), other_.end(), 0);
    while (!poor.empty() && !rich.empty()) {
      const int a = poor.back();
      const int giver = rich.back();
      poor.pop_back();
      other_[static_cast<std::size_t>(a)] = giver;
      share(giver) -= 1 - share(a);
      if (share(giver) >= 1) continue;
      rich.pop_back();
      poor.push_back(giver);
    }
    // What is left is 1 but for rounding.
    for (const int a : poor) share(a) = 1;
  }

  [[nodiscard]] int draw(Rng& rng) const {
    const std::uint32_t a = rng.below(static_cast<std::uint32_t>(share_.size()));
    return rng.uniform() < share_[a] ? static_cast<int>(a) : other_[a];
  }

 private:
  double& share(int artist) { return share_[static_cast<std::size_t>(artist)]; }

  std::vector<double> share_;
  std::vector<int> other_;
};

// [users] log-normal numbers of artists, `interactions` in all but for rounding and bounds.
class Activity {
 public:
  explicit Activity(const SynthesizeParams& params) : params_(params) {
    double sum = 0;
    for (int u = 0; u < params.users; ++u) sum += weight(u);
    scale_ = static_cast<double>(params.interactions) / sum;
  }
  // To be asked user after user.
  int next(int user) {
    // At least one for each part; beyond half of all artists tastes would mean nothing.
    constexpr int kFewest = 3;
    const double most = params_.artists / 2;  // NOLINT(bugprone-integer-division)
    due_ += scale_ * weight(user);
    const auto count = static_cast<int>(std::clamp<double>(std::floor(due_), kFewest, most));
    due_ = std::clamp<double>(due_ - count, 0, 1);
    return count;
  }

 private:
  [[nodiscard]] double weight(int user) const {
    Rng rng(static_cast<std::uint64_t>(params_.seed), kActivity, static_cast<std::uint64_t>(user));
    return std::exp(kActivitySpread * normal(rng));
  }

  const SynthesizeParams& params_;
  double scale_ = 1;
  double due_ = 0;  // interactions that rounding has left
};

// What one user hears, appended to `plays`.
class Listening {
 public:
  Listening(const SynthesizeParams& params, const Popularity& popularity, const Matrix& artists)
      : params_(params),
        popularity_(popularity),
        artists_(artists),
        heard_(static_cast<std::size_t>(params.artists)) {}

  void listen(int user, int count, const Eigen::Ref<const RowVector>& taste,
              std::vector<lastfm::Play>& plays) {
    Rng rng(static_cast<std::uint64_t>(params_.seed), kHearing, static_cast<std::uint64_t>(user));
    const std::size_t first = plays.size();
    const std::int64_t patience = std::int64_t{kOffersPerArtist} * count;
    for (std::int64_t offers = 0; std::cmp_less(plays.size() - first, count); ++offers) {
      const bool patient = offers < patience;
      const int artist =
          patient ? popularity_.draw(rng)
                  : static_cast<int>(rng.below(static_cast<std::uint32_t>(params_.artists)));
      if (heard_[static_cast<std::size_t>(artist)] != 0) continue;
      const double affinity = artists_.row(artist).dot(taste);
      const double chance = 1 / (1 + std::exp(4 - params_.taste_strength * affinity));
      if (patient && rng.uniform() >= chance) continue;
      heard_[static_cast<std::size_t>(artist)] = 1;
      plays.push_back({user, artist, 1 + std::floor(std::exp(2 + affinity + normal(rng)))});
    }
    for (std::size_t i = first; i < plays.size(); ++i) {
      heard_[static_cast<std::size_t>(plays[i].artist_id)] = 0;
    }
  }

 private:
  const SynthesizeParams& params_;
  const Popularity& popularity_;
  const Matrix& artists_;
  std::vector<char> heard_;  // [artists] by the user at hand
};

// One part of the split on its way into the file.
class Part {
 public:
  Part(h5::Writer& file, std::string name) : file_(file), name_(std::move(name)) {}

  // Plays of the next users [users x artists] and their weights.
  void add(const SparseMatrix& plays, const SparseMatrix& weights) {
    for (int u = 0; u < plays.rows(); ++u) {
      offsets_.push_back(offsets_.back() + plays.outerIndexPtr()[u + 1] - plays.outerIndexPtr()[u]);
    }
    const auto count = static_cast<std::size_t>(plays.nonZeros());
    const auto append = [count](auto& to, const auto* from) {
      to.insert(to.end(), from, from + count);
    };
    append(indices_, plays.innerIndexPtr());
    append(plays_, plays.valuePtr());
    append(weights_, weights.valuePtr());
    write(indices_.size() / h5::Writer::kChunk * h5::Writer::kChunk);
  }
  // Returns the number of interactions.
  std::int64_t finish(int num_artists) {
    write(indices_.size());
    file_.sparse_offsets(name_, num_artists, offsets_);
    return offsets_.back();
  }

 private:
  void write(std::size_t count) {
    const auto move = [&](const std::string& what, auto& from) {
      file_.append(name_ + what, std::span(std::as_const(from)).first(count));
      from.erase(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(count));
    };
    move("/indices", indices_);
    move("/data", weights_);
    move("/plays", plays_);
  }

  h5::Writer& file_;
  std::string name_;
  std::vector<std::int64_t> offsets_{0};
  std::vector<int> indices_;  // not yet written, as are
  std::vector<float> plays_;
  std::vector<float> weights_;
};

// `plays` of the users from `first` on [count x artists].
SparseMatrix matrix_of(const std::vector<lastfm::Play>& plays, int first, int count, int artists) {
  std::vector<Eigen::Triplet<float>> entries;
  entries.reserve(plays.size());
  for (const lastfm::Play& play : plays) {
    entries.emplace_back(static_cast<int>(play.user_id) - first, static_cast<int>(play.artist_id),
                         static_cast<float>(play.plays));
  }
  SparseMatrix matrix(count, artists);
  matrix.setFromTriplets(entries.begin(), entries.end());
  return matrix;
}

// Who they are: ids that count from 1; artists without names and tracks.
void write_identities(h5::Writer& file, const SynthesizeParams& params) {
  std::vector<std::int64_t> ids(static_cast<std::size_t>(std::max(params.users, params.artists)));
  std::iota(ids.begin(), ids.end(), 1);
  const std::span<const std::int64_t> all(ids);
  file.int64s("users/id", all.first(static_cast<std::size_t>(params.users)));
  const auto artists = static_cast<std::size_t>(params.artists);
  file.int64s("artists/id", all.first(artists));
  std::vector<std::string> names(artists);
  for (std::size_t a = 0; a < artists; ++a) names[a] = "artist " + std::to_string(a + 1);
  file.strings("artists/name", names);
  file.strings("artists/genre", std::vector<std::string>(artists));
  file.ints("artists/num_tracks", std::vector<int>(artists));
  const SparseMatrix nothing(params.artists, 0);
  file.sparse("features", nothing);
  file.strings("features/name", {});
  file.strings("features/type", {});
  file.sparse("tags", nothing);
  file.strings("tags/name", {});
}

}  // namespace

Fields SynthesizeParams::fields() {
  constexpr double kMost = 2'000'000'000;
  return {
      {.name = "users", .value = &users, .help = "number of users", .min = 1, .max = kMost},
      {.name = "artists", .value = &artists, .help = "number of artists", .min = 6, .max = kMost},
      {.name = "interactions",
       .value = &interactions,
       .help = "users and their artists, all parts together; a user has at least 3",
       .min = 1,
       .max = 1e15},
      {.name = "tastes",
       .value = &tastes,
       .help = "length of the vectors that tell who likes what",
       .min = 1,
       .max = 1024},
      {.name = "taste_strength",
       .value = &taste_strength,
       .help = "how much tastes decide beside popularity; 0: not at all",
       .min = 0,
       .max = 100},
      {.name = "popularity_exponent",
       .value = &popularity_exponent,
       .help = "popularity is rank^-exponent (Zipf)",
       .min = 0,
       .max = 3},
      {.name = "train_share",
       .value = &train_share,
       .help = "share of a user's artists for training",
       .min = 0,
       .max = 1},
      {.name = "valid_share",
       .value = &valid_share,
       .help = "share for validation; the rest is for testing",
       .min = 0,
       .max = 1},
      {.name = "seed", .value = &seed, .help = "decides all random draws"},
  };
}

SynthesizedSizes synthesize(const std::string& path, SynthesizeParams params,
                            const std::vector<std::pair<std::string, std::string>>& provenance) {
  if (params.interactions / params.users > params.artists / 4) {
    throw InputError("interactions = " + std::to_string(params.interactions) + " makes " +
                     std::to_string(params.interactions / params.users) +
                     " per user, more than a quarter of the artists; use fewer, or more users or "
                     "artists");
  }
  constexpr std::int64_t kBytesPerInteraction = 12;
  constexpr std::int64_t kBytesPerUser = 32;
  constexpr std::int64_t kBytesPerArtist = 128;
  h5::Writer file(path, kDatasetFormat, kDatasetVersion,
                  kBytesPerInteraction * params.interactions + kBytesPerUser * params.users +
                      kBytesPerArtist * params.artists);
  write_identities(file, params);

  const Popularity popularity(params);
  const Matrix artists = tastes_of(params.artists, 0, params, kTaste);
  Activity activity(params);
  Listening listening(params, popularity, artists);
  std::array<Part, 3> parts{Part(file, "train"), Part(file, "valid"), Part(file, "test")};
  const SplitParams split{
      .train_share = params.train_share, .valid_share = params.valid_share, .seed = params.seed};
  for (int first = 0; first < params.users; first += std::min(kBatch, params.users - first)) {
    const int count = std::min(kBatch, params.users - first);
    const Matrix users = tastes_of(count, first, params, kUserTaste);
    std::vector<lastfm::Play> plays;
    for (int u = 0; u < count; ++u) {
      listening.listen(first + u, activity.next(first + u), users.row(u), plays);
    }
    const SplitPlays lists = split_plays(plays, split);
    const SparseMatrix train = matrix_of(lists.train, first, count, params.artists);
    const std::array<const std::vector<lastfm::Play>*, 3> all{&lists.train, &lists.valid,
                                                              &lists.test};
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const SparseMatrix part = matrix_of(*all[i], first, count, params.artists);
      parts[i].add(part, weigh(part, train, {}));
    }
  }
  const SynthesizedSizes sizes{.train = parts[0].finish(params.artists),
                               .valid = parts[1].finish(params.artists),
                               .test = parts[2].finish(params.artists)};
  file.group("params");
  file.fields("params", params.fields());
  file.group("provenance");
  for (const auto& [name, value] : provenance) file.attribute("provenance", name, value);
  file.commit();
  return sizes;
}

}  // namespace mrec
