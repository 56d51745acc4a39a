#include "model/new_artists.h"

#include <charconv>
#include <optional>
#include <unordered_map>

#include "base/error.h"
#include "base/table_file.h"

namespace mrec {
namespace {

// A whole number above 0 that is all of the text.
std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value <= 0) return std::nullopt;
  return value;
}

struct CountedTag {
  std::string name;
  float users = 1;
};

// "jazz;soul:12" -> jazz 1, soul 12.
std::vector<CountedTag> split_tags(std::string_view cell) {
  std::vector<CountedTag> tags;
  while (!cell.empty()) {
    const std::size_t end = std::min(cell.find(';'), cell.size());
    std::string_view tag = cell.substr(0, end);
    cell.remove_prefix(std::min(end + 1, cell.size()));
    while (tag.starts_with(' ')) tag.remove_prefix(1);
    while (tag.ends_with(' ')) tag.remove_suffix(1);
    const std::size_t colon = tag.rfind(':');
    CountedTag counted;
    if (colon != std::string_view::npos) {
      if (const auto users = number_of(tag.substr(colon + 1))) {
        counted.users = static_cast<float>(*users);
        tag = tag.substr(0, colon);
      }
    }
    counted.name = tag;
    if (!tag.empty()) tags.push_back(std::move(counted));
  }
  return tags;
}

// What the model knows, for a message.
std::string examples(const NewArtistMap& map) {
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(3, map.tag_names.size()); ++i) {
    text += (i == 0 ? "" : ", ") + map.tag_names[i];
  }
  return text;
}

}  // namespace

void add_new_artists(Artifact& model, const std::string& path) {
  const NewArtistMap& map = model.new_artists;
  if (map.num_tags() == 0) {
    throw InputError(
        "the model was trained without tags, so new artists cannot be placed by theirs");
  }
  std::unordered_map<std::string, int> place;
  for (const std::string& name : map.tag_names) place.emplace(name, place.size());

  TableFile file(path, TableFile::Kind::kTsv);
  const auto where = [&] { return path + ":" + std::to_string(file.line()) + ": "; };
  if (!file.next() || file.cells().size() != 3 || file.cells()[0] != "artist_id") {
    throw InputError(path + ":1: expected the header `artist_id <tab> name <tab> tags`");
  }
  std::vector<std::int64_t> ids = model.artists.ids();
  std::vector<Eigen::Triplet<float>> entries;
  std::unordered_map<std::int64_t, bool> added;
  while (file.next()) {
    const auto cells = file.cells();
    const auto id = number_of(cells[0]);
    if (cells.size() != 3 || !id || cells[1].empty()) {
      throw InputError(where() + "expected `artist_id <tab> name <tab> tag;tag:count;...`");
    }
    if (model.artists.find(*id) || !added.emplace(*id, true).second) {
      throw InputError(where() + "artist " + std::to_string(*id) + " is in the catalogue already");
    }
    const auto row = static_cast<int>(ids.size()) - model.num_artists();
    bool known = false;
    for (const CountedTag& tag : split_tags(cells[2])) {
      const auto found = place.find(tag.name);
      if (found == place.end()) continue;
      known = true;
      entries.emplace_back(row, found->second, tag.users);
    }
    if (!known) {
      throw InputError(where() + "the model knows none of the tags of '" + std::string(cells[1]) +
                       "'; it knows " + std::to_string(map.num_tags()) + ", such as " +
                       examples(map));
    }
    ids.push_back(*id);
    model.artist_names.emplace_back(cells[1]);
  }
  const auto num_added = static_cast<int>(ids.size()) - model.num_artists();
  if (num_added == 0) throw InputError(path + ": names no artist");

  SparseMatrix tags(num_added, map.num_tags());
  tags.setFromTriplets(entries.begin(), entries.end());
  const FeatureMatrix none{.values = SparseMatrix(num_added, 0), .names = {}, .types = {}};
  const Matrix placed = map.place(tags, map.tag_names, none);
  const int before = model.num_artists();
  const int dim = model.dim();
  model.artist_factors.conservativeResize(before + num_added, Eigen::NoChange);
  model.artist_factors.bottomRows(num_added) = placed.leftCols(dim);
  model.artist_bias.conservativeResize(before + num_added);
  model.artist_bias.tail(num_added) = placed.col(dim);
  model.artist_genres.resize(ids.size());
  model.artist_listeners.resize(ids.size());
  model.artists = IdMap(std::move(ids));
}

}  // namespace mrec
