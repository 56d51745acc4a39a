#include "eval/report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <ostream>

#include "base/hdf5.h"
#include "base/output_file.h"

namespace mrec {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kFormat = "mrec-evaluation";
constexpr int kVersion = 1;

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

std::string shown(double value, int digits = 4) {
  char text[40];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string figure(const Summary& summary) {
  if (summary.num_users == 0) return "-";
  const int digits = std::abs(summary.mean) < 10 ? 4 : 2;
  if (summary.standard_error == 0) return shown(summary.mean, digits);
  return shown(summary.mean, digits) + " +- " + shown(summary.standard_error, digits);
}

void print_comparisons(std::ostream& out, const Evaluation& evaluation) {
  const auto is_model = [&](const std::string& name) {
    return std::ranges::any_of(
        std::span(evaluation.reports).first(static_cast<std::size_t>(evaluation.num_models)),
        [&](const Report& report) { return report.name == name; });
  };
  bool first = true;
  for (const Comparison& one : evaluation.comparisons) {
    if (!is_model(one.first) || !is_model(one.second)) continue;
    if (first) {
      out << "\npaired by user: difference [95 % interval], p by randomization, adjusted for "
          << evaluation.comparisons.size() << " comparisons\n";
    }
    first = false;
    out << padded(one.metric, 16) << one.first << " - " << one.second << "  "
        << (one.difference > 0 ? "+" : "") << shown(one.difference) << " [" << shown(one.low)
        << ", " << shown(one.high) << "]  p " << shown(one.p_value) << ", adjusted "
        << shown(one.adjusted_p) << '\n';
  }
}

Json to_json(const Report& report) {
  Json metrics = Json::array();
  for (const Summary& summary : report.summaries) {
    metrics.push_back({{"metric", summary.metric},
                       {"k", summary.k > 0 ? Json(summary.k) : Json()},
                       {"mean", summary.mean},
                       {"standard_error", summary.standard_error},
                       {"low", summary.low},
                       {"high", summary.high},
                       {"users", summary.num_users}});
  }
  return {{"name", report.name}, {"users", report.num_users}, {"metrics", metrics}};
}

Json to_json(const Comparison& one) {
  return {{"metric", one.metric},   {"first", one.first},
          {"second", one.second},   {"difference", one.difference},
          {"low", one.low},         {"high", one.high},
          {"p_value", one.p_value}, {"adjusted_p", one.adjusted_p}};
}

Json to_json(const Evaluation& evaluation, const Breakdown& breakdown) {
  Json json{{"name", breakdown.name}, {"metric", breakdown.metric}};
  for (const Group& group : breakdown.groups.front()) {
    json["groups"].push_back(group.name);
    json["sizes"].push_back(group.size);
  }
  for (std::size_t c = 0; c < breakdown.groups.size(); ++c) {
    Json& values = json["contenders"][evaluation.reports[c].name];
    for (const Group& group : breakdown.groups[c]) values.push_back(group.value);
  }
  return json;
}

void write_users_json(const std::string& path, const Facts& facts, std::span<const Column> titles,
                      std::span<const Contender> contenders, std::span<const std::int64_t> user_ids,
                      std::span<const std::int64_t> artist_ids) {
  Json root;
  for (const auto& [name, value] : facts) root["facts"][name] = value;
  root["users"] = user_ids;
  for (const Contender& contender : contenders) {
    Json& json = root["contenders"][contender.name];
    for (std::size_t m = 0; m < titles.size(); ++m) {
      Json& values = json[titles[m].label()] = Json::array();
      for (std::size_t u = 0; u < user_ids.size(); ++u) {
        values.push_back(contender.values.values[u * titles.size() + m]);
      }
    }
    Json& lists = json["list"] = Json::array();
    const std::size_t k = contender.values.lists.size() / std::max<std::size_t>(1, user_ids.size());
    for (std::size_t u = 0; u < user_ids.size(); ++u) {
      Json list = Json::array();
      for (const int artist : std::span(contender.values.lists).subspan(u * k, k)) {
        if (artist >= 0) list.push_back(artist_ids[static_cast<std::size_t>(artist)]);
      }
      lists.push_back(std::move(list));
    }
  }
  OutputFile file(path);
  file.stream() << root.dump() << '\n';
  file.commit();
}

void write_users_hdf5(const std::string& path, const Facts& facts, std::span<const Column> titles,
                      std::span<const Contender> contenders, std::span<const std::int64_t> user_ids,
                      std::span<const std::int64_t> artist_ids) {
  std::vector<std::string> metrics;
  for (const Column& title : titles) metrics.push_back(title.label());
  std::vector<std::string> names;
  for (const Contender& contender : contenders) names.push_back(contender.name);
  h5::Writer file(path, kFormat, kVersion);
  file.int64s("users/id", user_ids);
  file.strings("contenders/name", names);
  file.strings("metrics/name", metrics);
  for (std::size_t c = 0; c < contenders.size(); ++c) {
    const UserValues& values = contenders[c].values;
    const Matrix table =
        Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
            values.values.data(), std::ssize(user_ids), std::ssize(titles))
            .cast<float>();
    file.matrix("values/" + std::to_string(c), table);
    std::vector<std::int64_t> lists;
    for (const int artist : values.lists) {
      lists.push_back(artist < 0 ? -1 : artist_ids[static_cast<std::size_t>(artist)]);
    }
    file.int64s("lists/" + std::to_string(c), lists);
  }
  file.group("facts");
  for (const auto& [name, value] : facts) file.attribute("facts", name, value);
  file.commit();
}

}  // namespace

Evaluation make_evaluation(const EvalTask& task, std::span<const Contender> contenders,
                           int num_models, const std::vector<double>& plays) {
  Evaluation evaluation{.num_models = num_models};
  const std::string k = "@" + std::to_string(task.ks.front());
  for (const Contender& contender : contenders) {
    evaluation.reports.push_back(summarize(contender.name, task, contender.values));
  }
  evaluation.comparisons = compare(contenders, num_models, task);
  if (task.facts == nullptr) return evaluation;

  Breakdown activity{.name = "activity", .metric = "ndcg" + k, .groups = {}};
  Breakdown popularity{.name = "popularity", .metric = "recall" + k, .groups = {}};
  for (const auto& [name, values] : contenders) {
    if (!plays.empty()) activity.groups.push_back(by_activity(task, values, plays));
    popularity.groups.push_back(by_popularity(task, values));
    if (task.facts->genres.nonZeros() > 0) evaluation.genres.push_back(genre_means(task, values));
    evaluation.exposure.push_back(exposure(task, values, task.ks.front()));
  }
  if (!plays.empty()) evaluation.breakdowns.push_back(std::move(activity));
  evaluation.breakdowns.push_back(std::move(popularity));
  evaluation.genre_names = task.facts->genre_names;
  evaluation.listeners = task.facts->listeners;
  return evaluation;
}

void print(std::ostream& out, const Evaluation& evaluation) {
  for (const auto& [name, value] : evaluation.facts) out << padded(name, 16) << value << '\n';
  for (const std::string& warning : evaluation.warnings) out << "warning: " << warning << '\n';
  constexpr std::size_t kWidth = 20;
  out << '\n' << padded("", 16);
  for (const Report& report : evaluation.reports) out << padded(report.name, kWidth);
  out << '\n';
  for (std::size_t row = 0; row < evaluation.reports.front().summaries.size(); ++row) {
    out << padded(evaluation.reports.front().summaries[row].label(), 16);
    for (const Report& report : evaluation.reports) {
      out << padded(figure(report.summaries[row]), kWidth);
    }
    out << '\n';
  }
  print_comparisons(out, evaluation);
}

void write_json(const std::string& path, const Evaluation& evaluation) {
  Json root;
  for (const auto& [name, value] : evaluation.facts) root["facts"][name] = value;
  root["warnings"] = evaluation.warnings;
  for (const Report& report : evaluation.reports) root["reports"].push_back(to_json(report));
  root["comparisons"] = Json::array();
  for (const Comparison& one : evaluation.comparisons) {
    root["comparisons"].push_back(to_json(one));
  }
  root["breakdowns"] = Json::array();
  for (const Breakdown& one : evaluation.breakdowns) {
    root["breakdowns"].push_back(to_json(evaluation, one));
  }
  if (!evaluation.genres.empty()) {
    root["genres"]["names"] = evaluation.genre_names;
    for (std::size_t c = 0; c < evaluation.genres.size(); ++c) {
      root["genres"]["contenders"][evaluation.reports[c].name] = {
          {"history", evaluation.genres[c].history}, {"list", evaluation.genres[c].list}};
    }
  }
  OutputFile file(path);
  file.stream() << root.dump(2) << '\n';
  file.commit();
}

void write_users(const std::string& path, const Facts& facts, const EvalTask& task,
                 std::span<const Contender> contenders, std::span<const std::int64_t> user_ids,
                 std::span<const std::int64_t> artist_ids) {
  const std::vector<Column> titles = columns(task);
  const auto write = path.ends_with(".json") ? write_users_json : write_users_hdf5;
  write(path, facts, titles, contenders, user_ids, artist_ids);
}

}  // namespace mrec
