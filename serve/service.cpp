#include "serve/service.h"

#include <algorithm>
#include <iostream>

#include "base/error.h"
#include "model/recommend.h"

namespace mrec {
namespace {

// As Python prints a list: "[5, 7]".
std::string to_text(const std::vector<std::int64_t>& ids) {
  std::string text;
  for (const std::int64_t id : ids) text += (text.empty() ? "" : ", ") + std::to_string(id);
  return "[" + text + "]";
}

}  // namespace

std::vector<SurveyEntry> Service::survey(const ServedModel& served) const {
  const Artifact& model = served.artifact;
  std::vector<SurveyEntry> entries;
  for (const SurveyArtist& asked : model.survey) {
    entries.push_back({.artist_id = model.artists.id(asked.artist),
                       .name = model.artist_names[static_cast<std::size_t>(asked.artist)],
                       .genre = asked.genre});
  }
  return entries;
}

void Service::rate(const ServedModel& served, const Submission& submission) {
  std::vector<std::int64_t> unknown;
  for (const RatedArtist& rating : submission.ratings) {
    if (!served.artifact.artists.find(rating.artist_id)) unknown.push_back(rating.artist_id);
  }
  if (!unknown.empty()) {
    std::ranges::sort(unknown);
    throw InputError("Invalid artist IDs: " + to_text(unknown));
  }
  try {
    store_.replace(submission.user_id, submission.ratings);
  } catch (const Error& error) {
    // The contract answers 400 with this text; the reason is the operator's, not the client's.
    std::cerr << std::string("mrec-serve: ratings not saved: ") + error.what() + "\n";
    throw InputError("Failed to save ratings due to storage error");
  }
}

std::vector<Recommendation> Service::recommend(const ServedModel& served,
                                               const Query& query) const {
  const Artifact& model = served.artifact;
  std::vector<Rating> ratings;
  std::vector<int> rated;
  for (const RatedArtist& rating : store_.find(query.user_id)) {
    // An artist of an older model that this one does not know teaches nothing.
    const auto artist = model.artists.find(rating.artist_id);
    if (!artist) continue;
    ratings.push_back({.artist = *artist, .weight = rank_weight(rating.rank)});
    rated.push_back(*artist);
  }
  if (ratings.empty()) {
    throw NotFound("No ratings found for user " + query.user_id + ". Please submit ratings first.");
  }

  const RowVector user =
      query.method == Method::kMean ? fold_in_mean(model, ratings) : fold_in(model, ratings);
  std::vector<float> scores(static_cast<std::size_t>(model.num_artists()));
  score_artists(model, user, scores);

  std::vector<Recommendation> best;
  for (const Scored& scored : top_k(scores, rated, query.top_k)) {
    best.push_back({.rank = static_cast<int>(best.size()) + 1,
                    .artist_id = model.artists.id(scored.artist),
                    .artist_name = model.artist_names[static_cast<std::size_t>(scored.artist)],
                    .score = calibrated(model, scored.score),
                    .raw_score = scored.score});
  }
  return best;
}

}  // namespace mrec
