#pragma once

#include <string>

#include "features/step.h"

namespace mrec::features {

// Words of artists and how often they stand for them.
struct Words {
  SparseMatrix counts;             // [artists x words]
  std::vector<std::string> names;  // [words]
};

// The tags that users gave and the genres of the tracks (cut at ';'), or one of them, that at least
// `min_artists` artists have; the most frequent `max_words` of them, of equals the first by name.
Words words_of(const Knowledge& knowledge, const std::string& source, int min_artists,
               int max_words);

// TF-IDF: log(1 + count) log(artists / artists with the word), every row of length 1 or empty.
SparseMatrix tf_idf(SparseMatrix counts);

// left [rows x dims]: the `dims` largest singular vectors of a matrix, each times its singular
// value. The same for every call: the start is a keyed hash of `seed`, and the largest component of
// a right singular vector is positive. Throws Error when the matrix has not more than `dims` rows
// and columns.
Eigen::MatrixXd truncated_svd(const SparseMatrix& matrix, int dims, std::int64_t seed);

// tag:<name> or genre:<name>: the TF-IDF of the most frequent words.
class TfIdf : public Step {
 public:
  Fields fields() override;
  void apply(Table& table, const Knowledge& knowledge) const override;

 private:
  std::string source_ = "tags";
  int max_words_ = 50;
  int min_artists_ = 5;
};

// svd_000, svd_001, ...: artists by the truncated SVD of their TF-IDF.
class TagSvd : public Step {
 public:
  Fields fields() override;
  void apply(Table& table, const Knowledge& knowledge) const override;

 private:
  std::string source_ = "tags";
  int dims_ = 32;
  int min_artists_ = 2;
  std::int64_t seed_ = 1;
};

}  // namespace mrec::features
