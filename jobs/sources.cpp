#include "jobs/sources.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>

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

std::vector<SpotifyName> spotify_names(const std::vector<spotify::Track>& tracks) {
  std::map<std::string, int> counts;
  for (const spotify::Track& track : tracks) {
    for (const std::string& name : track.artists) ++counts[name];
  }
  std::vector<SpotifyName> names;
  names.reserve(counts.size());
  for (const auto& [name, count] : counts) names.push_back({name, count});
  return names;
}

std::string summary_of(const std::vector<ArtistLink>& links) {
  std::array<int, 4> counts{};
  for (const ArtistLink& link : links) ++counts[static_cast<std::size_t>(link.kind)];
  return std::to_string(counts[0]) + " exact, " + std::to_string(counts[1]) + " fuzzy, " +
         std::to_string(counts[2]) + " only in Last.fm, " + std::to_string(counts[3]) +
         " only in Spotify";
}

}  // namespace mrec
