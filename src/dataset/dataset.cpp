#include "dataset/dataset.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/error.h"

namespace mrec {
namespace {

constexpr std::array<const char*, 3> kParts{"train", "valid", "test"};

void require(const h5::Reader& file, bool sound, const std::string& what) {
  if (!sound) throw InputError(file.path() + ":" + what);
}

void require_positive(const h5::Reader& file, std::span<const float> values,
                      const std::string& name) {
  require(file, std::ranges::all_of(values, [](float value) { return value > 0; }),
          name + ": holds a value that is not above 0");
}

IdMap id_map(const h5::Reader& file, const std::string& name) {
  try {
    return IdMap(file.int64s(name));
  } catch (const InputError& error) {
    const std::string text = error.what();
    throw text.starts_with(file.path()) ? error
                                        : InputError(file.path() + ":" + name + ": " + text);
  }
}

// That no user has an artist in two parts.
void require_disjoint(const h5::Reader& file, const Dataset& dataset) {
  SparseMatrix sum = dataset.train.weights + dataset.valid.weights + dataset.test.weights;
  require(file,
          sum.nonZeros() == dataset.train.weights.nonZeros() + dataset.valid.weights.nonZeros() +
                                dataset.test.weights.nonZeros(),
          "train, valid and test overlap: a user has an artist in two of them");
}

}  // namespace

void save(const std::string& path, const Dataset& dataset, const Fields& params,
          const std::vector<std::pair<std::string, std::string>>& provenance) {
  h5::Writer file(path, kDatasetFormat, kDatasetVersion);
  file.int64s("users/id", dataset.users.ids());
  file.int64s("artists/id", dataset.artists.ids());
  file.strings("artists/name", dataset.artist_names);
  file.strings("artists/genre", dataset.artist_genres);
  file.ints("artists/num_tracks", dataset.artist_num_tracks);
  const std::array<const Interactions*, 3> parts{&dataset.train, &dataset.valid, &dataset.test};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    file.sparse(kParts[i], parts[i]->weights);
    file.floats(std::string(kParts[i]) + "/plays", parts[i]->plays);
  }
  file.sparse("features", dataset.features.values);
  file.strings("features/name", dataset.features.names);
  file.strings("features/type", dataset.features.types);
  file.sparse("tags", dataset.tags);
  file.strings("tags/name", dataset.tag_names);
  file.group("params");
  file.fields("params", params);
  file.group("provenance");
  for (const auto& [name, value] : provenance) file.attribute("provenance", name, value);
  file.commit();
}

DatasetFile::DatasetFile(const std::string& path, h5::Sum sum)
    : file_(path, kDatasetFormat, kDatasetVersion, sum),
      num_users_(static_cast<int>(file_.int64s("users/id").size())),
      num_artists_(static_cast<int>(file_.int64s("artists/id").size())) {
  for (const char* part : kParts) {
    require(file_, std::ssize(row_offsets(part)) == num_users_ + 1,
            std::string(part) + ": does not have a row for each user");
  }
}

std::vector<std::int64_t> DatasetFile::row_offsets(const std::string& part) const {
  return file_.sparse_offsets(part);
}

Interactions DatasetFile::interactions(const std::string& part, int first, int last) const {
  const std::vector<std::int64_t> offsets = row_offsets(part);
  Interactions rows{.weights = file_.sparse_rows(part, first, last),
                    .plays = file_.floats(part + "/plays", offsets[static_cast<std::size_t>(first)],
                                          offsets[static_cast<std::size_t>(last)])};
  require(file_, rows.weights.cols() == num_artists_,
          part + ": does not have a column for each artist");
  const auto size = static_cast<std::size_t>(rows.weights.nonZeros());
  require_positive(file_, {rows.weights.valuePtr(), size}, part);
  require_positive(file_, rows.plays, part + "/plays");
  return rows;
}

Interactions DatasetFile::interactions(const std::string& part) const {
  return interactions(part, 0, num_users_);
}

IdMap DatasetFile::users() const { return id_map(file_, "users/id"); }

IdMap DatasetFile::artists() const { return id_map(file_, "artists/id"); }

std::vector<std::string> DatasetFile::artist_names() const {
  auto names = file_.strings("artists/name");
  require(file_, std::ssize(names) == num_artists_, "artists/name: is not one for each artist");
  return names;
}

std::vector<std::string> DatasetFile::artist_genres() const {
  auto genres = file_.strings("artists/genre");
  require(file_, std::ssize(genres) == num_artists_, "artists/genre: is not one for each artist");
  return genres;
}

FeatureMatrix DatasetFile::features() const {
  FeatureMatrix features{.values = file_.sparse("features"),
                         .names = file_.strings("features/name"),
                         .types = file_.strings("features/type")};
  const auto columns = features.values.cols();
  require(file_,
          features.values.rows() == num_artists_ && std::ssize(features.names) == columns &&
              std::ssize(features.types) == columns,
          "features: rows, columns, names and types do not fit together");
  require(file_,
          std::ranges::all_of(
              features.types,
              [](const auto& type) { return type == "indicator" || type == "numeric"; }),
          "features/type: holds what is neither indicator nor numeric");
  return features;
}

SparseMatrix DatasetFile::tags() const {
  SparseMatrix tags = file_.sparse("tags");
  require(file_, tags.rows() == num_artists_, "tags: does not have a row for each artist");
  return tags;
}

std::vector<std::string> DatasetFile::tag_names() const { return file_.strings("tags/name"); }

std::string DatasetFile::sha256() const { return file_.sha256(); }

std::string DatasetFile::attribute(const std::string& group, const std::string& name) const {
  if (!file_.has(group)) return "";
  for (const std::string& found : file_.attribute_names(group)) {
    if (found == name) return file_.attribute(group, name);
  }
  return "";
}

Dataset load_dataset(const std::string& path) {
  const DatasetFile file(path);
  const h5::Reader raw(path, kDatasetFormat, kDatasetVersion);
  Dataset dataset{.users = file.users(),
                  .artists = file.artists(),
                  .artist_names = file.artist_names(),
                  .artist_genres = file.artist_genres(),
                  .artist_num_tracks = raw.ints("artists/num_tracks"),
                  .train = file.interactions("train"),
                  .valid = file.interactions("valid"),
                  .test = file.interactions("test"),
                  .features = file.features(),
                  .tags = raw.sparse("tags"),
                  .tag_names = raw.strings("tags/name")};
  require(raw, std::ssize(dataset.artist_num_tracks) == file.num_artists(),
          "artists/num_tracks: is not one for each artist");
  require(raw,
          dataset.tags.rows() == file.num_artists() &&
              dataset.tags.cols() == std::ssize(dataset.tag_names),
          "tags: rows, columns and names do not fit together");
  require_disjoint(raw, dataset);
  return dataset;
}

}  // namespace mrec
