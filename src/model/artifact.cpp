#include "model/artifact.h"

#include <optional>
#include <span>

#include "base/error.h"
#include "base/hdf5.h"

namespace mrec {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// "The file's object `name` has the size that the others ask for."
void require_size(const h5::Reader& file, const std::string& name, Eigen::Index found,
                  Eigen::Index expected) {
  if (found == expected) return;
  throw InputError(file.path() + ":" + name + ": has " + std::to_string(found) +
                   " elements, expected " + std::to_string(expected));
}

Matrix read_matrix(const h5::Reader& file, const std::string& name, Eigen::Index rows,
                   Eigen::Index cols) {
  Matrix values = file.matrix(name);
  require_size(file, name + " (rows)", values.rows(), rows);
  require_size(file, name + " (columns)", values.cols(), cols);
  return values;
}

Vector read_vector(const h5::Reader& file, const std::string& name, Eigen::Index size) {
  const std::vector<float> values = file.floats(name);
  require_size(file, name, std::ssize(values), size);
  return Eigen::Map<const Vector>(values.data(), size);
}

template <typename T>
std::vector<T> sized(const h5::Reader& file, const std::string& name, std::vector<T> values,
                     Eigen::Index size) {
  require_size(file, name, std::ssize(values), size);
  return values;
}

std::span<const float> span_of(const Vector& values) {
  return {values.data(), static_cast<std::size_t>(values.size())};
}

Pairs read_pairs(const h5::Reader& file, const std::string& group) {
  Pairs pairs;
  for (const std::string& name : file.attribute_names(group)) {
    pairs.emplace_back(name, file.attribute(group, name));
  }
  return pairs;
}

void write_pairs(h5::Writer& file, const std::string& group, const Pairs& pairs) {
  file.group(group);
  for (const auto& [name, value] : pairs) file.attribute(group, name, value);
}

// What the file takes on the disk at most, compressed as it is not.
std::int64_t bytes_of(const Artifact& model) {
  const std::int64_t dim = model.params.dim;
  const std::int64_t artists = model.num_artists();
  const std::int64_t features = std::ssize(model.feature_names);
  const std::int64_t floats = (artists + features + model.users.size() + 2 * dim) * (dim + 1);
  std::int64_t bytes = floats * static_cast<std::int64_t>(sizeof(float)) +
                       (artists + model.users.size()) * static_cast<std::int64_t>(sizeof(double));
  for (const std::string& name : model.artist_names) bytes += std::ssize(name);
  for (const std::string& name : model.new_artists.tag_names) bytes += std::ssize(name);
  bytes += model.new_artists.map.size() * static_cast<std::int64_t>(sizeof(float));
  constexpr std::int64_t kPerArtist = 64;  // genre, listeners, places of texts
  constexpr std::int64_t kRest = 1 << 20;
  return bytes + kPerArtist * artists + kRest;
}

Fields calibration_fields(Artifact& model) {
  return {{.name = "slope", .value = &model.calibration_slope, .help = "", .min = 0},
          {.name = "offset", .value = &model.calibration_offset, .help = ""}};
}

}  // namespace

Artifact Artifact::load(const std::string& path) {
  const h5::Reader file(path, kModelFormat, kModelVersion);
  Artifact model;
  model.sha256 = file.sha256();
  file.fields("params", model.params.fields());
  const Eigen::Index dim = model.params.dim;

  model.artists = IdMap(file.int64s("artists/id"));
  const Eigen::Index artists = model.artists.size();
  model.artist_names = sized(file, "artists/name", file.strings("artists/name"), artists);
  model.artist_genres = sized(file, "artists/genre", file.strings("artists/genre"), artists);
  model.artist_listeners =
      sized(file, "artists/listeners", file.ints("artists/listeners"), artists);
  model.artist_factors = read_matrix(file, "artist_factors", artists, dim);
  model.artist_bias = read_vector(file, "artist_bias", artists);

  model.users = IdMap(file.int64s("users/id"));
  model.user_factors = read_matrix(file, "user_factors", model.users.size(), dim);
  model.user_bias = read_vector(file, "user_bias", model.users.size());

  model.feature_names = file.strings("features/name");
  const Eigen::Index features = std::ssize(model.feature_names);
  model.feature_factors = read_matrix(file, "feature_factors", features, dim);
  model.feature_bias = read_vector(file, "feature_bias", features);

  model.fold_in_map = read_matrix(file, "fold_in/map", dim + 1, dim);
  if (file.has("fold_in/gram")) model.fold_in_gram = read_matrix(file, "fold_in/gram", dim, dim);
  if (file.has("new_artists/map")) {
    NewArtistMap& map = model.new_artists;
    map.tag_names = file.strings("new_artists/tag");
    map.feature_names = file.strings("new_artists/feature");
    const std::ptrdiff_t num_features = std::ssize(map.feature_names);
    map.feature_mean = read_vector(file, "new_artists/feature_mean", num_features);
    map.map = read_matrix(file, "new_artists/map", map.num_tags() + num_features + 1, dim + 1);
  }
  file.fields("calibration", calibration_fields(model));

  const std::vector<std::int64_t> survey = file.int64s("survey/artist_id");
  const std::vector<std::string> genres =
      sized(file, "survey/genre", file.strings("survey/genre"), std::ssize(survey));
  for (std::size_t i = 0; i < survey.size(); ++i) {
    const std::optional<int> artist = model.artists.find(survey[i]);
    if (!artist) {
      throw InputError(path + ":survey/artist_id: artist " + std::to_string(survey[i]) +
                       " is not in the catalogue");
    }
    model.survey.push_back({*artist, genres[i]});
  }
  model.metrics = read_pairs(file, "metrics");
  model.provenance = read_pairs(file, "provenance");
  return model;
}

void Artifact::save(const std::string& path) const {
  ArtifactFile file(path, *this);
  Matrix rows(user_factors.rows(), user_factors.cols() + 1);
  rows << user_factors, user_bias;
  file.add_users({rows.data(), static_cast<std::size_t>(rows.size())});
  file.commit();
}

ArtifactFile::ArtifactFile(const std::string& path, const Artifact& model)
    : file_(path, kModelFormat, kModelVersion, bytes_of(model)),
      dim_(static_cast<std::size_t>(model.params.dim)) {
  file_.int64s("artists/id", model.artists.ids());
  file_.strings("artists/name", model.artist_names);
  file_.strings("artists/genre", model.artist_genres);
  file_.ints("artists/listeners", model.artist_listeners);
  file_.matrix("artist_factors", model.artist_factors);
  file_.floats("artist_bias", span_of(model.artist_bias));

  file_.int64s("users/id", model.users.ids());
  add_users({});

  file_.strings("features/name", model.feature_names);
  file_.matrix("feature_factors", model.feature_factors);
  file_.floats("feature_bias", span_of(model.feature_bias));

  Artifact copy;  // fields() points into an object that it could change
  copy.calibration_slope = model.calibration_slope;
  copy.calibration_offset = model.calibration_offset;
  copy.params = model.params;
  file_.matrix("fold_in/map", model.fold_in_map);
  if (model.fold_in_gram.size() > 0) file_.matrix("fold_in/gram", model.fold_in_gram);
  if (!model.new_artists.empty()) {
    file_.strings("new_artists/tag", model.new_artists.tag_names);
    file_.strings("new_artists/feature", model.new_artists.feature_names);
    file_.floats("new_artists/feature_mean", span_of(model.new_artists.feature_mean));
    file_.matrix("new_artists/map", model.new_artists.map);
  }
  file_.fields("calibration", calibration_fields(copy));
  file_.fields("params", copy.params.fields());

  std::vector<std::int64_t> survey_ids;
  std::vector<std::string> survey_genres;
  for (const SurveyArtist& artist : model.survey) {
    survey_ids.push_back(model.artists.id(artist.artist));
    survey_genres.push_back(artist.genre);
  }
  file_.int64s("survey/artist_id", survey_ids);
  file_.strings("survey/genre", survey_genres);
  write_pairs(file_, "metrics", model.metrics);
  write_pairs(file_, "provenance", model.provenance);
}

void ArtifactFile::add_users(std::span<const float> rows) {
  const std::size_t count = rows.size() / (dim_ + 1);
  std::vector<float> factors;
  std::vector<float> bias;
  factors.reserve(count * dim_);
  bias.reserve(count);
  for (std::size_t u = 0; u < count; ++u) {
    const std::span row = rows.subspan(u * (dim_ + 1), dim_ + 1);
    factors.insert(factors.end(), row.begin(), row.end() - 1);
    bias.push_back(row.back());
  }
  file_.append_rows("user_factors", count, dim_, factors);
  file_.append("user_bias", std::span<const float>(bias));
}

void ArtifactFile::commit() { file_.commit(); }

}  // namespace mrec
