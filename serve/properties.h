#pragma once

#include <cstddef>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "serve/http.h"
#include "serve/validation_error.h"

// What requests consist of, as tables: they check what comes in, and /openapi.json and docs/rest.md
// are made from them.
namespace mrec::schema {

using Json = nlohmann::ordered_json;  // keeps the order of the keys, which the contract fixes

// Never throws: bytes that are not UTF-8 are replaced.
std::string dump(const Json& json);

enum class Type {
  kInteger,
  kNumber,
  kBoolean,
  kString,
  kIntegers,
  kStrings,
  kObject,
  kObjects,
  kAny
};

struct Schema;

// Two elements of a list may not have the same `key`.
struct Unique {
  const char* key;
  const char* message;
};

// One member of an object, or one parameter of a query.
struct Property {
  const char* name;
  Type type;
  const char* doc;
  bool required = false;
  const char* preset = nullptr;  // what counts when it is absent, as JSON
  std::optional<double> min = {};
  std::optional<double> max = {};
  std::size_t min_size = 0;  // code points of a string, elements of a list
  std::size_t max_size = std::numeric_limits<std::size_t>::max();
  std::vector<const char*> choices = {};
  const Schema* of = nullptr;  // of kObject and kObjects; none: any object
  std::vector<Unique> unique = {};
  const char* example = nullptr;  // as JSON
};

struct Schema {
  const char* name;  // as in components/schemas of /openapi.json
  const char* doc;
  std::vector<Property> properties;
};

// Values of a request: all properties that were given or have a preset, of the types of the table.
//
// Requests are checked as FastAPI 0.124 with pydantic 2.12 checks them: all faults are collected,
// in the order of the properties; whole numbers may also come as "227", 227.0 or true; unknown
// members are ignored; lengths count code points. All throw ValidationError.

// Also throws InputError for a body that is no text at all.
Json checked_body(const Schema& schema, std::string_view body);
// `loc`: what stands before the names in the places of the faults.
Json checked(const Schema& schema, const Json& object, const Json& loc);
// Every parameter counts that is in the table; lists come as repeated parameters, lists of whole
// numbers also with commas.
Json checked_query(const Schema& schema, const http::Pairs& query);
// `value` was cut out of a path.
Json checked_path(const Schema& schema, std::string_view value);

}  // namespace mrec::schema
