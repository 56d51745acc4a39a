#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hdf5.h"
#include "base/matrix.h"
#include "dataset/id_map.h"
#include "model/new_artist_map.h"
#include "model/train_params.h"

namespace mrec {

// One of the artists that a new user is asked to rank.
struct SurveyArtist {
  int artist = 0;  // index
  std::string genre;
};

// A finished model with all that recommending and serving need; no other file is read.
//
// model.h5, @format = "mrec-model", @format_version = 7:
//   artists/id         int64 [A]; artists/name, artists/genre text [A];
//   artists/listeners  int32 [A]     users with the artist in train
//   artist_factors     float32 [A x d]  composed representation: identity + metadata embeddings
//   artist_bias        float32 [A]
//   users/id           int64 [U]; user_factors float32 [U x d]; user_bias float32 [U]
//   features/name      text [F]; feature_factors float32 [F x d]; feature_bias float32 [F]
//   fold_in/map        float32 [(d + 1) x d]  (weighted mean of heard artists, 1) -> user vector
//   fold_in/gram       float32 [d x d]  artist_factors' artist_factors; with loss ials only
//   new_artists/map    float32 [(T + F + 1) x (d + 1)]  tags and metadata -> factors and bias of a
//                      new artist; new_artists/tag text [T], new_artists/feature text [F],
//                      new_artists/feature_mean float32 [F]; only where artists are described
//   calibration        attributes slope, offset: score = 1 / (1 + exp(-(slope raw + offset)))
//   survey/artist_id   int64 [S]; survey/genre text [S]
//   params, metrics, provenance   text attributes
// What the provenance calls "trained_on" when a model was fitted to both parts.
inline constexpr const char* kTrainAndValidation = "train and validation";

struct Artifact {
  IdMap artists;
  std::vector<std::string> artist_names;   // [A], UTF-8
  std::vector<std::string> artist_genres;  // [A], "" when unknown
  std::vector<int> artist_listeners;       // [A]
  Matrix artist_factors;                   // [A x d]
  Vector artist_bias;                      // [A]
  IdMap users;
  Matrix user_factors;                     // [U x d]
  Vector user_bias;                        // [U]; shifts a user's scores, never their order
  std::vector<std::string> feature_names;  // [F] metadata features
  Matrix feature_factors;                  // [F x d]
  Vector feature_bias;                     // [F]
  Matrix fold_in_map;                      // [(d + 1) x d]
  Matrix fold_in_gram;                     // [d x d], or nothing
  NewArtistMap new_artists;                // perhaps empty
  double calibration_slope = 1;
  double calibration_offset = 0;
  std::vector<SurveyArtist> survey;
  TrainParams params;
  std::vector<std::pair<std::string, std::string>> metrics;     // name, value
  std::vector<std::pair<std::string, std::string>> provenance;  // name, value
  std::string sha256;  // of the content of the file that it was loaded from, or ""

  [[nodiscard]] int num_artists() const { return artists.size(); }
  [[nodiscard]] int dim() const { return static_cast<int>(artist_factors.cols()); }

  // Throws InputError naming file and object when the file is not a whole, sound model.
  static Artifact load(const std::string& path);
  // Appears whole or not at all. Throws Error.
  void save(const std::string& path) const;
};

// model.h5 as it is written where users are so many that nobody has them all in memory. It appears
// with commit(), whole or not at all. All functions throw Error.
class ArtifactFile {
 public:
  // `model` may lack its user_factors and user_bias: they are not read.
  ArtifactFile(const std::string& path, const Artifact& model);
  // `rows` [users x (d + 1)], factors and bias, of the next users.
  void add_users(std::span<const float> rows);
  void commit();

 private:
  h5::Writer file_;
  std::size_t dim_;
};

inline constexpr std::string_view kModelFormat = "mrec-model";
inline constexpr int kModelVersion = 7;

}  // namespace mrec
