#include "eval/evaluate.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/random.h"
#include "eval/metrics.h"
#include "model/recommend.h"

namespace mrec {
namespace {

std::vector<int> known_artists(const EvalTask& task, int user) {
  std::vector<int> known;
  for (const SparseMatrix* matrix : task.known) {
    const auto row = artists_of(*matrix, user);
    known.insert(known.end(), row.begin(), row.end());
  }
  std::ranges::sort(known);
  const auto repeats = std::ranges::unique(known);
  known.erase(repeats.begin(), repeats.end());
  return known;
}

std::vector<int> evaluated_users(const EvalTask& task) {
  std::vector<int> users;
  for (int user = 0; user < task.held_out.rows(); ++user) {
    if (!artists_of(task.held_out, user).empty()) users.push_back(user);
  }
  return users;
}

constexpr std::uint64_t kDraws = 0x6E65676174697665;  // what the random numbers are for

int longest(const EvalTask& task) { return *std::ranges::max_element(task.ks); }

// What one user's scores come to, which are given by ascending pieces of the artists: the best of
// them, and how the held-out ones stand among the others. No score is kept.
class UserRanking {
 public:
  // `relevant_scores` are those of the user's held-out artists, the same bits as in the pieces.
  UserRanking(const EvalTask& task, int user, std::vector<float> relevant_scores)
      : user_(user),
        num_artists_(static_cast<int>(task.held_out.cols())),
        relevant_(artists_of(task.held_out, user)),
        relevant_scores_(std::move(relevant_scores)),
        known_(known_artists(task, user)),
        best_(longest(task), known_),
        below_(relevant_.size()),
        equal_(relevant_.size()) {}
  UserRanking(UserRanking&&) = default;

  void add(int first_artist, std::span<float> scores) {
    best_.add(first_artist, scores);  // which sets the known ones to -infinity
    for (std::size_t r = 0; r < relevant_.size(); ++r) {
      const float own = relevant_scores_[r];
      int below = 0;
      int equal = 0;
      for (const float score : scores) {
        below += score < own ? 1 : 0;
        equal += score == own ? 1 : 0;
      }
      below_[r] += below;
      equal_[r] += equal;
    }
  }

  [[nodiscard]] int user() const { return user_; }
  [[nodiscard]] std::span<const int> relevant() const { return relevant_; }
  [[nodiscard]] std::vector<Scored> list() && { return std::move(best_).list(); }

  // As auc() of metrics.h.
  [[nodiscard]] double auc() const {
    const auto num_known = static_cast<std::int64_t>(known_.size());
    const auto num_relevant = static_cast<std::int64_t>(relevant_.size());
    const std::int64_t others = num_artists_ - num_known - num_relevant;
    if (others <= 0) return 0.5;
    double pairs = 0;
    for (std::size_t r = 0; r < relevant_.size(); ++r) {
      std::int64_t below = below_[r] - num_known;
      std::int64_t equal = equal_[r];
      for (const float score : relevant_scores_) {
        below -= score < relevant_scores_[r] ? 1 : 0;
        equal -= score == relevant_scores_[r] ? 1 : 0;
      }
      pairs += static_cast<double>(below) + 0.5 * static_cast<double>(equal);
    }
    return pairs / (static_cast<double>(others) * static_cast<double>(num_relevant));
  }

 private:
  int user_;
  int num_artists_;
  std::span<const int> relevant_;
  std::vector<float> relevant_scores_;
  std::vector<int> known_;
  TopK best_;
  std::vector<std::int64_t> below_;  // [relevant] artists with a lower score
  std::vector<std::int64_t> equal_;
};

// Calls use(UserRanking&&) for every user with held-out artists, in their order.
template <typename Use>
void rank_all(const EvalTask& task, const ScoreUser& score, Use use) {
  std::vector<float> scores(static_cast<std::size_t>(task.held_out.cols()));
  for (const int user : evaluated_users(task)) {
    score(user, scores);
    std::vector<float> relevant;
    for (const int artist : artists_of(task.held_out, user)) {
      relevant.push_back(scores[static_cast<std::size_t>(artist)]);
    }
    UserRanking ranking(task, user, std::move(relevant));
    constexpr std::size_t kPiece = 4096;  // stays in the cache for all counts
    for (std::size_t at = 0; at < scores.size(); at += kPiece) {
      ranking.add(static_cast<int>(at),
                  std::span(scores).subspan(at, std::min(kPiece, scores.size() - at)));
    }
    use(std::move(ranking));
  }
}

template <typename Use>
void rank_all(const EvalTask& task, const FactorScores& scores, Use use) {
  const std::vector<int> users = evaluated_users(task);
  const Matrix rows = scores.users(users, Eigen::all);
  for (int first = 0; first < std::ssize(users); first += ArtistScorer::kBlock) {
    const int count = std::min(ArtistScorer::kBlock, static_cast<int>(users.size()) - first);
    std::vector<UserRanking> block;
    block.reserve(static_cast<std::size_t>(count));
    for (int u = first; u < first + count; ++u) {
      const int user = users[static_cast<std::size_t>(u)];
      std::vector<float> relevant;
      for (const int artist : artists_of(task.held_out, user)) {
        relevant.push_back(scores.artists.score(rows.row(u).data(), artist));
      }
      block.emplace_back(task, user, std::move(relevant));
    }
    scores.artists.score_block(rows, first, count, [&](int u, int artist, std::span<float> piece) {
      block[static_cast<std::size_t>(u)].add(artist, piece);
    });
    for (UserRanking& ranking : block) use(std::move(ranking));
  }
}

// The held-out artists of a user and others in the place of all: ascending artists, no known one.
std::vector<int> drawn_candidates(const EvalTask& task, int user) {
  const auto relevant = artists_of(task.held_out, user);
  std::vector<int> taken = known_artists(task, user);
  taken.insert(taken.end(), relevant.begin(), relevant.end());
  std::ranges::sort(taken);
  const auto num_artists = static_cast<int>(task.held_out.cols());
  const int num_others = num_artists - static_cast<int>(taken.size());
  const int wanted = std::min(task.num_sampled, num_others);

  // Numbers among the artists that are not taken (Floyd, 1987), then the artists themselves.
  Rng rng(task.seed, kDraws, static_cast<std::uint64_t>(task.first_user + user));
  std::vector<int> numbers;
  for (int last = num_others - wanted; last < num_others; ++last) {
    const auto number = static_cast<int>(rng.below(static_cast<std::uint32_t>(last + 1)));
    const auto at = std::ranges::lower_bound(numbers, number);
    if (at != numbers.end() && *at == number) {
      numbers.push_back(last);
    } else {
      numbers.insert(at, number);
    }
  }
  std::vector<int> candidates(relevant.begin(), relevant.end());
  std::size_t passed = 0;
  for (const int number : numbers) {
    while (passed < taken.size() && taken[passed] - static_cast<int>(passed) <= number) ++passed;
    candidates.push_back(number + static_cast<int>(passed));
  }
  std::ranges::sort(candidates);
  return candidates;
}

// A user's result: which of the list are held out, and the rest of it.
struct Outcome {
  int user = 0;
  int num_relevant = 0;
  std::vector<int> list;
  std::vector<bool> hits;  // [list]
  double auc = 0;
};

Outcome outcome_of(UserRanking&& ranking) {
  Outcome outcome{.user = ranking.user(),
                  .num_relevant = static_cast<int>(ranking.relevant().size()),
                  .list = {},
                  .hits = {},
                  .auc = ranking.auc()};
  const auto relevant = ranking.relevant();
  for (const Scored& entry : std::move(ranking).list()) {
    outcome.list.push_back(entry.artist);
    outcome.hits.push_back(std::ranges::binary_search(relevant, entry.artist));
  }
  return outcome;
}

// Calls use(Outcome) for every user; candidates(user, artists) gives scores [artists].
template <typename CandidateScores, typename Use>
void rank_drawn(const EvalTask& task, CandidateScores score, Use use) {
  for (const int user : evaluated_users(task)) {
    const std::vector<int> artists = drawn_candidates(task, user);
    const std::vector<float> scores = score(user, artists);
    const auto relevant = artists_of(task.held_out, user);
    std::vector<int> places;  // of the relevant ones among the candidates
    for (int c = 0; c < std::ssize(artists); ++c) {
      if (std::ranges::binary_search(relevant, artists[static_cast<std::size_t>(c)])) {
        places.push_back(c);
      }
    }
    Outcome outcome{.user = user,
                    .num_relevant = static_cast<int>(relevant.size()),
                    .list = {},
                    .hits = {},
                    .auc = auc(scores, places, {})};
    for (const Scored& entry : top_k(scores, {}, longest(task))) {
      outcome.list.push_back(artists[static_cast<std::size_t>(entry.artist)]);
      outcome.hits.push_back(std::ranges::binary_search(places, entry.artist));
    }
    use(outcome);
  }
}

template <typename Use>
void for_each_outcome(const EvalTask& task, const ScoreUser& score, Use use) {
  if (task.num_sampled == 0) {
    rank_all(task, score, [&](UserRanking&& ranking) { use(outcome_of(std::move(ranking))); });
    return;
  }
  std::vector<float> all(static_cast<std::size_t>(task.held_out.cols()));
  rank_drawn(
      task,
      [&](int user, const std::vector<int>& artists) {
        score(user, all);
        std::vector<float> scores;
        for (const int artist : artists) scores.push_back(all[static_cast<std::size_t>(artist)]);
        return scores;
      },
      use);
}

template <typename Use>
void for_each_outcome(const EvalTask& task, const FactorScores& factors, Use use) {
  if (task.num_sampled == 0) {
    rank_all(task, factors, [&](UserRanking&& ranking) { use(outcome_of(std::move(ranking))); });
    return;
  }
  rank_drawn(
      task,
      [&](int user, const std::vector<int>& artists) {
        std::vector<float> scores;
        for (const int artist : artists) {
          scores.push_back(factors.artists.score(factors.users.row(user).data(), artist));
        }
        return scores;
      },
      use);
}

// The list metrics that the task's facts allow.
std::vector<ListMetric> judged(const EvalTask& task) {
  std::vector<ListMetric> metrics;
  if (task.facts == nullptr) return metrics;
  for (const ListMetric& metric : list_metrics()) {
    if (!metric.needs_genres || task.facts->genres.nonZeros() > 0) metrics.push_back(metric);
  }
  return metrics;
}

void append_values(const EvalTask& task, const Outcome& outcome, UserValues& result) {
  const std::vector<ListMetric> of_lists = judged(task);
  for (const int k : task.ks) {
    const std::size_t size = std::min(outcome.list.size(), static_cast<std::size_t>(k));
    const Ranking ranking{
        .hits = {outcome.hits.begin(), outcome.hits.begin() + static_cast<std::ptrdiff_t>(size)},
        .num_relevant = outcome.num_relevant,
        .k = k};
    for (const RankingMetric& metric : ranking_metrics()) {
      result.values.push_back(metric.value(ranking));
    }
    for (const ListMetric& metric : of_lists) {
      result.values.push_back(metric.value({.facts = *task.facts,
                                            .list = std::span(outcome.list).first(size),
                                            .history = artists_of(*task.history, outcome.user)}));
    }
  }
  result.values.push_back(outcome.auc);

  result.users.push_back(task.first_user + outcome.user);
  result.lists.insert(result.lists.end(), outcome.list.begin(), outcome.list.end());
  result.lists.resize(result.users.size() * static_cast<std::size_t>(longest(task)), -1);
}

template <typename Scores>
UserValues values_of(const EvalTask& task, const Scores& scores) {
  UserValues result;
  for_each_outcome(task, scores,
                   [&](const Outcome& outcome) { append_values(task, outcome, result); });
  return result;
}

template <typename Scores>
MeanNdcg ndcg_of(const EvalTask& task, const Scores& scores) {
  MeanNdcg result;
  for_each_outcome(task, scores, [&](const Outcome& outcome) {
    const auto size = std::min(std::ssize(outcome.hits), std::ptrdiff_t{task.ks.front()});
    result.sum += ndcg({.hits = {outcome.hits.begin(), outcome.hits.begin() + size},
                        .num_relevant = outcome.num_relevant,
                        .k = task.ks.front()});
    result.users += 1;
  });
  return result;
}

}  // namespace

std::string Column::label() const { return k > 0 ? metric + "@" + std::to_string(k) : metric; }

std::vector<Column> columns(const EvalTask& task) {
  std::vector<Column> all;
  for (const int k : task.ks) {
    for (const RankingMetric& metric : ranking_metrics()) all.push_back({metric.name, k});
    for (const ListMetric& metric : judged(task)) all.push_back({metric.name, k});
  }
  all.push_back({"auc", 0});
  return all;
}

UserValues evaluate_users(const EvalTask& task, const ScoreUser& score) {
  return values_of(task, score);
}

UserValues evaluate_users(const EvalTask& task, const FactorScores& scores) {
  return values_of(task, scores);
}

MeanNdcg sum_ndcg(const EvalTask& task, const ScoreUser& score) { return ndcg_of(task, score); }

MeanNdcg sum_ndcg(const EvalTask& task, const FactorScores& scores) {
  return ndcg_of(task, scores);
}

}  // namespace mrec
