#include "serve/service.h"

#include <algorithm>
#include <iostream>
#include <limits>
#include <span>

#include "base/error.h"
#include "base/random.h"
#include "model/diversify.h"
#include "model/recommend.h"
#include "model/survey.h"

namespace mrec {
namespace {

// As Python prints a list: "[5, 7]".
std::string to_text(const std::vector<std::int64_t>& ids) {
  std::string text;
  for (const std::int64_t id : ids) text += (text.empty() ? "" : ", ") + std::to_string(id);
  return "[" + text + "]";
}

// Throws InputError naming those that the catalogue lacks.
void require_known(const ServedModel& served, std::span<const RatedArtist> ratings) {
  std::vector<std::int64_t> unknown;
  for (const RatedArtist& rating : ratings) {
    if (!served.artifact.artists.find(rating.artist_id)) unknown.push_back(rating.artist_id);
  }
  if (unknown.empty()) return;
  std::ranges::sort(unknown);
  throw InputError("Invalid artist IDs: " + to_text(unknown));
}

NotFound no_ratings(const std::string& user_id) {
  return NotFound("No ratings found for user " + user_id + ". Please submit ratings first.");
}

// Which artists a list may hold.
class Filter {
 public:
  Filter(const ServedModel& served, const Query& query, std::vector<int> excluded)
      : served_(served), excluded_(std::move(excluded)) {
    for (const std::int64_t id : query.exclude) exclude(id);
    for (const std::int64_t id : query.dislikes) exclude(id);
    std::ranges::sort(excluded_);
    excluded_.erase(std::ranges::unique(excluded_).begin(), excluded_.end());
    if (!query.genres.empty()) wanted_ = served.genres.containing(query.genres);
    if (!query.exclude_genres.empty()) unwanted_ = served.genres.containing(query.exclude_genres);
    only_excludes_ = query.genres.empty() && query.exclude_genres.empty() && !query.min_listeners &&
                     !query.max_listeners;
    has_wanted_ = !query.genres.empty();
    least_ = query.min_listeners.value_or(0);
    most_ = query.max_listeners.value_or(std::numeric_limits<int>::max());
  }

  [[nodiscard]] bool allows(int artist) const {
    if (!only_excludes_) {
      const auto a = static_cast<std::size_t>(artist);
      const int listeners = served_.artifact.artist_listeners[a];
      if (listeners < least_ || listeners > most_) return false;
      const int genre = served_.genres.genre[a];
      if (genre < 0) {
        if (has_wanted_) return false;
      } else {
        const auto g = static_cast<std::size_t>(genre);
        if (has_wanted_ && wanted_[g] == 0) return false;
        if (!unwanted_.empty() && unwanted_[g] != 0) return false;
      }
    }
    return !std::ranges::binary_search(excluded_, artist);
  }

  [[nodiscard]] int total() const {
    const int all = served_.artifact.num_artists();
    if (only_excludes_) return all - static_cast<int>(excluded_.size());
    int count = 0;
    for (int artist = 0; artist < all; ++artist) count += allows(artist) ? 1 : 0;
    return count;
  }

 private:
  void exclude(std::int64_t id) {
    if (const auto artist = served_.artifact.artists.find(id)) excluded_.push_back(*artist);
  }

  const ServedModel& served_;
  std::vector<int> excluded_;   // ascending
  std::vector<char> wanted_;    // [genres]
  std::vector<char> unwanted_;  // [genres] or nothing
  bool has_wanted_ = false;
  bool only_excludes_ = false;
  int least_ = 0;
  int most_ = 0;
};

// A list long enough for the page, in the order in which it is shown.
template <typename Best>
std::vector<Scored> page_of(const ServedModel& served, const Query& query, Best best) {
  int length = query.offset + query.top_k;
  if (query.diversity > 0) {  // whole windows, so that all pages agree
    length = (length + kDiversityWindow - 1) / kDiversityWindow * kDiversityWindow;
  }
  std::vector<Scored> list = best(length);
  diversify(served.artifact.artist_factors, query.diversity, list);
  const auto first = std::min(static_cast<std::size_t>(query.offset), list.size());
  const auto count = std::min(static_cast<std::size_t>(query.top_k), list.size() - first);
  return {list.begin() + static_cast<std::ptrdiff_t>(first),
          list.begin() + static_cast<std::ptrdiff_t>(first + count)};
}

// The artists of `list` under their names; scores are still to be set.
std::vector<Recommendation> named(const ServedModel& served, const Query& query,
                                  const std::vector<Scored>& list) {
  const Artifact& model = served.artifact;
  std::vector<Recommendation> best;
  best.reserve(list.size());
  for (const Scored& scored : list) {
    const auto a = static_cast<std::size_t>(scored.artist);
    best.push_back({.rank = query.offset + static_cast<int>(best.size()) + 1,
                    .artist_id = model.artists.id(scored.artist),
                    .artist_name = model.artist_names[a],
                    .genre = model.artist_genres[a]});
  }
  return best;
}

Recommendations recommend_by_vector(const ServedModel& served, const RowVector& user,
                                    const Query& query, const Filter& filter) {
  const Artifact& model = served.artifact;
  // familiarity 1 adds this to the log odds of the best known artist, as the calibration has them.
  constexpr double kLogOdds = 4;
  const auto weight = static_cast<float>(static_cast<double>(query.familiarity) * kLogOdds /
                                         std::max(model.calibration_slope, 1e-6));
  const std::vector<Scored> list = page_of(served, query, [&](int length) {
    return served.ranking.best(user, length, weight,
                               [&](int artist) { return filter.allows(artist); });
  });
  Recommendations answer{
      .list = named(served, query, list), .total = filter.total(), .offset = query.offset};
  for (std::size_t i = 0; i < list.size(); ++i) {
    const float raw = served.ranking.score(user, list[i].artist);
    answer.list[i].raw_score = raw;
    answer.list[i].score = calibrated(model, raw);
  }
  return answer;
}

void explain(const ServedModel& served, std::span<const Rating> ratings, const Query& query,
             std::vector<Recommendation>& list) {
  const Artifact& model = served.artifact;
  const Matrix parts = query.method == Method::kMean ? fold_in_mean_parts(model, ratings)
                                                     : fold_in_parts(model, ratings);
  for (Recommendation& one : list) {
    const int artist = *model.artists.find(one.artist_id);
    const Vector products = parts * model.artist_factors.row(artist).transpose();
    Explanation why;
    why.bias = products(std::ssize(ratings)) + model.artist_bias(artist);
    for (std::size_t j = 0; j < ratings.size(); ++j) {
      why.contributions.push_back(
          {.artist_id = model.artists.id(ratings[j].artist),
           .artist_name = model.artist_names[static_cast<std::size_t>(ratings[j].artist)],
           .part = products(static_cast<Eigen::Index>(j))});
    }
    std::ranges::stable_sort(why.contributions, std::greater{}, &Contribution::part);
    one.explanation = std::move(why);
  }
}

Recommendations recommend_to(const ServedModel& served, std::span<const Rating> ratings,
                             const Query& query) {
  std::vector<int> rated;
  if (query.exclude_rated) {
    for (const Rating& rating : ratings) rated.push_back(rating.artist);
  }
  const Filter filter(served, query, std::move(rated));
  const RowVector user = query.method == Method::kMean ? fold_in_mean(served.artifact, ratings)
                                                       : fold_in(served.artifact, ratings);
  Recommendations answer = recommend_by_vector(served, user, query, filter);
  if (query.explain) explain(served, ratings, query, answer.list);
  return answer;
}

Recommendations most_listened(const ServedModel& served, const Query& query) {
  const Artifact& model = served.artifact;
  const Filter filter(served, query, {});
  const std::vector<Scored> list = page_of(served, query, [&](int length) {
    std::vector<Scored> best;
    for (const int artist : served.popularity.order) {
      if (std::ssize(best) == length) break;
      if (!filter.allows(artist)) continue;
      const int listeners = model.artist_listeners[static_cast<std::size_t>(artist)];
      best.push_back({artist, static_cast<float>(listeners)});
    }
    return best;
  });
  Recommendations answer{.list = named(served, query, list),
                         .personal = false,
                         .total = filter.total(),
                         .offset = query.offset};
  const auto users = static_cast<float>(std::max(model.users.size(), 1));
  for (std::size_t i = 0; i < list.size(); ++i) {
    answer.list[i].raw_score = list[i].score;
    answer.list[i].score = std::min(list[i].score / users, 1.0F);
    if (query.explain) answer.list[i].explanation = Explanation{.bias = list[i].score};
  }
  return answer;
}

// Artists of a model under their weights; those that it lacks teach nothing.
std::vector<Rating> ratings_in(const Artifact& model, std::span<const RatedArtist> rated) {
  std::vector<Rating> ratings;
  for (const RatedArtist& rating : rated) {
    const auto artist = model.artists.find(rating.artist_id);
    if (artist) ratings.push_back({.artist = *artist, .weight = rank_weight(rating.rank)});
  }
  return ratings;
}

FoundArtist found(const ServedModel& served, int artist) {
  const Artifact& model = served.artifact;
  const auto a = static_cast<std::size_t>(artist);
  return {.artist_id = model.artists.id(artist),
          .name = model.artist_names[a],
          .genre = model.artist_genres[a],
          .listeners = model.artist_listeners[a]};
}

int index_of(const ServedModel& served, std::int64_t artist_id) {
  const auto artist = served.artifact.artists.find(artist_id);
  if (!artist) throw NotFound("No artist " + std::to_string(artist_id));
  return *artist;
}

Query of_genre(const std::string& genre) {
  Query query;
  if (!genre.empty()) query.genres = {genre};
  return query;
}

}  // namespace

std::vector<SurveyEntry> Service::survey(const ServedModel& served,
                                         const SurveyQuery& query) const {
  const Artifact& model = served.artifact;
  const auto limit = static_cast<std::size_t>(query.limit);
  std::vector<SurveyArtist> asked;
  if (!query.seed && query.genre.empty()) {
    asked = served.survey;
    asked.resize(std::min(limit, asked.size()));
  }
  constexpr int kDefault = 10;  // a survey that has fewer is meant to
  const bool is_default = !query.seed && query.genre.empty() && query.limit <= kDefault;
  if (asked.size() < limit && !is_default) {
    constexpr std::size_t kKnown = 200;
    const Filter filter(served, of_genre(query.genre), {});
    std::vector<int> known;
    for (const int artist : served.popularity.order) {
      if (known.size() == kKnown) break;
      if (filter.allows(artist)) known.push_back(artist);
    }
    if (query.seed) {  // half of them, as long as these are enough
      Rng rng(static_cast<std::uint64_t>(*query.seed));
      shuffle(known, rng);
      known.resize(std::min(known.size(), std::max(known.size() / 2, limit)));
    }
    add_diverse(model, known, limit, asked);
  }
  std::vector<SurveyEntry> entries;
  for (const SurveyArtist& one : asked) {
    entries.push_back({.artist_id = model.artists.id(one.artist),
                       .name = model.artist_names[static_cast<std::size_t>(one.artist)],
                       .genre = one.genre});
  }
  return entries;
}

void Service::rate(const ServedModel& served, const Submission& submission) {
  require_known(served, submission.ratings);
  try {
    store_.replace(submission.user_id, submission.ratings);
  } catch (const Error& error) {
    // The contract answers 400 with this text; the reason is the operator's, not the client's.
    std::cerr << std::string("mrec-serve: ratings not saved: ") + error.what() + "\n";
    throw InputError("Failed to save ratings due to storage error");
  }
}

std::vector<StoredRating> Service::ratings(const ServedModel& served,
                                           const std::string& user_id) const {
  const Artifact& model = served.artifact;
  std::vector<StoredRating> stored;
  for (const RatedArtist& rating : store_.find(user_id)) {
    const auto artist = model.artists.find(rating.artist_id);
    stored.push_back({.artist_id = rating.artist_id,
                      .artist_name = artist ? model.artist_names[static_cast<std::size_t>(*artist)]
                                            : std::string("Unknown Artist"),
                      .rank = rating.rank});
  }
  if (stored.empty()) throw no_ratings(user_id);
  return stored;
}

void Service::forget(const std::string& user_id) {
  if (!store_.erase(user_id)) throw no_ratings(user_id);
}

Recommendations Service::recommend(const ServedModel& served, const Query& query) const {
  const std::vector<Rating> ratings = ratings_in(served.artifact, store_.find(query.user_id));
  if (!ratings.empty()) return recommend_to(served, ratings, query);
  if (query.popular_fallback) return most_listened(served, query);
  throw no_ratings(query.user_id);
}

Recommendations Service::recommend_to_taste(const ServedModel& served, const Query& query) const {
  require_known(served, query.ratings);
  return recommend_to(served, ratings_in(served.artifact, query.ratings), query);
}

Recommendations Service::recommend_to_known(const ServedModel& served, std::int64_t user_id,
                                            const Query& query) const {
  const auto user = served.artifact.users.find(user_id);
  if (!user) {
    throw NotFound("No user " + std::to_string(user_id) + " in the training data of this model");
  }
  std::vector<int> heard;
  if (query.exclude_heard) {
    const std::span<const int> artists = served.heard.of(*user);
    heard.assign(artists.begin(), artists.end());
  }
  Recommendations answer = recommend_by_vector(served, served.artifact.user_factors.row(*user),
                                               query, Filter(served, query, std::move(heard)));
  answer.without_heard = query.exclude_heard && served.heard.is_known();
  return answer;
}

FoundArtists Service::find_artists(const ServedModel& served, const ArtistQuery& query) const {
  const Filter filter(served, of_genre(query.genre), {});
  FoundArtists answer;
  if (query.q.empty()) {
    answer.total = filter.total();
    int skip = query.offset;
    for (const int artist : served.popularity.order) {
      if (std::ssize(answer.list) == query.limit) break;
      if (filter.allows(artist) && skip-- <= 0) answer.list.push_back(found(served, artist));
    }
    return answer;
  }
  const NameSearch::Page page = served.names.find(
      query.q, query.offset, query.limit, [&](int artist) { return filter.allows(artist); });
  answer.total = page.total;
  for (const NameSearch::Found& one : page.names) {
    answer.list.push_back(found(served, one.name));
    answer.list.back().hit = one.hit;
  }
  return answer;
}

ArtistDetails Service::artist(const ServedModel& served, std::int64_t artist_id) const {
  const int artist = index_of(served, artist_id);
  return {.artist = found(served, artist),
          .popularity_percentile = served.popularity.percentile[static_cast<std::size_t>(artist)],
          .in_survey = std::ranges::find(served.survey, artist, &SurveyArtist::artist) !=
                       served.survey.end()};
}

SimilarArtists Service::similar(const ServedModel& served, std::int64_t artist_id,
                                const ArtistQuery& query) const {
  const int artist = index_of(served, artist_id);
  const Filter filter(served, of_genre(query.genre), {artist});
  const std::vector<Scored> list = served.ranking.nearest(
      artist, query.offset + query.limit, [&](int other) { return filter.allows(other); });
  SimilarArtists answer{.artist = found(served, artist)};
  for (std::size_t i = static_cast<std::size_t>(query.offset); i < list.size(); ++i) {
    FoundArtist one = found(served, list[i].artist);
    answer.list.push_back({.artist_id = one.artist_id,
                           .name = std::move(one.name),
                           .genre = std::move(one.genre),
                           .similarity = list[i].score});
  }
  return answer;
}

std::vector<MapPoint> Service::map(const ServedModel& served, int limit) const {
  const Projection& plane = served.map();
  std::vector<MapPoint> points;
  for (Eigen::Index i = 0; i < std::min<Eigen::Index>(limit, plane.points.rows()); ++i) {
    points.push_back({.artist = found(served, served.popularity.order[static_cast<std::size_t>(i)]),
                      .x = plane.points(i, 0),
                      .y = plane.points(i, 1)});
  }
  return points;
}

}  // namespace mrec
