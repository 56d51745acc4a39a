#pragma once

#include <iosfwd>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "eval/breakdown.h"
#include "eval/summary.h"

namespace mrec {

// What was evaluated and how, in the words of the report.
using Facts = std::vector<std::pair<std::string, std::string>>;

// The groups of every contender.
struct Breakdown {
  std::string name;                        // "activity", "popularity"
  std::string metric;                      // "ndcg@10"
  std::vector<std::vector<Group>> groups;  // [contenders]
};

// All that there is to tell. The contenders are models, first, and what stands beside them.
struct Evaluation {
  Facts facts;
  std::vector<std::string> warnings;
  int num_models = 1;
  std::vector<Report> reports;               // [contenders]
  std::vector<Comparison> comparisons;       // of each model with what stands behind it
  std::vector<Breakdown> breakdowns;         // where lists were judged
  std::vector<std::string> genre_names;      // [genres]
  std::vector<GenreMeans> genres;            // [contenders], likewise
  std::vector<std::vector<float>> exposure;  // [contenders x artists], likewise: in how many lists
  std::vector<float> listeners;              // [artists], likewise: in train
};

// `task` has all users; `plays` [users] in train, or empty when unknown.
Evaluation make_evaluation(const EvalTask& task, std::span<const Contender> contenders,
                           int num_models, const std::vector<double>& plays);

// A table: one line per metric, one column per report, "mean +- standard error"; then the
// comparisons of the models with each other.
void print(std::ostream& out, const Evaluation& evaluation);

// {"facts": {...}, "warnings": [...], "reports": [{"name", "users", "metrics": [{"metric", "k",
// "mean", "standard_error", "low", "high", "users"}]}], "comparisons": [{"metric", "first",
// "second", "difference", "low", "high", "p_value", "adjusted_p"}], "breakdowns": [{"name",
// "metric", "groups": [names], "sizes", "contenders": {name: [values]}}], "genres": {"names",
// "contenders": {name: {"history", "list"}}}}; k is null for figures that do not depend on it, a
// figure that is not defined is null. Written whole or not at all.
void write_json(const std::string& path, const Evaluation& evaluation);

// One value per evaluated user, metric and contender, and the lists. `user_ids` [evaluated],
// `artist_ids` [artists]. To a path that ends in .json {"users": [ids], "contenders": {name:
// {metric: [values], "list": [[artist ids]]}}}, else HDF5, @format = "mrec-evaluation",
// @format_version = 1:
//   users/id         int64 [U]
//   contenders/name  text  [C]
//   metrics/name     text  [M]
//   values/<c>       float32 [U x M] of contender number c; not a number where undefined
//   lists/<c>        int64 [U * k] artist ids, k for each user, best first; -1 behind the last
//   facts            attributes
// Written whole or not at all.
void write_users(const std::string& path, const Facts& facts, const EvalTask& task,
                 std::span<const Contender> contenders, std::span<const std::int64_t> user_ids,
                 std::span<const std::int64_t> artist_ids);

}  // namespace mrec
