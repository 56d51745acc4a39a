#include "jobs/sources.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/error.h"

namespace mrec {

std::vector<std::string> track_files(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    if (!std::filesystem::is_directory(path)) {
      if (!std::filesystem::exists(path)) throw InputError(path + ": No such file or directory");
      files.push_back(path);
      continue;
    }
    const std::size_t first = files.size();
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      if (entry.path().extension() == ".csv") files.push_back(entry.path().string());
    }
    std::sort(files.begin() + static_cast<std::ptrdiff_t>(first), files.end());
    if (files.size() == first) throw InputError(path + ": the directory holds no .csv file");
  }
  return files;
}

std::vector<SpotifyName> NameCounter::names() const {
  std::vector<SpotifyName> names;
  names.reserve(counts_.size());
  for (const auto& [name, count] : counts_) names.push_back({name, count});
  return names;
}

std::string summary_of(const std::vector<ArtistLink>& links) {
  std::array<int, 5> counts{};
  std::map<NameRule, int> rules;
  for (const ArtistLink& link : links) {
    ++counts[static_cast<std::size_t>(link.kind)];
    if (link.kind == MatchKind::kFuzzy) ++rules[link.rule];
  }
  std::string by_rule;
  for (const auto& [rule, count] : rules) {
    by_rule += (by_rule.empty() ? " (" : ", ") + std::to_string(count) + " " +
               std::string(rule_name(rule));
  }
  const std::string given = counts[4] == 0 ? "" : std::to_string(counts[4]) + " given, ";
  return given + std::to_string(counts[0]) + " exact, " + std::to_string(counts[1]) +
         " by other rules" + by_rule + (by_rule.empty() ? "" : ")") + ", " +
         std::to_string(counts[2]) + " only in Last.fm, " + std::to_string(counts[3]) +
         " only in Spotify";
}

}  // namespace mrec
