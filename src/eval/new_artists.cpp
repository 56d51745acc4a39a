#include "eval/new_artists.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace mrec {
namespace {

using DoubleSparse = Eigen::SparseMatrix<double, Eigen::RowMajor, int>;

std::vector<float> column_counts(const SparseMatrix& matrix) {
  std::vector<float> counts(static_cast<std::size_t>(matrix.cols()));
  for (Eigen::Index k = 0; k < matrix.nonZeros(); ++k) {
    ++counts[static_cast<std::size_t>(matrix.innerIndexPtr()[k])];
  }
  return counts;
}

// Rows of `matrix`, in the order of `rows`.
DoubleSparse rows_of(const SparseMatrix& matrix, const std::vector<int>& rows) {
  std::vector<Eigen::Triplet<double>> entries;
  for (int r = 0; r < std::ssize(rows); ++r) {
    for (SparseMatrix::InnerIterator it(matrix, rows[static_cast<std::size_t>(r)]); it; ++it) {
      entries.emplace_back(r, static_cast<int>(it.col()), static_cast<double>(it.value()));
    }
  }
  DoubleSparse picked(std::ssize(rows), matrix.cols());
  picked.setFromTriplets(entries.begin(), entries.end());
  return picked;
}

// Number of users' tags of the candidates.
Eigen::VectorXd tag_counts(const NewArtists& artists) {
  const DoubleSparse tags = rows_of(artists.tags, artists.artists);
  return tags * Eigen::VectorXd::Ones(tags.cols());
}

DoubleSparse unit_rows(DoubleSparse matrix) {
  for (int r = 0; r < matrix.rows(); ++r) {
    const double length = matrix.row(r).norm();
    for (DoubleSparse::InnerIterator it(matrix, r); it; ++it) it.valueRef() /= length;
  }
  return matrix;
}

}  // namespace

int NewArtists::num_tagged() const {
  return static_cast<int>(
      std::ranges::count_if(artists, [&](int artist) { return tags.row(artist).nonZeros() > 0; }));
}

NewArtists find_new_artists(const SparseMatrix& train, const SparseMatrix& held_out,
                            const SparseMatrix& tags, const std::string& path) {
  NewArtists found;
  found.tags = tags;
  found.listeners = column_counts(train);
  const std::vector<float> wanted = column_counts(held_out);
  std::vector<int> candidate_of(wanted.size(), -1);
  for (std::size_t a = 0; a < wanted.size(); ++a) {
    if (wanted[a] == 0 || found.listeners[a] > 0) continue;
    candidate_of[a] = static_cast<int>(found.artists.size());
    found.artists.push_back(static_cast<int>(a));
  }
  if (found.artists.empty()) {
    throw InputError(path +
                     ": no artist of the held-out part is new: all have listeners in train; "
                     "hold whole artists out with --split of mrec-prepare");
  }
  std::vector<Eigen::Triplet<float>> entries;
  for (int u = 0; u < held_out.rows(); ++u) {
    for (SparseMatrix::InnerIterator it(held_out, u); it; ++it) {
      const int candidate = candidate_of[static_cast<std::size_t>(it.col())];
      if (candidate >= 0) entries.emplace_back(u, candidate, 1.0F);
    }
  }
  found.target.resize(held_out.rows(), std::ssize(found.artists));
  found.target.setFromTriplets(entries.begin(), entries.end());
  return found;
}

NewFactors mapped(const NewArtistMap& map, const NewArtists& artists) {
  const DoubleSparse tags = rows_of(artists.tags, artists.artists);
  const DoubleSparse features = rows_of(artists.features.values, artists.artists);
  const Matrix placed =
      map.place(tags.cast<float>(), artists.tag_names,
                {.values = features.cast<float>(), .names = artists.features.names, .types = {}});
  const Eigen::Index dim = placed.cols() - 1;
  return {.factors = placed.leftCols(dim), .bias = placed.col(dim)};
}

NewFactors as_trained(const Artifact& model, const NewArtists& artists) {
  return {.factors = model.artist_factors(artists.artists, Eigen::all),
          .bias = model.artist_bias(artists.artists)};
}

std::vector<Baseline> new_artist_baselines(const SparseMatrix& heard, const NewArtists& artists) {
  std::vector<int> all(static_cast<std::size_t>(artists.tags.rows()));
  for (std::size_t a = 0; a < all.size(); ++a) all[a] = static_cast<int>(a);
  // A user's profile is the sum of the unit tag rows of what was heard.
  DoubleSparse ones = heard.cast<double>();
  ones.coeffs().setOnes();
  const DoubleSparse profiles = ones * unit_rows(rows_of(artists.tags, all));
  const DoubleSparse candidates = unit_rows(rows_of(artists.tags, artists.artists));
  const Eigen::VectorXd counts = tag_counts(artists);
  const Eigen::VectorXd logs = counts.array().log1p();
  const auto by_profile = [profiles, candidates](int user) -> Eigen::VectorXd {
    const Eigen::VectorXd profile = profiles.row(user).transpose();
    return candidates * profile;
  };
  const auto copy = [](const Eigen::VectorXd& values, std::span<float> scores) {
    Eigen::Map<Vector>(scores.data(), std::ssize(scores)) = values.cast<float>();
  };
  return {{"profile-log",
           [=](int user, std::span<float> scores) {
             copy(by_profile(user).cwiseProduct(logs), scores);
           }},
          {"profile", [=](int user, std::span<float> scores) { copy(by_profile(user), scores); }},
          {"tags", [=](int, std::span<float> scores) { copy(counts, scores); }}};
}

}  // namespace mrec
