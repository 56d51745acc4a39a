#include "eval/genre_table.h"

#include <algorithm>
#include <map>

namespace mrec {
namespace {

constexpr std::size_t kMostGenres = 30;

std::vector<std::string> most_common(const std::vector<std::string>& labels) {
  std::map<std::string, int> counts;
  for (const std::string& label : labels) {
    if (!label.empty()) ++counts[label];
  }
  std::vector<std::pair<std::string, int>> sorted(counts.begin(), counts.end());
  std::ranges::stable_sort(sorted, std::greater{}, &std::pair<std::string, int>::second);
  std::vector<std::string> names;
  for (const auto& [name, count] : sorted) {
    if (names.size() < kMostGenres && count > 1) names.push_back(name);
  }
  return names;
}

}  // namespace

GenreTable make_genre_table(const std::vector<std::string>& labels, const SparseMatrix& tags,
                            const std::vector<std::string>& tag_names) {
  GenreTable table{.names = most_common(labels), .labels = {}};
  std::map<std::string, int> genres;
  for (const std::string& name : table.names) genres.emplace(name, std::ssize(genres));
  std::vector<int> genre_of(tag_names.size(), -1);
  for (std::size_t t = 0; t < tag_names.size(); ++t) {
    if (const auto found = genres.find(tag_names[t]); found != genres.end()) {
      genre_of[t] = found->second;
    }
  }
  std::vector<Eigen::Triplet<float>> entries;
  for (int a = 0; a < std::ssize(labels); ++a) {
    const std::size_t before = entries.size();
    if (a < tags.rows()) {
      for (SparseMatrix::InnerIterator it(tags, a); it; ++it) {
        const int genre = genre_of[static_cast<std::size_t>(it.col())];
        if (genre >= 0) entries.emplace_back(a, genre, it.value());
      }
    }
    const auto own = genres.find(labels[static_cast<std::size_t>(a)]);
    if (entries.size() == before && own != genres.end()) entries.emplace_back(a, own->second, 1.0F);
  }
  table.labels.resize(std::ssize(labels), std::ssize(table.names));
  table.labels.setFromTriplets(entries.begin(), entries.end());
  return table;
}

}  // namespace mrec
