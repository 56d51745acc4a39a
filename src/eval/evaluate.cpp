#include "eval/evaluate.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "eval/metrics.h"
#include "model/recommend.h"

namespace mrec {
namespace {

std::span<const int> row_of(const SparseMatrix& matrix, int row) {
  const int begin = matrix.outerIndexPtr()[row];
  const int end = matrix.outerIndexPtr()[row + 1];
  return {matrix.innerIndexPtr() + begin, static_cast<std::size_t>(end - begin)};
}

std::vector<int> known_artists(const EvalTask& task, int user) {
  std::vector<int> known;
  for (const SparseMatrix* matrix : task.known) {
    const auto row = row_of(*matrix, user);
    known.insert(known.end(), row.begin(), row.end());
  }
  std::ranges::sort(known);
  const auto repeats = std::ranges::unique(known);
  known.erase(repeats.begin(), repeats.end());
  return known;
}

Ranking ranking_of(std::span<const Scored> list, std::span<const int> relevant, int k) {
  Ranking ranking{.num_relevant = static_cast<int>(relevant.size()), .k = k};
  for (const Scored& entry : list.first(std::min(list.size(), static_cast<std::size_t>(k)))) {
    ranking.hits.push_back(std::ranges::binary_search(relevant, entry.artist));
  }
  return ranking;
}

// Calls use(user, list, relevant, known, scores) for every user with held-out artists.
template <typename Use>
void for_each_user(const EvalTask& task, const ScoreUser& score, Use use) {
  const int longest = *std::ranges::max_element(task.ks);
  std::vector<float> scores(static_cast<std::size_t>(task.held_out.cols()));
  for (int user = 0; user < task.held_out.rows(); ++user) {
    const auto relevant = row_of(task.held_out, user);
    if (relevant.empty()) continue;
    score(user, scores);
    const std::vector<int> known = known_artists(task, user);
    use(top_k(scores, known, longest), relevant, known, scores);
  }
}

}  // namespace

std::vector<Column> columns(std::span<const int> ks) {
  std::vector<Column> all;
  for (const int k : ks) {
    for (const RankingMetric& metric : ranking_metrics()) all.push_back({metric.name, k});
  }
  all.push_back({"auc", 0});
  return all;
}

UserValues evaluate_users(const EvalTask& task, const ScoreUser& score) {
  const auto num_artists = static_cast<std::size_t>(task.held_out.cols());
  UserValues result;
  result.recommended.resize(task.ks.size() * num_artists);
  for_each_user(
      task, score,
      [&](const std::vector<Scored>& list, std::span<const int> relevant,
          std::span<const int> known, std::span<const float> scores) {
        for (std::size_t i = 0; i < task.ks.size(); ++i) {
          const Ranking ranking = ranking_of(list, relevant, task.ks[i]);
          for (const RankingMetric& metric : ranking_metrics()) {
            result.values.push_back(metric.value(ranking));
          }
          for (std::size_t at = 0; at < ranking.hits.size(); ++at) {
            ++result.recommended[i * num_artists + static_cast<std::size_t>(list[at].artist)];
          }
        }
        result.values.push_back(auc(scores, relevant, known));
      });
  return result;
}

Report summarize(const std::string& name, const UserValues& all, std::span<const int> ks) {
  const std::vector<Column> titles = columns(ks);
  const std::size_t num_users = all.values.size() / titles.size();
  const std::size_t num_artists = all.recommended.size() / ks.size();
  Report report{.name = name, .num_users = static_cast<int>(num_users)};
  for (std::size_t column = 0; column < titles.size(); ++column) {
    double sum = 0;
    for (std::size_t user = 0; user < num_users; ++user) {
      sum += all.values[user * titles.size() + column];
    }
    const double mean = sum / static_cast<double>(num_users);
    double squares = 0;
    for (std::size_t user = 0; user < num_users; ++user) {
      const double difference = all.values[user * titles.size() + column] - mean;
      squares += difference * difference;
    }
    const auto n = static_cast<double>(num_users);
    const double standard_error = n > 1 ? std::sqrt(squares / (n - 1) / n) : 0;
    report.summaries.push_back({titles[column].metric, titles[column].k, mean, standard_error});

    const std::size_t per_k = ranking_metrics().size();
    if (column % per_k == per_k - 1 && column / per_k < ks.size()) {
      const std::size_t i = column / per_k;
      const auto lists = std::span(all.recommended).subspan(i * num_artists, num_artists);
      const auto covered = std::ranges::count_if(lists, [](float count) { return count > 0; });
      report.summaries.push_back(
          {"coverage", ks[i], static_cast<double>(covered) / static_cast<double>(num_artists), 0});
    }
  }
  return report;
}

const Summary& Report::at(const std::string& metric, int k) const {
  for (const Summary& summary : summaries) {
    if (summary.metric == metric && summary.k == k) return summary;
  }
  throw Error("the report has no " + metric + "@" + std::to_string(k));
}

MeanNdcg sum_ndcg(const EvalTask& task, const ScoreUser& score) {
  MeanNdcg result;
  for_each_user(task, score,
                [&](const std::vector<Scored>& list, std::span<const int> relevant,
                    std::span<const int>, std::span<const float>) {
                  result.sum += ndcg(ranking_of(list, relevant, task.ks.front()));
                  result.users += 1;
                });
  return result;
}

}  // namespace mrec
