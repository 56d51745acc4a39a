#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

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

// A column of an artist's tracks. Moments are those of value - shift, where shift is the first
// value met: so deviations do not cancel.
struct ColumnSummary {
  float shift = 0;
  float min = spotify::kMissing;
  float max = spotify::kMissing;
  Moments rated;     // tracks with a popularity
  Moments weighted;  // the same, each counted 1 + popularity times
  Moments unrated;   // tracks without
  Moments best;      // the most popular tracks
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

struct ArtistTracks {
  int tracks = 0;
  int unrated = 0;             // of them without a popularity
  float best_popularity = -1;  // -1: none has one
  std::array<ColumnSummary, spotify::kNumColumns> columns{};
  std::array<int, kNumKeys> keys{};
  std::array<int, kNumDecades> decades{};
  std::vector<GenreCount> genres;
  // At most kSample tracks, those with the smallest hashes of what they are: the same in any order
  // of the files. With them their hashes, as a heap with the largest in front.
  std::vector<std::pair<std::uint64_t, std::array<float, spotify::kNumColumns>>> sample;
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

// What is kept of the tracks of the catalogue while they pass by once: memory grows with artists,
// not with tracks. The order of the tracks decides nothing but the last digits of sums.
class TrackSummary {
 public:
  static constexpr std::size_t kSample = 128;

  // `with_sample` keeps what quantile() needs.
  TrackSummary(int num_artists, bool with_sample);

  void add(int artist, const spotify::Track& track);
  // One more genre of a track that has been added.
  void add_genre(int artist, const spotify::Track& track);

  [[nodiscard]] const ArtistTracks& of(int artist) const {
    return artists_[static_cast<std::size_t>(artist)];
  }
  [[nodiscard]] int num_artists() const { return static_cast<int>(artists_.size()); }
  [[nodiscard]] std::int64_t num_tracks() const { return num_tracks_; }  // (track, artist) pairs
  [[nodiscard]] const std::vector<std::string>& genres() const { return genres_; }
  // Share of the tracks that lack a column, 0..1; 1 without tracks.
  [[nodiscard]] double missing(spotify::Column column) const;

  // `popularity` (0..100) is taken for tracks without one.
  [[nodiscard]] Statistics statistics(int artist, spotify::Column column, TrackRule rule,
                                      float popularity) const;
  // The value that a share `q` (0..1) of the tracks stays below, between neighbours by linear
  // interpolation; exact up to kSample tracks, of a random sample beyond.
  [[nodiscard]] float quantile(int artist, spotify::Column column, double q) const;

 private:
  void count_genre(ArtistTracks& artist, const spotify::Track& track);
  void sample(ArtistTracks& artist, const spotify::Track& track);

  std::vector<ArtistTracks> artists_;
  std::array<std::int64_t, spotify::kNumColumns> known_{};
  std::int64_t num_tracks_ = 0;
  bool with_sample_;
  std::vector<std::string> genres_;
  std::unordered_map<std::string, int> genre_index_;
};

}  // namespace mrec::features
