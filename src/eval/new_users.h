#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "eval/evaluate.h"
#include "model/artifact.h"
#include "model/recommend.h"

namespace mrec {

// People whom a model has never seen: what each of them rated, and what is to be predicted.
struct NewUsers {
  std::vector<std::int64_t> ids;             // [users] as in the files
  std::vector<std::vector<Rating>> ratings;  // [users] best first, weighed by rank_weight()
  SparseMatrix rated;                        // [users x artists] never recommended
  SparseMatrix target;                       // [users x artists]

  [[nodiscard]] int size() const { return static_cast<int>(ratings.size()); }
};

// From two files of `userID artistID weight`. Each user of the survey rates his `num_ratings`
// artists with the largest weights; all artists of the survey are left out of the lists. Users
// without a target are passed over. Throws InputError for a user whom the model was trained on, and
// for an artist that its catalogue lacks.
NewUsers read_new_users(const std::string& survey_path, const std::string& target_path,
                        const Artifact& model, int num_ratings);

// Vectors [users x d] of new users by fold-in, or by the plain mean of the original.
Matrix vectors_by_fold_in(const Artifact& model, const NewUsers& users);
Matrix vectors_by_mean(const Artifact& model, const NewUsers& users);

}  // namespace mrec
