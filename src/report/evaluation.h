#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "eval/report.h"
#include "report/chart.h"
#include "report/page.h"

namespace mrec::report {

// A metric of every contender.
struct MetricRow {
  std::string name;  // "ndcg@10"
  std::vector<Bar> values;
};

// A metric in groups of users or artists, the least active or popular first.
struct Breakdown {
  std::string heading;
  std::string groups;  // label of the axis: "tenths of the users by artists in train"
  std::string metric;
  std::vector<std::string> names;        // [groups]
  std::vector<std::vector<Bar>> values;  // [contenders x groups]
};

// Shares of genres in what users heard and in what is recommended to them.
struct GenreShares {
  std::vector<std::string> genres;
  std::vector<double> history;             // [genres]
  std::vector<std::vector<double>> lists;  // [contenders x genres]
};

// A paired comparison of two contenders.
struct Comparison {
  std::string metric;
  std::string first;
  std::string second;
  Bar difference;  // first - second
  double p_value = 1;
};

// All that the page tells; what is empty is left out. Contenders are models, first, and baselines.
struct EvaluationData {
  Facts facts;
  std::vector<std::string> warnings;
  std::vector<std::string> contenders;
  std::size_t num_models = 1;
  std::int64_t num_users = 0;
  std::vector<MetricRow> metrics;
  std::vector<Breakdown> breakdowns;
  std::optional<GenreShares> genres;
  std::vector<std::vector<float>> exposure;  // [contenders x artists] in how many lists
  std::vector<float> listeners;              // [artists] in train
  std::vector<Comparison> comparisons;
};

// What the page shows of an evaluation.
EvaluationData evaluation_data(const Evaluation& evaluation);

Page evaluation_page(const EvaluationData& data);

}  // namespace mrec::report
