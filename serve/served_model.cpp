#include "serve/served_model.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <numeric>
#include <span>

#include "model/survey.h"

namespace mrec {
namespace {

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

}  // namespace

GenreIndex::GenreIndex(const std::vector<std::string>& artist_genres)
    : genre(artist_genres.size(), -1) {
  std::map<std::string, int> counts;
  for (const std::string& name : artist_genres) {
    if (!name.empty()) ++counts[name];
  }
  for (const auto& [name, count] : counts) names.push_back(name);
  std::ranges::stable_sort(names, std::greater{},
                           [&](const std::string& name) { return counts[name]; });
  std::map<std::string, int> index;
  for (const std::string& name : names) {
    index[name] = static_cast<int>(lowercase.size());
    lowercase.push_back(lower(name));
    num_artists.push_back(counts[name]);
  }
  for (std::size_t a = 0; a < artist_genres.size(); ++a) {
    if (!artist_genres[a].empty()) genre[a] = index[artist_genres[a]];
  }
}

std::vector<char> GenreIndex::containing(const std::vector<std::string>& texts) const {
  std::vector<char> contains(names.size(), 0);
  for (const std::string& text : texts) {
    const std::string wanted = lower(text);
    for (std::size_t g = 0; g < names.size(); ++g) {
      if (lowercase[g].find(wanted) != std::string::npos) contains[g] = 1;
    }
  }
  return contains;
}

Popularity::Popularity(const std::vector<int>& listeners)
    : order(listeners.size()), place(listeners.size()), percentile(listeners.size()) {
  const auto of = [&](int artist) { return listeners[static_cast<std::size_t>(artist)]; };
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::greater{}, of);
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first;
    while (last < order.size() && of(order[last]) == of(order[first])) ++last;
    const double fewer = static_cast<double>(order.size() - last);
    const double same = static_cast<double>(last - first);
    const double share = 100 * (fewer + same / 2) / static_cast<double>(order.size());
    for (; first < last; ++first) {
      const auto artist = static_cast<std::size_t>(order[first]);
      place[artist] = static_cast<int>(first);
      percentile[artist] = static_cast<float>(share);
    }
  }
}

std::vector<float> Popularity::balanced() const {
  std::vector<float> balanced;
  balanced.reserve(percentile.size());
  for (const float share : percentile) balanced.push_back(share / 50 - 1);
  return balanced;
}

struct ServedModel::LazyMap {
  std::once_flag once;
  Projection map;
};

ServedModel::ServedModel(Artifact model, std::string name, const ServingOptions& options)
    : artifact(std::move(model)),
      id(std::move(name)),
      survey(options.survey.empty() ? artifact.survey
                                    : read_survey(options.survey, artifact.artists)),
      popularity(artifact.artist_listeners),
      genres(artifact.artist_genres),
      ranking(artifact.artist_factors, artifact.artist_bias, popularity.balanced(),
              options.quantize),
      names(artifact.artist_names, popularity.place),
      heard(options.dataset.empty() ? HeardArtists() : HeardArtists(options.dataset, artifact)),
      reports(read_model_reports(options.evaluation, options.study, artifact.sha256)),
      map_(std::make_unique<LazyMap>()) {}

ServedModel::~ServedModel() = default;

const Projection& ServedModel::map() const {
  std::call_once(map_->once, [&] {
    const auto count = std::min<std::size_t>(kMapArtists, popularity.order.size());
    map_->map = project(artifact.artist_factors, std::span(popularity.order).first(count));
  });
  return map_->map;
}

}  // namespace mrec
