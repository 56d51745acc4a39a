#include "serve/properties.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <utility>

#include "serve/json_check.h"

namespace mrec::schema {
namespace {

// The faults of one request. A reading function adds to it and returns nothing when it finds one.
class Faults {
 public:
  void add(const char* type, Json loc, const std::string& msg, Json input,
           std::optional<Json> ctx = {}) {
    Json fault = {
        {"type", type}, {"loc", std::move(loc)}, {"msg", msg}, {"input", std::move(input)}};
    if (ctx) fault["ctx"] = *std::move(ctx);
    faults_.push_back(std::move(fault));
  }
  [[nodiscard]] std::size_t size() const { return faults_.size(); }
  void throw_if_any() const {
    if (!faults_.empty()) throw ValidationError(dump({{"detail", faults_}}));
  }
  // For a fault that leaves nothing else to look at.
  [[noreturn]] void fatal(const char* type, Json loc, const std::string& msg, Json input,
                          std::optional<Json> ctx = {}) {
    add(type, std::move(loc), msg, std::move(input), std::move(ctx));
    throw ValidationError(dump({{"detail", faults_}}));
  }

 private:
  Json faults_ = Json::array();
};

Json with(Json loc, Json step) {
  loc.push_back(std::move(step));
  return loc;
}

std::string number_text(double value) {
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
}

// As JSON: 1 and not 1.0.
Json number_json(double value) {
  if (std::trunc(value) == value) return static_cast<std::int64_t>(value);
  return value;
}

constexpr const char* kNotAnObject =
    "Input should be a valid dictionary or object to extract fields from";

// pydantic's reading of a text as a whole number: blanks around it, a sign, single '_' between
// digits and a fraction of zeros are allowed.
std::optional<std::string> digits_of(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\n\r\f\v";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return std::nullopt;
  text = text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
  std::string digits;
  if (text.front() == '-') digits = "-";
  if (text.front() == '-' || text.front() == '+') text.remove_prefix(1);
  if (const std::size_t dot = text.find('.'); dot != std::string_view::npos) {
    const std::string_view fraction = text.substr(dot + 1);
    if (fraction.empty() || fraction.find_first_not_of('0') != std::string_view::npos) {
      return std::nullopt;
    }
    text = text.substr(0, dot);
  }
  if (text.empty() || text.front() == '_' || text.back() == '_') return std::nullopt;
  if (text.find("__") != std::string_view::npos) return std::nullopt;
  if (text.find_first_not_of("0123456789_") != std::string_view::npos) return std::nullopt;
  std::ranges::copy_if(text, std::back_inserter(digits), [](char c) { return c != '_'; });
  return digits;
}

// A whole number, read as leniently as pydantic does; nothing and a fault otherwise.
std::optional<std::int64_t> read_int(const Json& value, const Json& loc, Faults& faults) {
  constexpr const char* kTooLarge =
      "Unable to parse input string as an integer, exceeded maximum size";
  if (value.is_boolean()) return value.get<bool>() ? 1 : 0;
  if (value.is_number_unsigned() &&
      value.get<std::uint64_t>() >
          static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    faults.add("int_parsing_size", loc, kTooLarge, value);
    return std::nullopt;
  }
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_number_float()) {
    const auto real = value.get<double>();
    if (std::trunc(real) != real) {
      faults.add("int_from_float", loc,
                 "Input should be a valid integer, got a number with a fractional part", value);
      return std::nullopt;
    }
    if (std::abs(real) >= 0x1p63) {
      faults.add("int_parsing_size", loc, kTooLarge, value);
      return std::nullopt;
    }
    return static_cast<std::int64_t>(real);
  }
  if (value.is_string()) {
    const auto digits = digits_of(value.get_ref<const std::string&>());
    if (!digits) {
      faults.add("int_parsing", loc,
                 "Input should be a valid integer, unable to parse string as an integer", value);
      return std::nullopt;
    }
    std::int64_t number = 0;
    const auto result = std::from_chars(digits->data(), digits->data() + digits->size(), number);
    if (result.ec == std::errc{}) return number;
    faults.add("int_parsing_size", loc, kTooLarge, value);
    return std::nullopt;
  }
  faults.add("int_type", loc, "Input should be a valid integer", value);
  return std::nullopt;
}

// True, false, and what pydantic takes for them.
std::optional<bool> read_bool(const Json& value, const Json& loc, Faults& faults) {
  if (value.is_boolean()) return value.get<bool>();
  constexpr const char* kMessage = "Input should be a valid boolean, unable to interpret input";
  if (value.is_number()) {
    const auto number = value.get<double>();
    if (number == 0 || number == 1) return number == 1;
    faults.add("bool_parsing", loc, kMessage, value);
    return std::nullopt;
  }
  if (value.is_string()) {
    auto text = value.get<std::string>();
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    for (const char* yes : {"1", "true", "t", "yes", "y", "on"}) {
      if (text == yes) return true;
    }
    for (const char* no : {"0", "false", "f", "no", "n", "off"}) {
      if (text == no) return false;
    }
    faults.add("bool_parsing", loc, kMessage, value);
    return std::nullopt;
  }
  faults.add("bool_type", loc, "Input should be a valid boolean", value);
  return std::nullopt;
}

std::optional<double> read_number(const Json& value, const Json& loc, Faults& faults) {
  std::optional<double> number;
  if (value.is_boolean()) number = value.get<bool>() ? 1 : 0;
  if (value.is_number()) number = value.get<double>();
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    double parsed = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
    if (error != std::errc{} || end != text.data() + text.size()) {
      faults.add("float_parsing", loc,
                 "Input should be a valid number, unable to parse string as a number", value);
      return std::nullopt;
    }
    number = parsed;
  }
  if (!number) {
    faults.add("float_type", loc, "Input should be a valid number", value);
  } else if (!std::isfinite(*number)) {
    faults.add("finite_number", loc, "Input should be a finite number", value);
    number.reset();
  }
  return number;
}

// Whether `number` keeps the bounds of the property; adds the fault otherwise.
bool is_within(const Property& property, double number, const Json& value, const Json& loc,
               Faults& faults) {
  if (property.min && number < *property.min) {
    faults.add("greater_than_equal", loc,
               "Input should be greater than or equal to " + number_text(*property.min), value,
               Json{{"ge", number_json(*property.min)}});
    return false;
  }
  if (property.max && number > *property.max) {
    faults.add("less_than_equal", loc,
               "Input should be less than or equal to " + number_text(*property.max), value,
               Json{{"le", number_json(*property.max)}});
    return false;
  }
  return true;
}

std::string counted(std::size_t count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

bool is_utf8(const std::string& text) {
  try {
    static_cast<void>(Json(text).dump());
    return true;
  } catch (const Json::exception&) {
    return false;
  }
}

std::optional<std::string> read_string(const Property& property, const Json& value, const Json& loc,
                                       Faults& faults) {
  if (!property.choices.empty()) {
    if (value.is_string() &&
        std::ranges::find(property.choices, value.get<std::string>()) != property.choices.end()) {
      return value.get<std::string>();
    }
    std::string expected;
    for (std::size_t i = 0; i < property.choices.size(); ++i) {
      if (i > 0) expected += i + 1 == property.choices.size() ? " or " : ", ";
      expected += "'" + std::string(property.choices[i]) + "'";
    }
    faults.add("literal_error", loc, "Input should be " + expected, value,
               Json{{"expected", expected}});
    return std::nullopt;
  }
  if (!value.is_string()) {
    faults.add("string_type", loc, "Input should be a valid string", value);
    return std::nullopt;
  }
  auto text = value.get<std::string>();
  if (!is_utf8(text)) {  // of a path or a query
    faults.add("string_unicode", loc,
               "Input should be a valid string, unable to parse raw data as a unicode string",
               value);
    return std::nullopt;
  }
  const std::size_t size = num_code_points(text);
  if (size < property.min_size) {
    faults.add("string_too_short", loc,
               "String should have at least " + counted(property.min_size, "character"), value,
               Json{{"min_length", property.min_size}});
    return std::nullopt;
  }
  if (size > property.max_size) {
    faults.add("string_too_long", loc,
               "String should have at most " + counted(property.max_size, "character"), value,
               Json{{"max_length", property.max_size}});
    return std::nullopt;
  }
  return text;
}

Json read(const Property& property, const Json& value, const Json& loc, Faults& faults);
Json read_object(const Schema& schema, const Json& object, const Json& loc, Faults& faults);

bool has_duplicates(const Json& list, const char* key) {
  std::vector<std::int64_t> keys;
  for (const Json& item : list) keys.push_back(item[key].get<std::int64_t>());
  std::ranges::sort(keys);
  return std::ranges::adjacent_find(keys) != keys.end();
}

Json read_list(const Property& property, const Json& list, const Json& loc, Faults& faults) {
  Json values = Json::array();
  if (!list.is_array()) {
    faults.add("list_type", loc, "Input should be a valid list", list);
    return values;
  }
  const std::string not_this = " after validation, not " + std::to_string(list.size());
  if (list.size() < property.min_size) {
    faults.add("too_short", loc,
               "List should have at least " + counted(property.min_size, "item") + not_this, list,
               Json{{"field_type", "List"},
                    {"min_length", property.min_size},
                    {"actual_length", list.size()}});
    return values;
  }
  if (list.size() > property.max_size) {
    faults.add("too_long", loc,
               "List should have at most " + counted(property.max_size, "item") + not_this, list,
               Json{{"field_type", "List"},
                    {"max_length", property.max_size},
                    {"actual_length", list.size()}});
    return values;
  }
  Property element = {.name = property.name, .type = Type::kInteger, .doc = ""};
  if (property.type == Type::kStrings) element.type = Type::kString;
  if (property.type == Type::kObjects) element.type = Type::kObject;
  element.of = property.of;
  const std::size_t faults_before = faults.size();
  for (std::size_t i = 0; i < list.size(); ++i) {
    values.push_back(read(element, list[i], with(loc, i), faults));
  }
  if (faults.size() > faults_before) return values;  // only good elements are compared
  for (const Unique& unique : property.unique) {
    if (!has_duplicates(values, unique.key)) continue;
    faults.add("value_error", loc, std::string("Value error, ") + unique.message, list,
               Json{{"error", Json::object()}});
    break;
  }
  return values;
}

// The value in the type of the property; null, and a fault, when it has none.
Json read(const Property& property, const Json& value, const Json& loc, Faults& faults) {
  switch (property.type) {
    case Type::kInteger: {
      const auto number = read_int(value, loc, faults);
      if (!number || !is_within(property, static_cast<double>(*number), value, loc, faults)) break;
      return *number;
    }
    case Type::kNumber: {
      const auto number = read_number(value, loc, faults);
      if (!number || !is_within(property, *number, value, loc, faults)) break;
      return *number;
    }
    case Type::kBoolean: {
      const auto yes = read_bool(value, loc, faults);
      if (!yes) break;
      return *yes;
    }
    case Type::kString: {
      auto text = read_string(property, value, loc, faults);
      if (!text) break;
      return *std::move(text);
    }
    case Type::kObject:
      if (!value.is_object()) {
        faults.add("model_attributes_type", loc, kNotAnObject, value);
        break;
      }
      return property.of == nullptr ? value : read_object(*property.of, value, loc, faults);
    case Type::kAny:
      return value;
    case Type::kIntegers:
    case Type::kStrings:
    case Type::kObjects:
      return read_list(property, value, loc, faults);
  }
  return nullptr;
}

Json read_object(const Schema& schema, const Json& object, const Json& loc, Faults& faults) {
  Json values = Json::object();
  for (const Property& property : schema.properties) {
    const auto member = object.find(property.name);
    if (member != object.end()) {
      values[property.name] = read(property, *member, with(loc, property.name), faults);
    } else if (property.required) {
      faults.add("missing", with(loc, property.name), "Field required", object);
    } else if (property.preset != nullptr) {
      values[property.name] = Json::parse(property.preset);
    }
  }
  return values;
}

Json parse_object(std::string_view body) {
  if (body.empty()) Faults().fatal("missing", {"body"}, "Field required", nullptr);
  if (const auto error = find_json_error(body)) {
    Faults().fatal("json_invalid", {"body", error->position}, "JSON decode error", Json::object(),
                   Json{{"error", error->message}});
  }
  Json json;
  try {
    json = Json::parse(body);
  } catch (const Json::exception&) {  // a number beyond the range of a double
    throw InputError("There was an error parsing the body");
  }
  if (json.is_null()) Faults().fatal("missing", {"body"}, "Field required", nullptr);
  if (!json.is_object()) Faults().fatal("model_attributes_type", {"body"}, kNotAnObject, json);
  return json;
}

// "1,2,3" -> "1", "2", "3".
void add_parts(std::string_view text, Json& list) {
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    list.push_back(text.substr(at, comma - at));
    at = comma + 1;
  }
}

}  // namespace

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json checked_body(const Schema& schema, std::string_view body) {
  return checked(schema, parse_object(body), {"body"});
}

Json checked(const Schema& schema, const Json& object, const Json& loc) {
  Faults faults;
  Json values = read_object(schema, object, loc, faults);
  faults.throw_if_any();
  return values;
}

Json checked_query(const Schema& schema, const http::Pairs& query) {
  Json object = Json::object();
  for (const Property& property : schema.properties) {
    for (const auto& [name, value] : query) {
      if (name != property.name) continue;
      if (property.type == Type::kIntegers) {
        add_parts(value, object[name]);
      } else if (property.type == Type::kStrings) {
        object[name].push_back(value);
      } else {
        object[name] = value;  // of several the last
      }
    }
  }
  return checked(schema, object, {"query"});
}

Json checked_path(const Schema& schema, std::string_view value) {
  return checked(schema, {{schema.properties.front().name, value}}, {"path"});
}

}  // namespace mrec::schema
