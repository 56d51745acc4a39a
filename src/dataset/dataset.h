#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hdf5.h"
#include "base/matrix.h"
#include "base/params.h"
#include "dataset/id_map.h"

namespace mrec {

// Interactions of one part of the split.
struct Interactions {
  SparseMatrix weights;      // [users x artists], > 0
  std::vector<float> plays;  // the raw count behind each entry of `weights`, in its order
};

// What is known of artists besides who listens to them.
struct FeatureMatrix {
  SparseMatrix values;             // [artists x features]
  std::vector<std::string> names;  // [features]
  std::vector<std::string> types;  // [features] "indicator" or "numeric"
};

// All that training and evaluation need.
//
// dataset.h5, @format = "mrec-dataset", @format_version = 1:
//   users/id            int64 [U]
//   artists/id          int64 [A]    in the order of a keyed hash
//   artists/name        text  [A]
//   artists/genre       text  [A]    one label to show, "" when unknown
//   artists/num_tracks  int32 [A]    Spotify tracks behind the features
//   train, valid, test  CSR [U x A]; data = weight; and beside it plays float32
//   features            CSR [A x F]; features/name, features/type text [F]
//   tags                CSR [A x T], number of users who gave the tag, held-out pairs left out;
//                       tags/name text [T]
//   params              attributes: the options that made the file
//   provenance          attributes: created_by, created_at, sha256 of every source file
struct Dataset {
  IdMap users;
  IdMap artists;
  std::vector<std::string> artist_names;   // [A]
  std::vector<std::string> artist_genres;  // [A]
  std::vector<int> artist_num_tracks;      // [A]
  Interactions train;
  Interactions valid;  // no entries when the split has no such part
  Interactions test;
  FeatureMatrix features;
  SparseMatrix tags;                   // [A x T]
  std::vector<std::string> tag_names;  // [T]
};

inline constexpr std::string_view kDatasetFormat = "mrec-dataset";
inline constexpr int kDatasetVersion = 1;

// `params` and `provenance` become attributes. Throws Error.
void save(const std::string& path, const Dataset& dataset, const Fields& params,
          const std::vector<std::pair<std::string, std::string>>& provenance);

// An open dataset.h5, from which a rank reads no more than it needs. Every function throws
// InputError naming file and object when something is missing or does not fit together.
class DatasetFile {
 public:
  explicit DatasetFile(const std::string& path, h5::Sum sum = h5::Sum::kCheck);

  [[nodiscard]] int num_users() const { return num_users_; }
  [[nodiscard]] int num_artists() const { return num_artists_; }
  // `part` is "train", "valid" or "test".
  [[nodiscard]] std::vector<std::int64_t> row_offsets(const std::string& part) const;  // [U + 1]
  // Users [first, last) of a part: [last - first x A].
  [[nodiscard]] Interactions interactions(const std::string& part, int first, int last) const;
  [[nodiscard]] Interactions interactions(const std::string& part) const;
  [[nodiscard]] IdMap users() const;
  [[nodiscard]] IdMap artists() const;
  [[nodiscard]] std::vector<std::string> artist_names() const;
  [[nodiscard]] std::vector<std::string> artist_genres() const;
  [[nodiscard]] FeatureMatrix features() const;
  [[nodiscard]] SparseMatrix tags() const;  // [A x T]
  [[nodiscard]] std::vector<std::string> tag_names() const;
  // Hash of the file's content, so that a model can say what it was trained on.
  [[nodiscard]] std::string sha256() const;
  // Text attributes of "params" or "provenance"; "" when absent.
  [[nodiscard]] std::string attribute(const std::string& group, const std::string& name) const;

 private:
  h5::Reader file_;
  int num_users_ = 0;
  int num_artists_ = 0;
};

// All of it at once.
Dataset load_dataset(const std::string& path);

}  // namespace mrec
