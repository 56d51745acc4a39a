#include "model/catalogue.h"

#include <algorithm>
#include <tuple>

#include "dataset/name_normalizer.h"
#include "dataset/similarity.h"

namespace mrec {

Catalogue::Catalogue(std::span<const std::string> names, std::span<const int> listeners)
    : names_(names), listeners_(listeners) {
  by_name_.reserve(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto [found, is_new] = by_name_.emplace(normalize_name(names[i]), static_cast<int>(i));
    if (!is_new && listeners[i] > listeners[static_cast<std::size_t>(found->second)]) {
      found->second = static_cast<int>(i);
    }
  }
}

std::optional<int> Catalogue::find(std::string_view name) const {
  const auto found = by_name_.find(normalize_name(name));
  if (found == by_name_.end()) return std::nullopt;
  return found->second;
}

std::vector<int> Catalogue::suggest(std::string_view name, int count) const {
  const std::string wanted = transliterate_name(name);
  struct Candidate {
    double similarity;
    int listeners;
    int artist;
  };
  std::vector<Candidate> candidates;
  constexpr double kLeast = 60;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const std::string key = transliterate_name(names_[i]);
    double similarity = indel_similarity(wanted, key, kLeast);
    // Somebody who typed the beginning of a name means it.
    constexpr std::size_t kTyped = 3;
    if (wanted.size() >= kTyped && key.starts_with(wanted)) similarity = std::max(similarity, 90.0);
    if (similarity >= kLeast) {
      candidates.push_back({similarity, listeners_[i], static_cast<int>(i)});
    }
  }
  std::ranges::sort(candidates, [](const Candidate& a, const Candidate& b) {
    return std::tie(b.similarity, b.listeners, a.artist) <
           std::tie(a.similarity, a.listeners, b.artist);
  });
  std::vector<int> artists;
  for (const Candidate& candidate : candidates) {
    if (std::ssize(artists) == count) break;
    artists.push_back(candidate.artist);
  }
  return artists;
}

}  // namespace mrec
