#include "tune/distribution.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"

namespace mrec {
namespace {

using Json = nlohmann::json;
using Kind = Distribution::Kind;

// Of a value that is not quite on its grid, in steps; Optuna's.
constexpr double kTolerance = 1e-8;

// A number as Python's repr() writes it.
std::string python_float(double value) {
  constexpr double kSmall = 1e-4;
  constexpr double kLarge = 1e16;
  const double size = std::abs(value);
  const bool scientific = size != 0 && (size < kSmall || size >= kLarge);
  char buffer[64];
  const auto format = scientific ? std::chars_format::scientific : std::chars_format::fixed;
  std::string text(buffer, std::to_chars(buffer, buffer + sizeof buffer, value, format).ptr);
  if (!scientific && text.find('.') == std::string::npos) text += ".0";
  return text;
}

std::string whole(double value) { return std::to_string(std::llround(value)); }

std::string json_of(const Choice& choice) {
  if (std::holds_alternative<std::monostate>(choice)) return "null";
  if (const auto* flag = std::get_if<bool>(&choice)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<std::int64_t>(&choice)) return std::to_string(*number);
  if (const auto* number = std::get_if<double>(&choice)) return python_float(*number);
  return Json(std::get<std::string>(choice)).dump(-1, ' ', true);
}

Choice choice_of(const Json& json) {
  if (json.is_null()) return std::monostate();
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (json.is_number()) return json.get<double>();
  if (json.is_string()) return json.get<std::string>();
  throw InputError("a choice is no text, number, true, false or null");
}

std::vector<std::string> parts(std::string_view text, char separator) {
  std::vector<std::string> found;
  while (true) {
    const std::size_t end = text.find(separator);
    found.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return found;
    text.remove_prefix(end + 1);
  }
}

double number(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || !std::isfinite(value)) {
    throw InputError("'" + text + "' is no number");
  }
  return value;
}

}  // namespace

std::optional<std::int64_t> Distribution::num_values() const {
  if (is_categorical()) return static_cast<std::int64_t>(choices.size());
  if (low == high) return 1;
  if (step == 0) return std::nullopt;
  return std::llround((high - low) / step) + 1;
}

double Distribution::value(std::int64_t i) const {
  return is_categorical() ? static_cast<double>(i)
                          : std::min(high, low + static_cast<double>(i) * step);
}

bool Distribution::contains(double value) const {
  if (is_categorical()) {
    return value >= 0 && value < static_cast<double>(choices.size()) && value == std::trunc(value);
  }
  if (!(value >= low && value <= high)) return false;
  const double steps = step == 0 ? 0 : (value - low) / step;
  return std::abs(steps - std::nearbyint(steps)) < kTolerance;
}

double Distribution::nearest(double value) const {
  if (is_categorical()) {
    return std::clamp(std::nearbyint(value), 0.0, static_cast<double>(choices.size()) - 1);
  }
  if (step != 0) value = low + std::nearbyint((value - low) / step) * step;  // half to even
  return std::clamp(value, low, high);
}

double Distribution::at(double u) const {
  if (is_categorical()) {
    const auto count = static_cast<double>(choices.size());
    return std::min(std::floor(u * count), count - 1);
  }
  double first = low - step / 2;
  double last = high + step / 2;
  if (log) {
    first = std::log(first);
    last = std::log(last);
  }
  const double place = first + u * (last - first);
  return nearest(log ? std::exp(place) : place);
}

void check(const Distribution& distribution) {
  if (distribution.is_categorical()) {
    const auto& choices = distribution.choices;
    if (choices.empty()) throw InputError("has no choices");
    for (std::size_t i = 0; i < choices.size(); ++i) {
      if (std::find(choices.begin(), choices.begin() + static_cast<std::ptrdiff_t>(i),
                    choices[i]) != choices.begin() + static_cast<std::ptrdiff_t>(i)) {
        throw InputError("has the choice " + to_text(choices[i]) + " twice");
      }
    }
    return;
  }
  const auto& [kind, low, high, step, log, choices] = distribution;
  const std::string range = shortest(low) + " to " + shortest(high);
  if (!std::isfinite(low) || !std::isfinite(high) || !(low <= high)) {
    throw InputError("the range " + range + " is empty");
  }
  if (kind == Kind::kInt && (low != std::trunc(low) || high != std::trunc(high) || step < 1 ||
                             step != std::trunc(step))) {
    throw InputError("the range of an int and its step must be whole numbers");
  }
  if (!(step >= 0) || !std::isfinite(step)) throw InputError("the step must be above 0");
  if (log && step != (kind == Kind::kInt ? 1 : 0)) {
    throw InputError("log and a step exclude one another");
  }
  if (log && low < (kind == Kind::kInt ? 1 : std::numeric_limits<double>::min())) {
    throw InputError("a log range must begin above 0, not at " + shortest(low));
  }
  const double steps = step == 0 ? 0 : (high - low) / step;
  if (std::abs(steps - std::nearbyint(steps)) >= kTolerance) {
    throw InputError("steps of " + shortest(step) + " from " + shortest(low) + " do not meet " +
                     shortest(high));
  }
}

std::string to_json(const Distribution& distribution) {
  const std::string log = distribution.log ? "true" : "false";
  switch (distribution.kind) {
    case Kind::kInt:
      return R"({"name": "IntDistribution", "attributes": {"log": )" + log + R"(, "step": )" +
             whole(distribution.step) + R"(, "low": )" + whole(distribution.low) + R"(, "high": )" +
             whole(distribution.high) + "}}";
    case Kind::kFloat:
      return R"({"name": "FloatDistribution", "attributes": {"step": )" +
             (distribution.step == 0 ? "null" : python_float(distribution.step)) + R"(, "low": )" +
             python_float(distribution.low) + R"(, "high": )" + python_float(distribution.high) +
             R"(, "log": )" + log + "}}";
    case Kind::kCategorical:
      break;
  }
  std::string text = R"({"name": "CategoricalDistribution", "attributes": {"choices": [)";
  for (const Choice& choice : distribution.choices) {
    if (&choice != distribution.choices.data()) text += ", ";
    text += json_of(choice);
  }
  return text + "]}}";
}

Distribution distribution_from_json(std::string_view json) {
  Distribution distribution;
  try {
    const Json root = Json::parse(json);
    const std::string name = root.at("name");
    const Json& attributes = root.at("attributes");
    if (name == "CategoricalDistribution") {
      distribution.kind = Kind::kCategorical;
      for (const Json& choice : attributes.at("choices")) {
        distribution.choices.push_back(choice_of(choice));
      }
    } else if (name == "IntDistribution" || name == "FloatDistribution") {
      distribution.kind = name == "IntDistribution" ? Kind::kInt : Kind::kFloat;
      distribution.low = attributes.at("low");
      distribution.high = attributes.at("high");
      distribution.log = attributes.at("log");
      if (!attributes.at("step").is_null()) distribution.step = attributes.at("step");
    } else {
      throw InputError("'" + name + "' is not a distribution that we know");
    }
  } catch (const Json::exception& error) {
    throw InputError("not a distribution: " + std::string(json) + ": " + error.what());
  }
  check(distribution);
  return distribution;
}

Distribution parse_distribution(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string kind(text.substr(0, colon));
  const bool known = kind == "float" || kind == "int" || kind == "cat";
  if (!known || colon == std::string_view::npos) {
    throw InputError("'" + std::string(text) +
                     "' is none of float:LOW:HIGH[:STEP][:log], int:LOW:HIGH[:STEP][:log], "
                     "cat:CHOICE,CHOICE");
  }
  Distribution distribution;
  if (kind == "cat") {
    distribution.kind = Kind::kCategorical;
    for (std::string& choice : parts(text.substr(colon + 1), ',')) {
      if (choice.empty()) throw InputError("'" + std::string(text) + "' has an empty choice");
      distribution.choices.emplace_back(std::move(choice));
    }
  } else {
    std::vector<std::string> numbers = parts(text.substr(colon + 1), ':');
    if (numbers.back() == "log") {
      distribution.log = true;
      numbers.pop_back();
    }
    if (numbers.size() < 2 || numbers.size() > 3) {
      throw InputError("'" + std::string(text) + "' must be " + kind + ":LOW:HIGH[:STEP][:log]");
    }
    distribution.kind = kind == "int" ? Kind::kInt : Kind::kFloat;
    distribution.low = number(numbers[0]);
    distribution.high = number(numbers[1]);
    distribution.step = numbers.size() == 3 ? number(numbers[2]) : kind == "int" ? 1 : 0;
  }
  check(distribution);
  return distribution;
}

std::string to_text(const Choice& choice) {
  const auto* text = std::get_if<std::string>(&choice);
  return text != nullptr ? *text : json_of(choice);
}

std::string to_text(const Distribution& distribution, double value) {
  if (distribution.is_categorical()) {
    return to_text(distribution.choices.at(static_cast<std::size_t>(value)));
  }
  return distribution.kind == Kind::kInt ? whole(value) : shortest(value);
}

}  // namespace mrec
