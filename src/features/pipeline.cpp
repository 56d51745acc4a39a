#include "features/pipeline.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/error.h"
#include "base/text.h"
#include "base/toml.h"
#include "features/steps/columns.h"
#include "features/steps/keyword_flags.h"
#include "features/steps/tags.h"
#include "features/steps/tracks.h"

namespace mrec::features {
namespace {

constexpr const char* kDefault = R"([[step]]
name = "track_statistics"
[[step]]
name = "num_tracks"
[[step]]
name = "listeners"
[[step]]
name = "keyword_flags"
[[step]]
name = "impute"
[[step]]
name = "scale"
)";

constexpr const char* kOriginal = R"([[step]]
name = "track_statistics"
tracks = "popular"
statistics = ["mean"]
[[step]]
name = "listeners"
[[step]]
name = "keyword_flags"
rule = "substring"
tracks = "popular"
[[step]]
name = "impute"
[[step]]
name = "scale"
)";

std::string step_names() {
  std::string names;
  for (const StepKind& kind : step_kinds()) names += (names.empty() ? "" : ", ") + kind.name;
  return names;
}

const StepKind& kind_of(const std::string& name) {
  const auto kind = std::ranges::find(step_kinds(), name, &StepKind::name);
  if (kind == step_kinds().end()) {
    throw InputError("'" + name + "' is no step; there are " + step_names());
  }
  return *kind;
}

// A value of TOML as the text that set() reads.
std::string value_text(const std::string& name, const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* number = node.as_floating_point()) return shortest(number->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  throw InputError(name + " must be a text, a number, true, false, or a list of texts");
}

void set_field(const Field& field, const toml::node& node) {
  const toml::array* list = node.as_array();
  auto* const* texts = std::get_if<std::vector<std::string>*>(&field.value);
  if ((list != nullptr) != (texts != nullptr)) {
    throw InputError(field.name + (list == nullptr ? " must be a list: [\"...\"]"
                                                   : " must be one value, not a list"));
  }
  if (list == nullptr) return set(field, value_text(field.name, node));
  (*texts)->clear();
  for (const toml::node& element : *list) set(field, value_text(field.name, element));
}

std::unique_ptr<Step> made(const StepKind& kind, const toml::table& settings) {
  std::unique_ptr<Step> step = kind.make();
  const Fields fields = step->fields();
  for (const auto& [key, node] : settings) {
    if (key == "name") continue;
    const auto field = std::ranges::find(fields, std::string(key.str()), &Field::name);
    if (field == fields.end()) {
      std::string known;
      for (const Field& one : fields) known += (known.empty() ? "" : ", ") + one.name;
      throw InputError(std::string(key.str()) + " is no setting of " + kind.name +
                       (known.empty() ? ", which has none" : ", which has " + known));
    }
    set_field(*field, node);
  }
  for (const Field& field : fields) {
    auto* const* texts = std::get_if<std::vector<std::string>*>(&field.value);
    if (field.required && texts != nullptr && (*texts)->empty()) {
      throw InputError(field.name + " is empty: " + field.help);
    }
  }
  return step;
}

[[noreturn]] void fail(const PipelineStep& step, const std::string& what) {
  throw InputError(step.place + ": " + step.name + ": " + what);
}

// Throws InputError unless every step finds what it needs.
void check_order(const Pipeline& pipeline, const std::string& from) {
  const PipelineStep* incomplete = nullptr;  // may have made missing values
  bool columns = false;
  for (const PipelineStep& step : pipeline.steps) {
    const Values values = kind_of(step.name).values;
    const bool changes = values != Values::kLeavesMissing && values != Values::kComplete;
    if (changes && !columns) {
      fail(step, "needs a step before it that makes columns, such as track_statistics");
    }
    if (values == Values::kNeedsComplete && incomplete != nullptr) {
      fail(step, "needs impute before it and behind " + incomplete->name +
                     ", which leaves missing values");
    }
    if (values == Values::kLeavesMissing) incomplete = &step;
    if (values == Values::kFills) incomplete = nullptr;
    columns = columns || !changes;
  }
  if (!columns) throw InputError(from + ": has no [[step]] that makes columns");
  if (incomplete != nullptr) {
    fail(*incomplete, "needs impute behind it, because it leaves missing values");
  }
}

std::string toml_text(const Field& field) {
  if (const auto* list = std::get_if<std::vector<std::string>*>(&field.value)) {
    std::string text;
    for (const std::string& element : **list) {
      text += (text.empty() ? "\"" : ", \"") + element + '"';
    }
    return "[" + text + "]";
  }
  const bool quoted = std::holds_alternative<std::string*>(field.value);
  return quoted ? '"' + to_text(field) + '"' : to_text(field);
}

}  // namespace

const std::vector<StepKind>& step_kinds() {
  static const std::vector<StepKind> kKinds{
      {"track_statistics", "numbers of an artist's tracks", Values::kLeavesMissing,
       [] { return std::make_unique<TrackStatistics>("all"); }},
      {"key", "key_sin and key_cos, or a share per key", Values::kLeavesMissing,
       [] { return std::make_unique<Key>(); }},
      {"mode", "shares of tracks in major and minor", Values::kLeavesMissing,
       [] { return std::make_unique<Mode>(); }},
      {"decade", "shares of tracks by decade", Values::kLeavesMissing,
       [] { return std::make_unique<Decade>(); }},
      {"explicit_share", "share of explicit tracks", Values::kLeavesMissing,
       [] { return std::make_unique<ExplicitShare>(); }},
      {"num_tracks", "number of tracks, and whether there are any", Values::kComplete,
       [] { return std::make_unique<NumTracks>(); }},
      {"listeners", "users who have the artist in train", Values::kComplete,
       [] { return std::make_unique<Listeners>(); }},
      {"keyword_flags", "genre, mood and geo by words in tags and genres", Values::kComplete,
       [] { return std::make_unique<KeywordFlags>(); }},
      {"tf_idf", "the most frequent tags or genres, by TF-IDF", Values::kComplete,
       [] { return std::make_unique<TfIdf>(); }},
      {"tag_svd", "truncated SVD of the TF-IDF of tags or genres", Values::kComplete,
       [] { return std::make_unique<TagSvd>(); }},
      {"impute", "fills missing values", Values::kFills, [] { return std::make_unique<Impute>(); }},
      {"scale", "scales columns", Values::kNeedsComplete,
       [] { return std::make_unique<Scale>("log-min-max"); }},
      {"drop", "takes columns away", Values::kChanges, [] { return std::make_unique<Drop>(); }},
  };
  return kKinds;
}

Wanted Pipeline::wanted() const {
  Wanted wanted;
  for (const PipelineStep& step : steps) wanted = wanted | step.step->wanted();
  return wanted;
}

Pipeline parse_pipeline(const std::string& text, const std::string& from) {
  const toml::table root = parse_toml(text, from);
  Pipeline pipeline;
  for (const auto& [key, node] : root) {
    const toml::array* steps = node.as_array();
    const std::string place = from + ":" + std::to_string(node.source().begin.line);
    if (key != "step" || steps == nullptr || !steps->is_homogeneous<toml::table>()) {
      throw InputError(place + ": " + std::string(key.str()) +
                       " is not understood; a pipeline is a list of [[step]]");
    }
    for (const toml::node& element : *steps) {
      const toml::table& settings = *element.as_table();
      const std::string line = from + ":" + std::to_string(element.source().begin.line);
      const auto name = settings["name"].value<std::string>();
      if (!name) throw InputError(line + ": the step has no name = \"...\"");
      try {
        pipeline.steps.push_back({*name, line, made(kind_of(*name), settings)});
      } catch (const InputError& error) {
        throw InputError(line + ": " + *name + ": " + error.what());
      }
    }
  }
  check_order(pipeline, from);
  return pipeline;
}

Pipeline read_pipeline(const std::string& name_or_path) {
  if (name_or_path == "default") return parse_pipeline(kDefault, "default pipeline");
  if (name_or_path == "original") return parse_pipeline(kOriginal, "original pipeline");
  std::ifstream file(name_or_path);
  if (!file || std::filesystem::is_directory(name_or_path)) {
    throw InputError("pipeline = '" + name_or_path +
                     "' is neither default nor original nor a file that can be read");
  }
  return parse_pipeline({std::istreambuf_iterator<char>(file), {}}, name_or_path);
}

std::string to_text(const Pipeline& pipeline) {
  std::string text = "# The steps that make the features of an artist, in their order.\n";
  for (const PipelineStep& step : pipeline.steps) {
    text += "\n[[step]]  # " + kind_of(step.name).help + "\nname = \"" + step.name + "\"\n";
    for (const Field& field : step.step->fields()) {
      text += field.name + " = " + toml_text(field) + '\n';
    }
  }
  return text;
}

Table run(const Pipeline& pipeline, int num_artists, const Knowledge& knowledge) {
  Table table{.num_artists = num_artists};
  for (const PipelineStep& step : pipeline.steps) {
    try {
      step.step->apply(table, knowledge);
    } catch (const Error& error) {
      fail(step, error.what());
    }
  }
  return table;
}

FeatureMatrix to_matrix(const Table& table) {
  FeatureMatrix features;
  Matrix dense(table.num_artists, static_cast<Eigen::Index>(table.numbers.size()));
  Eigen::Index f = 0;
  for (const auto& [name, column] : table.numbers) {
    for (std::size_t row = 0; row < column.size(); ++row) {
      if (!std::isfinite(column[row])) throw Error("feature " + name + " has a missing value");
      dense(static_cast<Eigen::Index>(row), f) = column[row];
    }
    features.names.push_back(name);
    features.types.emplace_back(is_indicator(column) ? "indicator" : "numeric");
    ++f;
  }
  features.values = dense.sparseView();
  features.values.makeCompressed();
  return features;
}

}  // namespace mrec::features
