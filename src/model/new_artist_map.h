#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/matrix.h"
#include "dataset/dataset.h"

namespace mrec {

// Carries what is known of an artist whom nobody has heard to where training would put it:
//   (q, b) = map' (number of users who gave each tag, metadata - their mean, 1)
// The ridge regression that does so for the artists with listeners. Counts stay as they are: they
// tell the much tagged, who are the much heard, from the rest.
struct NewArtistMap {
  std::vector<std::string> tag_names;      // [T]
  std::vector<std::string> feature_names;  // [F]
  Vector feature_mean;                     // [F]
  Matrix map;  // [(T + F + 1) x (d + 1)], the last column for the bias; or nothing

  [[nodiscard]] bool empty() const { return map.size() == 0; }
  [[nodiscard]] int num_tags() const { return static_cast<int>(tag_names.size()); }

  // Representations and biases [n x (d + 1)] for `tags` [n x T'] and metadata [n x F'] of these
  // names, in any order; what the map does not know is passed over, what is not given is as usual.
  [[nodiscard]] Matrix place(const SparseMatrix& tags, const std::vector<std::string>& tags_of,
                             const FeatureMatrix& features) const;
};

// The regression for some columns of the representations at a time, so that ranks can share them.
class NewArtistFit {
 public:
  // What is known of the artists that count: X = (tags, rest) [n x (T + F + 1)].
  struct Known {
    SparseMatrix tags;  // [n x T]
    Matrix rest;        // [n x (F + 1)] metadata, each of deviation 1, and ones

    [[nodiscard]] Vector squared_lengths() const;                      // of the columns
    [[nodiscard]] Matrix times(const Matrix& right) const;             // X right
    [[nodiscard]] Matrix transposed_times(const Matrix& right) const;  // X' right
  };

  // Everything of all artists: `tags` [A x T], metadata [A x F], `listeners` [A] in train. Of the
  // metadata the number of listeners is left out: a new artist has none. An artist counts when it
  // has listeners and, where there are tags, a tag.
  NewArtistFit(const SparseMatrix& tags, std::vector<std::string> tag_names,
               const FeatureMatrix& features, std::span<const int> listeners);

  // False: nothing is known of any artist with listeners.
  [[nodiscard]] bool is_possible() const { return !artists_.empty(); }
  // Columns [(T + F + 1) x k] of the map for columns [A x k] of (factors, bias).
  [[nodiscard]] Matrix solve(const Matrix& columns) const;
  // The map of all columns.
  [[nodiscard]] NewArtistMap with(Matrix map) &&;

 private:
  NewArtistMap map_;          // all but the map
  std::vector<int> artists_;  // that count
  Vector deviation_;          // [F], 1 for a constant column
  Known known_;
};

}  // namespace mrec
