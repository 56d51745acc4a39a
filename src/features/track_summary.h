#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/numbered_texts.h"
#include "base/stable_vector.h"
#include "dataset/spotify.h"

namespace mrec::features {

// Number, sum and sum of squares of values, each counted `weight` times.
struct Moments {
  double weight = 0;
  double sum = 0;
  double squares = 0;

  void add(double value, double times) {
    weight += times;
    sum += times * value;
    squares += times * value * value;
  }
  void add(const Moments& other, double times = 1) {
    weight += times * other.weight;
    sum += times * other.sum;
    squares += times * other.squares;
  }
};

// A column of an artist's tracks. Sums are those of value - shift, where shift is the first value
// met: so deviations do not cancel.
struct ColumnSummary {
  float shift = 0;
  float min = spotify::kMissing;
  float max = spotify::kMissing;
  int count = 0;
  double sum = 0;
  double squares = 0;
};

// The same sums by popularity.
struct PopularitySummary {
  Moments rated;    // tracks with a popularity, each counted 1 + popularity times
  Moments unrated;  // tracks without
  Moments best;     // the most popular tracks
};

// A number for every column of a track, so that all of them are added up at once.
template <typename T>
using ByColumn = std::array<T, spotify::kNumColumns>;

struct ColumnSums {
  ByColumn<float> shift{};
  ByColumn<float> min = every(spotify::kMissing);
  ByColumn<float> max = every(spotify::kMissing);
  ByColumn<int> count{};
  ByColumn<double> sum{};
  ByColumn<double> squares{};

 private:
  static constexpr ByColumn<float> every(float value) {
    ByColumn<float> values{};
    values.fill(value);
    return values;
  }
};

struct MomentSums {
  ByColumn<double> weight{};
  ByColumn<double> sum{};
  ByColumn<double> squares{};
};

struct PopularitySums {
  MomentSums rated;
  MomentSums unrated;
  MomentSums best;
};

// What is to be kept besides the sums of all tracks.
struct Wanted {
  bool popularity = false;  // for TrackRule::kWeighted and kPopular
  bool sample = false;      // for quantiles

  friend Wanted operator|(Wanted a, Wanted b) {
    return {a.popularity || b.popularity, a.sample || b.sample};
  }
};

struct GenreCount {
  int genre = 0;  // index into TrackSummary::genres()
  int all = 0;    // rows of tracks
  int best = 0;   // of the most popular tracks
  int unrated = 0;
};

inline constexpr int kNumKeys = 12;
inline constexpr int kFirstDecade = 1940;  // and all before it
inline constexpr int kNumDecades = 9;      // the last is that of the 2020s and all after it

// What a summary wants to know of a track.
struct TrackNote {
  std::array<float, spotify::kNumColumns> values;
  std::uint64_t hash = 0;  // of id and name, when there are samples
  int genre = 0;
  int former_genre = -1;  // not -1: has been added, and is of another genre after all

  [[nodiscard]] float value(spotify::Column column) const {
    return values[static_cast<std::size_t>(column)];
  }
};

// Which tracks stand for an artist.
enum class TrackRule {
  kAll,
  kWeighted,  // all, each counted 1 + popularity times
  kPopular,   // the most popular track, or all that are equally popular
};

struct Statistics {
  float mean = spotify::kMissing;
  float deviation = spotify::kMissing;  // of the population; 0 for a single value
};

struct ArtistTracks {
  int tracks = 0;
  int unrated = 0;             // of them without a popularity
  float best_popularity = -1;  // -1: none has one
  ColumnSums columns;
  std::vector<PopularitySums> by_popularity;  // one or, when not wanted, none
  std::array<int, kNumKeys> keys{};
  std::array<int, kNumDecades> decades{};
  std::vector<GenreCount> genres;
  // At most kSample tracks, those with the smallest hashes of what they are: the same in any order
  // of the files. When full, with their hashes, and a heap with the largest in front; before with
  // those of id and name alone, which are made whole when it matters.
  std::vector<std::pair<std::uint64_t, std::array<float, spotify::kNumColumns>>> sample;

  [[nodiscard]] ColumnSummary column(spotify::Column column) const;
  // Needs Wanted::popularity.
  [[nodiscard]] PopularitySummary popularity(spotify::Column column) const;
  // `assumed_popularity` (0..100) is taken for tracks without one. Rules other than kAll need
  // Wanted::popularity.
  [[nodiscard]] Statistics statistics(spotify::Column column, TrackRule rule,
                                      float assumed_popularity) const;
};

// The sample of an artist, every column in ascending order. Needs Wanted::sample.
class SortedSample {
 public:
  explicit SortedSample(const ArtistTracks& tracks);

  // The value that a share `q` (0..1) of the tracks stays below, between neighbours by linear
  // interpolation; exact up to kSample tracks, of a random sample beyond.
  [[nodiscard]] float quantile(spotify::Column column, double q) const;

  static constexpr std::size_t kMost = 128;  // tracks

 private:
  using Row = std::array<float, spotify::kNumColumns>;

  std::array<Row, kMost> rows_;  // [tracks]; of each column the known values, then infinity
  std::array<int, spotify::kNumColumns> counts_{};
};

// What is kept of the tracks of artists while they pass by once: memory grows with artists, not
// with tracks. The first tracks of an artist are held as they are, which most artists have no more
// of; with further ones they become sums. The order of the tracks decides nothing but the last
// digits of sums.
class TrackSummary {
 public:
  static constexpr std::size_t kSample = SortedSample::kMost;

  explicit TrackSummary(int num_artists, Wanted wanted = {});

  // A further artist without tracks.
  void add_artist() { artists_.emplace_back(); }
  void add(int artist, const spotify::Track& track) { add(artist, noted(track)); }
  // A track that has been added stands in another genre than `former` after all.
  void change_genre(int artist, const spotify::Track& track, const std::string& former) {
    add(artist, noted(track, &former));
  }

  // The same in two steps, so that notes may wait until the artist is fetched into the cache:
  // prefetch(artist) first, then prefetch_place(artist), then add.
  [[nodiscard]] TrackNote noted(const spotify::Track& track, const std::string* former = nullptr);
  void add(int artist, const TrackNote& note);
  void prefetch(int artist) const;
  void prefetch_place(int artist) const;

  // Takes out the artists with these numbers, in this order; -1 is one without tracks.
  [[nodiscard]] TrackSummary take(std::span<const int> artists) &&;

  // All that is known of an artist, summed up anew by each call unless it has many tracks. May be
  // called from several threads at once.
  [[nodiscard]] ArtistTracks of(int artist) const;
  [[nodiscard]] int num_artists() const { return static_cast<int>(artists_.size()); }
  [[nodiscard]] std::int64_t num_tracks() const;  // (track, artist) pairs
  [[nodiscard]] int num_tracks(int artist) const {
    return static_cast<int>(artists_[static_cast<std::size_t>(artist)].tracks);
  }
  [[nodiscard]] const std::vector<std::string>& genres() const { return genres_; }
  // Shares of the tracks that lack a column, 0..1; 1 without tracks.
  [[nodiscard]] std::array<double, spotify::kNumColumns> missing() const;

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  // What is held of four tracks, the values of each on a cache line of their own.
  struct alignas(64) Block {
    std::array<ByColumn<float>, 4> values;
    std::array<std::uint64_t, 4> hashes;
    std::array<std::int32_t, 4> genres;
    std::uint32_t next = kNone;
  };
  // Either a chain of blocks or sums.
  struct Artist {
    std::uint32_t tracks = 0;
    std::uint32_t first = kNone;
    std::uint32_t last = kNone;
    std::uint32_t sums = kNone;
  };

  int genre_number(std::string_view genre);
  // Adds to all that an artist's tracks are summed up to.
  void sum(ArtistTracks& artist, const TrackNote& note) const;
  // Adds what is held of an artist.
  void add_held(ArtistTracks& sums, const Artist& artist) const;
  void prefetch_block(std::uint32_t block) const;
  void hold(Artist& artist, const TrackNote& note);
  void change_held_genre(Artist& artist, const TrackNote& note);
  void become_sums(Artist& artist);
  // f(block, place) for what is held of an artist in `blocks`, in the order of its tracks, until f
  // returns false.
  template <typename Blocks, typename Function>
  static void for_each_held(Blocks& blocks, const Artist& artist, Function f);

  std::vector<Artist> artists_;
  StableVector<Block> blocks_;
  std::uint32_t free_blocks_ = kNone;  // a chain
  std::deque<ArtistTracks> sums_;
  Wanted wanted_;
  std::uint32_t most_held_;
  std::vector<std::string> genres_;
  NumberedTexts genre_numbers_;
};

}  // namespace mrec::features
