#include "eval/new_users.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "dataset/lastfm.h"

namespace mrec {
namespace {

using PlaysOfUser = std::map<std::int64_t, std::vector<lastfm::Play>>;

PlaysOfUser read_plays(const std::string& path, const Artifact& model) {
  ReadReport report;
  PlaysOfUser plays;
  for (const lastfm::Play& play : lastfm::read_split_file(path, report)) {
    if (model.users.find(play.user_id)) {
      throw InputError(path + ": user " + std::to_string(play.user_id) +
                       " is not new: the model was trained on this user");
    }
    if (!model.artists.find(play.artist_id)) {
      throw InputError(path + ": artist " + std::to_string(play.artist_id) +
                       " is not in the model's catalogue");
    }
    plays[play.user_id].push_back(play);
  }
  return plays;
}

SparseMatrix to_matrix(const std::vector<std::vector<int>>& rows, int columns) {
  std::vector<Eigen::Triplet<float>> entries;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (const int column : rows[row]) entries.emplace_back(static_cast<int>(row), column, 1.0F);
  }
  SparseMatrix matrix(std::ssize(rows), columns);
  matrix.setFromTriplets(entries.begin(), entries.end());
  return matrix;
}

Matrix vectors_by(RowVector (*fold)(const Artifact&, std::span<const Rating>),
                  const Artifact& model, const NewUsers& users) {
  Matrix vectors(users.size(), model.dim());
  for (int u = 0; u < users.size(); ++u) {
    vectors.row(u) = fold(model, users.ratings[static_cast<std::size_t>(u)]);
  }
  return vectors;
}

}  // namespace

NewUsers read_new_users(const std::string& survey_path, const std::string& target_path,
                        const Artifact& model, int num_ratings) {
  PlaysOfUser survey = read_plays(survey_path, model);
  const PlaysOfUser targets = read_plays(target_path, model);
  NewUsers users;
  std::vector<std::vector<int>> rated;
  std::vector<std::vector<int>> target;
  const auto artist_of = [&](const lastfm::Play& play) {
    return *model.artists.find(play.artist_id);
  };
  for (auto& [user, plays] : survey) {
    const auto found = targets.find(user);
    if (found == targets.end()) continue;
    std::ranges::stable_sort(plays, std::greater{}, &lastfm::Play::plays);
    users.ids.push_back(user);
    std::vector<Rating>& ratings = users.ratings.emplace_back();
    std::vector<int>& known = rated.emplace_back();
    for (const lastfm::Play& play : plays) {
      const int rank = static_cast<int>(known.size()) + 1;
      if (rank <= num_ratings) ratings.push_back({artist_of(play), rank_weight(rank)});
      known.push_back(artist_of(play));
    }
    std::vector<int>& wanted = target.emplace_back();
    for (const lastfm::Play& play : found->second) wanted.push_back(artist_of(play));
  }
  if (users.ratings.empty()) {
    throw InputError(target_path + ": has no user of " + survey_path);
  }
  users.rated = to_matrix(rated, model.num_artists());
  users.target = to_matrix(target, model.num_artists());
  return users;
}

Matrix vectors_by_fold_in(const Artifact& model, const NewUsers& users) {
  return vectors_by(fold_in, model, users);
}

Matrix vectors_by_mean(const Artifact& model, const NewUsers& users) {
  return vectors_by(fold_in_mean, model, users);
}

}  // namespace mrec
