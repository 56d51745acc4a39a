#include "tune/space.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "base/toml.h"

namespace mrec {
namespace {

constexpr double kMaxConfigurations = 0x1p53;
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

// The indices of the choices that `texts` name.
std::vector<int> indices(const Param& parent, const std::vector<std::string>& texts) {
  std::vector<int> found;
  for (const std::string& text : texts) {
    const auto& choices = parent.distribution.choices;
    const auto choice =
        std::ranges::find(choices, text, [](const Choice& c) { return to_text(c); });
    if (choice == choices.end()) {
      throw InputError("when: " + parent.name + " has no choice '" + text + "'");
    }
    found.push_back(static_cast<int>(choice - choices.begin()));
  }
  std::ranges::sort(found);
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

Choice toml_choice(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return number->get();
  if (const auto* number = node.as_floating_point()) return number->get();
  if (const auto* flag = node.as_boolean()) return flag->get();
  throw InputError("a choice must be a text, a number, true or false");
}

Distribution toml_choices(const toml::node& node) {
  const toml::array* list = node.as_array();
  if (list == nullptr) throw InputError("choices must be a list");
  Distribution distribution{.kind = Distribution::Kind::kCategorical};
  for (const toml::node& choice : *list) distribution.choices.push_back(toml_choice(choice));
  check(distribution);
  return distribution;
}

double toml_number(const std::string& key, const toml::node& node) {
  const auto value = node.value<double>();
  if (!value) throw InputError(key + " must be a number");
  return *value;
}

Distribution toml_distribution(const toml::table& table) {
  const std::string type = table["type"].value_or<std::string>("");
  if (type == "cat") {
    const toml::node* choices = table.get("choices");
    if (choices == nullptr) throw InputError("has no choices = [...]");
    for (const auto& [key, node] : table) {
      if (key != "type" && key != "choices" && key != "when") {
        throw InputError(std::string(key.str()) + " is not for type = \"cat\"");
      }
    }
    return toml_choices(*choices);
  }
  if (type != "float" && type != "int") {
    throw InputError(R"(type must be "float", "int" or "cat")");
  }
  Distribution distribution;
  distribution.kind = type == "int" ? Distribution::Kind::kInt : Distribution::Kind::kFloat;
  distribution.low = distribution.high = kNone;
  distribution.step = type == "int" ? 1 : 0;
  for (const auto& [key, node] : table) {
    const std::string name(key.str());
    if (name == "type" || name == "when") continue;
    if (name == "low") {
      distribution.low = toml_number(name, node);
    } else if (name == "high") {
      distribution.high = toml_number(name, node);
    } else if (name == "step") {
      distribution.step = toml_number(name, node);
      if (!(distribution.step > 0)) throw InputError("step must be above 0");
    } else if (name == "log") {
      if (!node.is_boolean()) throw InputError("log must be true or false");
      distribution.log = *node.value<bool>();
    } else {
      throw InputError(name +
                       " is not understood; there are type, low, high, step, log, choices, "
                       "when");
    }
  }
  if (std::isnan(distribution.low) || std::isnan(distribution.high)) {
    throw InputError("needs low and high");
  }
  check(distribution);
  return distribution;
}

Condition toml_condition(const toml::node& node, const std::vector<Param>& before) {
  const toml::table* table = node.as_table();
  if (table == nullptr || table->size() != 1) {
    throw InputError("when must name one parameter: when = { loss = [\"warp\"] }");
  }
  const auto entry = table->begin();
  const std::string name(entry->first.str());
  const toml::node& value = entry->second;
  const auto parent = std::ranges::find(before, name, &Param::name);
  if (parent == before.end()) {
    throw InputError("when: no parameter '" + name + "' stands before it");
  }
  std::vector<std::string> texts;
  if (const toml::array* list = value.as_array()) {
    for (const toml::node& choice : *list) texts.push_back(to_text(toml_choice(choice)));
  } else {
    texts.push_back(to_text(toml_choice(value)));
  }
  return {parent->name, indices(*parent, texts)};
}

Param toml_param(const std::string& name, const toml::node& node,
                 const std::vector<Param>& before) {
  Param param{.name = name, .distribution = {}};
  if (const auto* text = node.as_string()) {
    param.distribution = parse_distribution(text->get());
  } else if (node.is_array()) {
    param.distribution = toml_choices(node);
  } else if (const toml::table* table = node.as_table()) {
    param.distribution = toml_distribution(*table);
    const toml::node* when = table->get("when");
    if (when != nullptr) param.when = toml_condition(*when, before);
  } else {
    throw InputError(R"(must be "float:0.01:0.2:log", ["a", "b"] or { type = "float", ... })");
  }
  return param;
}

std::string in_quotes(const std::string& text) { return nlohmann::json(text).dump(-1, ' ', true); }

std::string toml_text(const Choice& choice) {
  const auto* text = std::get_if<std::string>(&choice);
  return text != nullptr ? in_quotes(*text) : to_text(choice);
}

}  // namespace

Space::Space(std::vector<Param> params) : params_(std::move(params)) {
  children_.resize(params_.size());
  for (std::size_t i = 0; i < params_.size(); ++i) {
    const Param& param = params_[i];
    const auto fail = [&](const std::string& what) { throw InputError(param.name + ": " + what); };
    if (!is_name(param.name)) throw InputError("'" + param.name + "' is no name of a parameter");
    for (std::size_t j = 0; j < i; ++j) {
      if (params_[j].name == param.name) fail("stands there twice");
    }
    try {
      mrec::check(param.distribution);
    } catch (const InputError& error) {
      fail(error.what());
    }
    int parent = -1;
    if (param.when) {
      for (std::size_t j = 0; j < i; ++j) {
        if (params_[j].name == param.when->parent) parent = static_cast<int>(j);
      }
      if (parent < 0) fail("when: no parameter '" + param.when->parent + "' stands before it");
      const Distribution& distribution = params_[static_cast<std::size_t>(parent)].distribution;
      if (!distribution.is_categorical()) fail("when: " + param.when->parent + " has no choices");
      const auto num_choices = static_cast<int>(distribution.choices.size());
      const auto& choices = param.when->choices;
      if (choices.empty() || choices.front() < 0 || choices.back() >= num_choices ||
          !std::ranges::is_sorted(choices, std::less_equal())) {
        fail("when: bad choices of " + param.when->parent);
      }
      children_[static_cast<std::size_t>(parent)].push_back(i);
    }
    parents_.push_back(parent);
    const auto group = std::ranges::find_if(
        groups_, [&](const auto& members) { return params_[members[0]].when == param.when; });
    if (group != groups_.end()) {
      group->push_back(i);
    } else {
      groups_.push_back({i});
    }
  }
}

std::size_t Space::index(std::string_view name) const {
  const auto param = std::ranges::find(params_, name, &Param::name);
  if (param == params_.end()) {
    std::string known;
    for (const Param& one : params_) known += (known.empty() ? "" : ", ") + one.name;
    throw InputError("'" + std::string(name) + "' is not searched; there are " + known);
  }
  return static_cast<std::size_t>(param - params_.begin());
}

bool Space::is_active(std::size_t param, const Configuration& configuration) const {
  if (parents_[param] < 0) return true;
  const double value = configuration[static_cast<std::size_t>(parents_[param])];
  return !std::isnan(value) &&
         std::ranges::binary_search(params_[param].when->choices, static_cast<int>(value));
}

void Space::check(const Configuration& configuration) const {
  if (configuration.size() != params_.size()) {
    throw InputError("the configuration has " + std::to_string(configuration.size()) +
                     " values, the space " + std::to_string(params_.size()));
  }
  for (std::size_t i = 0; i < params_.size(); ++i) {
    const double value = configuration[i];
    if (!is_active(i, configuration)) {
      if (!std::isnan(value)) throw InputError(params_[i].name + " is given but not active");
    } else if (!params_[i].distribution.contains(value)) {
      throw InputError(params_[i].name + " = " + shortest(value) + " is not of " +
                       to_json(params_[i].distribution));
    }
  }
}

double Space::num_values(std::size_t param) const {
  const auto values = params_[param].distribution.num_values();
  if (!values) return std::numeric_limits<double>::infinity();
  if (children_[param].empty()) return static_cast<double>(*values);
  double sum = 0;
  for (int choice = 0; choice < static_cast<int>(*values); ++choice) {
    double product = 1;
    for (const std::size_t child : children_[param]) {
      if (std::ranges::binary_search(params_[child].when->choices, choice)) {
        product *= num_values(child);
      }
    }
    sum += product;
  }
  return sum;
}

std::optional<std::int64_t> Space::num_configurations() const {
  double product = 1;
  for (std::size_t i = 0; i < params_.size(); ++i) {
    if (parents_[i] < 0) product *= num_values(i);
  }
  if (!(product <= kMaxConfigurations)) return std::nullopt;
  return static_cast<std::int64_t>(product);
}

void Space::decode(std::size_t param, double i, Configuration& configuration) const {
  if (children_[param].empty()) {
    configuration[param] = params_[param].distribution.value(static_cast<std::int64_t>(i));
    return;
  }
  for (int choice = 0;; ++choice) {
    std::vector<std::size_t> active;
    double product = 1;
    for (const std::size_t child : children_[param]) {
      if (!std::ranges::binary_search(params_[child].when->choices, choice)) continue;
      active.push_back(child);
      product *= num_values(child);
    }
    if (i >= product) {
      i -= product;
      continue;
    }
    configuration[param] = choice;
    for (const std::size_t child : active) {
      const double count = num_values(child);
      decode(child, std::fmod(i, count), configuration);
      i = std::floor(i / count);
    }
    return;
  }
}

Configuration Space::configuration(std::int64_t i) const {
  Configuration found(params_.size(), kNone);
  auto rest = static_cast<double>(i);
  for (std::size_t param = 0; param < params_.size(); ++param) {
    if (parents_[param] >= 0) continue;
    const double count = num_values(param);
    decode(param, std::fmod(rest, count), found);
    rest = std::floor(rest / count);
  }
  return found;
}

Space parse_space(const std::string& text, const std::string& from) {
  const toml::table root = parse_toml(text, from);
  struct Entry {
    toml::source_position place;
    std::string name;
    const toml::node* node;
  };
  std::vector<Entry> entries;  // a table of toml++ is sorted by name
  for (const auto& [key, node] : root) {
    entries.push_back({key.source().begin, std::string(key.str()), &node});
  }
  std::ranges::sort(entries, {}, [](const Entry& entry) {
    return std::pair(entry.place.line, entry.place.column);
  });
  std::vector<Param> params;
  for (const Entry& entry : entries) {
    try {
      params.push_back(toml_param(entry.name, *entry.node, params));
    } catch (const InputError& error) {
      throw InputError(from + ":" + std::to_string(entry.place.line) + ": " + entry.name + ": " +
                       error.what());
    }
  }
  if (params.empty()) throw InputError(from + ": has no parameters");
  try {
    return Space(std::move(params));
  } catch (const InputError& error) {
    throw InputError(from + ": " + error.what());
  }
}

Space read_space(const std::string& path) {
  std::ifstream file(path);
  if (!file || std::filesystem::is_directory(path)) {
    throw InputError(path + ": cannot be read; a space of TOML was expected");
  }
  return parse_space({std::istreambuf_iterator<char>(file), {}}, path);
}

std::string to_toml(const Space& space) {
  std::string text;
  for (std::size_t i = 0; i < space.size(); ++i) {
    const Param& param = space.params()[i];
    const Distribution& distribution = param.distribution;
    text += param.name + " = { type = ";
    if (distribution.is_categorical()) {
      text += "\"cat\", choices = [";
      for (const Choice& choice : distribution.choices) {
        text += (&choice == distribution.choices.data() ? "" : ", ") + toml_text(choice);
      }
      text += "]";
    } else {
      text += distribution.kind == Distribution::Kind::kInt ? "\"int\"" : "\"float\"";
      text += ", low = " + to_text(distribution, distribution.low) +
              ", high = " + to_text(distribution, distribution.high);
      if (distribution.step != 0) text += ", step = " + to_text(distribution, distribution.step);
      if (distribution.log) text += ", log = true";
    }
    if (param.when) {
      text += ", when = { " + param.when->parent + " = [";
      const Distribution& parent =
          space.params()[static_cast<std::size_t>(space.parent(i))].distribution;
      for (const int choice : param.when->choices) {
        text += (choice == param.when->choices.front() ? "" : ", ") +
                toml_text(parent.choices[static_cast<std::size_t>(choice)]);
      }
      text += "] }";
    }
    text += " }\n";
  }
  return text;
}

Param parse_param(std::string_view flag) {
  const std::size_t equals = flag.find('=');
  if (equals == std::string_view::npos) {
    throw InputError("'" + std::string(flag) +
                     "' must be NAME=float:LOW:HIGH[:STEP][:log], NAME=int:... or "
                     "NAME=cat:CHOICE,CHOICE");
  }
  const std::string name(flag.substr(0, equals));
  if (!is_name(name)) throw InputError("'" + name + "' is no name of a parameter");
  try {
    return {name, parse_distribution(flag.substr(equals + 1))};
  } catch (const InputError& error) {
    throw InputError(name + ": " + error.what());
  }
}

Space with(const Space& space, const std::vector<Param>& params) {
  std::vector<Param> all = space.params();
  for (const Param& param : params) {
    const auto old = std::ranges::find(all, param.name, &Param::name);
    if (old == all.end()) {
      all.push_back(param);
    } else {
      old->distribution = param.distribution;  // its condition stays
    }
  }
  return Space(std::move(all));
}

bool same(const Configuration& a, const Configuration& b) {
  return std::ranges::equal(
      a, b, [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

std::string key(const Space& space, const Configuration& configuration) {
  std::string text;
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (std::isnan(configuration[i])) continue;
    const Param& param = space.params()[i];
    text += (text.empty() ? "" : " ") + param.name + '=' +
            to_text(param.distribution, configuration[i]);
  }
  return text;
}

}  // namespace mrec
