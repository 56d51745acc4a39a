#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/text.h"
#include "report/chart.h"
#include "report/explore.h"
#include "report/stats.h"
#include "report/text.h"

namespace mrec::report {
namespace {

constexpr std::size_t kMostCorrelated = 200;  // features whose correlations are taken
constexpr std::size_t kMostShown = 40;        // in the heat map
constexpr std::size_t kMostDrawn = 24;        // histograms
constexpr std::size_t kMostListed = 120;      // rows of the table of features

struct Part {
  const char* name;
  const Interactions& interactions;
};

// Rows and columns of a matrix that have an entry.
struct Extent {
  std::int64_t users = 0;
  std::int64_t artists = 0;
};
Extent extent_of(const SparseMatrix& weights) {
  Extent extent;
  std::vector<bool> seen(static_cast<std::size_t>(weights.cols()));
  for (int user = 0; user < weights.rows(); ++user) {
    if (weights.outerIndexPtr()[user + 1] > weights.outerIndexPtr()[user]) ++extent.users;
  }
  for (Eigen::Index k = 0; k < weights.nonZeros(); ++k) {
    const auto artist = static_cast<std::size_t>(weights.innerIndexPtr()[k]);
    if (!seen[artist]) ++extent.artists;
    seen[artist] = true;
  }
  return extent;
}

// How many held-out artists have so many listeners in train: what is easy and what is hard.
Figure held_out_figure(const Dataset& dataset) {
  std::vector<float> listeners(static_cast<std::size_t>(dataset.artists.size()));
  const SparseMatrix& train = dataset.train.weights;
  for (Eigen::Index k = 0; k < train.nonZeros(); ++k) {
    listeners[static_cast<std::size_t>(train.innerIndexPtr()[k])] += 1;
  }
  const SparseMatrix& test = dataset.test.weights;
  std::vector<float> of_test;
  for (Eigen::Index k = 0; k < test.nonZeros(); ++k) {
    of_test.push_back(listeners[static_cast<std::size_t>(test.innerIndexPtr()[k])]);
  }
  const Histogram bins = doubling_bins(of_test);
  const std::string caption =
      "The middle number of listeners in train is " + middle_of(of_test) + "; " +
      percent(static_cast<double>(bins.outside) / static_cast<double>(of_test.size())) +
      " of the pairs have an artist that train does not know: no list made of listening alone can "
      "hold them.";
  return {"Listeners in train of what is to be predicted",
          histogram_chart({.title = "Histogram of train listeners of the artists in test",
                           .description = caption,
                           .x = {.label = "listeners in train", .log = true},
                           .y = {.label = "pairs in test"}},
                          bins),
          caption};
}

void add_split(Page& page, const Dataset& dataset) {
  const std::vector<Part> parts{
      {"train", dataset.train}, {"validation", dataset.valid}, {"test", dataset.test}};
  double all = 0;
  for (const Part& part : parts) all += static_cast<double>(part.interactions.weights.nonZeros());
  Table table{
      .columns = {
          {"Part", false}, {"Interactions"}, {"Share"}, {"Listeners"}, {"Artists"}, {"Plays"}}};
  std::vector<std::string> names;
  BarSeries series;
  for (const Part& part : parts) {
    const SparseMatrix& weights = part.interactions.weights;
    const Extent extent = extent_of(weights);
    const double share = static_cast<double>(weights.nonZeros()) / all;
    const double plays =
        std::accumulate(part.interactions.plays.begin(), part.interactions.plays.end(), 0.0);
    names.emplace_back(part.name);
    series.bars.push_back({static_cast<double>(weights.nonZeros())});
    table.rows.push_back({part.name, grouped(weights.nonZeros()), percent(share),
                          grouped(extent.users), grouped(extent.artists), figure(plays)});
  }
  const std::string caption = percent(series.bars[0].value / all) + " of " +
                              grouped(static_cast<std::int64_t>(all)) +
                              " interactions are there to learn from; " +
                              percent(series.bars[2].value / all) + " are held out for the test.";
  std::vector<Figure> figures{{"Sizes of the parts",
                               bar_chart({.title = "Interactions in train, validation and test",
                                          .description = caption,
                                          .x = {.label = "interactions"}},
                                         names, std::vector{series}),
                               caption, table}};
  const SparseMatrix& train = dataset.train.weights;
  const std::vector<float> weights(train.valuePtr(), train.valuePtr() + train.nonZeros());
  const Histogram bins = even_bins(weights, 25, false, 0.002);
  const std::string weights_caption = "Median " + middle_of(weights) + ".";
  figures.push_back({"Weights in train",
                     histogram_chart({.title = "Histogram of the weights in train",
                                      .description = weights_caption,
                                      .x = {.label = "weight of an interaction"},
                                      .y = {.label = "interactions"}},
                                     bins),
                     weights_caption});
  if (dataset.test.weights.nonZeros() > 0) figures.push_back(held_out_figure(dataset));
  page.figures(Width::kHalf, figures);
}

// The features with the most entries, in the order of the file.
std::vector<Eigen::Index> fullest(const SparseMatrix& features, std::size_t most) {
  std::vector<std::int64_t> entries(static_cast<std::size_t>(features.cols()));
  for (Eigen::Index k = 0; k < features.nonZeros(); ++k) {
    ++entries[static_cast<std::size_t>(features.innerIndexPtr()[k])];
  }
  std::vector<Eigen::Index> order(entries.size());
  std::iota(order.begin(), order.end(), Eigen::Index{0});
  std::ranges::stable_sort(order, std::greater(), [&](Eigen::Index feature) {
    return entries[static_cast<std::size_t>(feature)];
  });
  order.resize(std::min(most, order.size()));
  std::ranges::sort(order);
  return order;
}

struct Chosen {
  std::vector<Eigen::Index> columns;
  Matrix values;  // [artists x columns]
};

Chosen chosen_of(const SparseMatrix& features) {
  Chosen chosen{.columns = fullest(features, kMostCorrelated)};
  chosen.values = Matrix::Zero(features.rows(), std::ssize(chosen.columns));
  std::vector<Eigen::Index> place(static_cast<std::size_t>(features.cols()), -1);
  for (std::size_t i = 0; i < chosen.columns.size(); ++i) {
    place[static_cast<std::size_t>(chosen.columns[i])] = static_cast<Eigen::Index>(i);
  }
  for (Eigen::Index artist = 0; artist < features.rows(); ++artist) {
    for (SparseMatrix::InnerIterator it(features, artist); it; ++it) {
      const Eigen::Index column = place[static_cast<std::size_t>(it.col())];
      if (column >= 0) chosen.values(artist, column) = it.value();
    }
  }
  return chosen;
}

// Pearson's, between columns; rows and columns of constants are 0.
Matrix correlations_of(const Matrix& values) {
  Matrix centred = values.rowwise() - values.colwise().mean();
  for (Eigen::Index c = 0; c < centred.cols(); ++c) {
    const float length = centred.col(c).norm();
    if (length > 0) centred.col(c) /= length;
  }
  return centred.transpose() * centred;
}

Figure heatmap_figure(const std::vector<std::string>& names, const Matrix& correlations) {
  // Where there are too many, those that are most correlated with another.
  std::vector<Eigen::Index> order(names.size());
  std::iota(order.begin(), order.end(), Eigen::Index{0});
  std::erase_if(order, [&](Eigen::Index i) { return correlations(i, i) == 0; });
  const auto strength = [&](Eigen::Index i) {
    float most = 0;
    for (Eigen::Index j = 0; j < correlations.cols(); ++j) {
      if (j != i) most = std::max(most, std::abs(correlations(i, j)));
    }
    return most;
  };
  std::ranges::stable_sort(order, std::greater(), strength);
  order.resize(std::min(kMostShown, order.size()));
  std::ranges::sort(order);

  Matrix shown(std::ssize(order), std::ssize(order));
  std::vector<std::string> labels;
  for (Eigen::Index i = 0; i < shown.rows(); ++i) {
    labels.push_back(names[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])]);
    for (Eigen::Index j = 0; j < shown.cols(); ++j) {
      shown(i, j) =
          correlations(order[static_cast<std::size_t>(i)], order[static_cast<std::size_t>(j)]);
    }
  }

  struct Pair {
    Eigen::Index a;
    Eigen::Index b;
    float value;
  };
  std::vector<Pair> pairs;
  for (Eigen::Index i = 0; i < correlations.rows(); ++i) {
    for (Eigen::Index j = 0; j < i; ++j) pairs.push_back({j, i, correlations(i, j)});
  }
  std::ranges::stable_sort(pairs, std::greater(), [](const Pair& p) { return std::abs(p.value); });
  const auto strong =
      std::ranges::count_if(pairs, [](const Pair& pair) { return std::abs(pair.value) > 0.8F; });
  Table table{.columns = {{"Feature", false}, {"And", false}, {"Correlation"}}};
  const auto name = [&](Eigen::Index i) { return names[static_cast<std::size_t>(i)]; };
  for (std::size_t i = 0; i < std::min<std::size_t>(20, pairs.size()); ++i) {
    table.rows.push_back({name(pairs[i].a), name(pairs[i].b), fixed(pairs[i].value, 2)});
  }
  std::string caption =
      "Pearson's correlation over all artists; blue together, orange against "
      "one another. ";
  if (!pairs.empty()) {
    caption += counted(strong, "pair") + " beyond ±0.8; strongest are " + name(pairs[0].a) +
               " and " + name(pairs[0].b) + " (" + fixed(pairs[0].value, 2) + ").";
  }
  if (labels.size() < names.size()) {
    caption += " Shown are the " + std::to_string(labels.size()) + " of " +
               std::to_string(names.size()) + " features that another one resembles most.";
  }
  return {
      "Correlations of the features",
      heatmap_chart({.title = "Correlations of the features", .description = caption, .width = 860},
                    labels, shown),
      caption, table};
}

void add_features(Page& page, const Dataset& dataset) {
  const FeatureMatrix& features = dataset.features;
  if (features.names.empty()) return;
  const Chosen chosen = chosen_of(features.values);
  std::vector<std::string> names;
  Table table{.columns = {{"Feature", false},
                          {"Kind", false},
                          {"Not zero"},
                          {"Mean"},
                          {"Std. dev."},
                          {"Least"},
                          {"Median"},
                          {"Most"}}};
  std::vector<Figure> small;
  const auto artists = static_cast<double>(features.values.rows());
  for (std::size_t i = 0; i < chosen.columns.size(); ++i) {
    const auto column = static_cast<std::size_t>(chosen.columns[i]);
    names.push_back(shortened(features.names[column], 48));
    const Vector values = chosen.values.col(static_cast<Eigen::Index>(i));
    const std::span<const float> all(values.data(), static_cast<std::size_t>(values.size()));
    const double mean = values.cast<double>().mean();
    const double deviation =
        std::sqrt((values.cast<double>().array() - mean).square().sum() / artists);
    const double filled = static_cast<double>((values.array() != 0).count()) / artists;
    if (table.rows.size() < kMostListed) {
      table.rows.push_back({names.back(), features.types[column], percent(filled), figure(mean),
                            figure(deviation), figure(values.minCoeff()),
                            figure(quantile(all, 0.5)), figure(values.maxCoeff())});
    }
    if (features.types[column] == "indicator" || small.size() == kMostDrawn) continue;
    const std::string caption =
        "Mean " + figure(mean) + ", standard deviation " + figure(deviation) + ".";
    small.push_back({names.back(),
                     histogram_chart({.title = "Histogram of the feature " + names.back(),
                                      .description = caption,
                                      .x = {},
                                      .y = {},
                                      .width = 240,
                                      .height = 150},
                                     even_bins(all, 24, false, 0.001)),
                     caption});
  }
  page.section("Features", counted(std::ssize(features.names), "column") +
                               " that describe artists besides who listens to them.");
  page.figures(Width::kFull, std::vector{heatmap_figure(names, correlations_of(chosen.values))});
  if (!small.empty()) {
    page.heading("Distributions over artists");
    const auto trackless = std::ranges::count(dataset.artist_num_tracks, 0);
    if (trackless > 0) {
      page.text(counted(trackless, "artist") + " (" +
                percent(static_cast<double>(trackless) / artists) +
                ") have no tracks. What is told of tracks alone has the others' mean for them: a "
                "narrow peak in many of the charts.");
    }
    page.figures(Width::kSmall, small);
  }
  page.table("All features", table,
             table.rows.size() < features.names.size()
                 ? "The fullest " + std::to_string(table.rows.size()) + " of them."
                 : "");
}

}  // namespace

void add_dataset(Page& page, const Dataset& dataset,
                 const std::vector<std::pair<std::string, std::string>>& facts) {
  page.section("Data set", "What training and evaluation read: dataset.h5.");
  add_split(page, dataset);
  if (!facts.empty()) {
    Table table{.columns = {{"Fact", false}, {"Value", false}}};
    for (const auto& [name, value] : facts) table.rows.push_back({name, value});
    page.table("How it was made", table);
  }
  add_features(page, dataset);
}

}  // namespace mrec::report
