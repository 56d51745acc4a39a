#include "serve/openapi.h"

#include <cctype>
#include <cmath>
#include <set>
#include <string_view>
#include <vector>

#include "serve/router.h"
#include "serve/tables.h"

namespace mrec {
namespace {

using schema::Json;
using schema::Property;
using schema::Schema;
using schema::Type;

constexpr const char* kIntroduction =
    "Recommends musicians to people who rank a few artists. Ask for a survey, post the ranks, ask "
    "for recommendations; everything else is optional. Every error has a JSON body with `detail`, "
    "or is a problem of RFC 9457 when `Accept` asks for application/problem+json. The header "
    "Mrec-Model names the model that an answer was made with.";

Json bound(double value) {
  if (std::trunc(value) == value) return static_cast<std::int64_t>(value);
  return value;
}

Json reference(const Schema& schema) {
  return {{"$ref", std::string("#/components/schemas/") + schema.name}};
}

Json element_type(const Property& property) {
  if (property.type == Type::kIntegers) return {{"type", "integer"}};
  if (property.type == Type::kStrings) return {{"type", "string"}};
  return property.of == nullptr ? Json{{"type", "object"}} : reference(*property.of);
}

Json schema_of(const Property& property) {
  Json json = Json::object();
  const bool is_list = property.type == Type::kIntegers || property.type == Type::kStrings ||
                       property.type == Type::kObjects;
  constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();
  if (is_list) {
    json = {{"type", "array"}, {"items", element_type(property)}};
    if (property.min_size > 0) json["minItems"] = property.min_size;
    if (property.max_size < kNoLimit) json["maxItems"] = property.max_size;
  } else if (property.type == Type::kObject) {
    json = element_type(property);
  } else if (property.type == Type::kString) {
    json["type"] = "string";
    if (property.min_size > 0) json["minLength"] = property.min_size;
    if (property.max_size < kNoLimit) json["maxLength"] = property.max_size;
    if (!property.choices.empty()) json["enum"] = property.choices;
  } else if (property.type != Type::kAny) {
    json["type"] = property.type == Type::kInteger  ? "integer"
                   : property.type == Type::kNumber ? "number"
                                                    : "boolean";
    if (property.min) json["minimum"] = bound(*property.min);
    if (property.max) json["maximum"] = bound(*property.max);
  }
  if (property.preset != nullptr) json["default"] = Json::parse(property.preset);
  json["description"] = property.doc;
  if (property.example != nullptr) json["examples"] = {Json::parse(property.example)};
  return json;
}

// Adds the schema and all that it refers to.
void add(const Schema& schema, Json& schemas) {
  if (schemas.contains(schema.name)) return;
  Json properties = Json::object();
  Json required = Json::array();
  for (const Property& property : schema.properties) {
    properties[property.name] = schema_of(property);
    if (property.required) required.push_back(property.name);
  }
  Json json = {{"type", "object"}};
  if (schema.doc[0] != '\0') json["description"] = schema.doc;
  json["properties"] = std::move(properties);
  if (!required.empty()) json["required"] = std::move(required);
  schemas[schema.name] = std::move(json);
  for (const Property& property : schema.properties) {
    if (property.of != nullptr) add(*property.of, schemas);
  }
}

Json parameter(const Property& property, const char* where) {
  Json schema = schema_of(property);
  schema.erase("description");
  return {{"name", property.name},
          {"in", where},
          {"required", property.required},
          {"description", property.doc},
          {"schema", std::move(schema)}};
}

const char* meaning(int status) {
  switch (status) {
    case 400:
      return "An artist is not in the catalogue, or the ratings could not be stored";
    case 401:
      return "The API key is missing or wrong";
    case 403:
      return "Not from there";
    case 404:
      return "Nobody and nothing of this name";
    case 409:
      return "The file is no sound model; the old one is still served";
    case 422:
      return "The request is not as the table asks; all faults are told";
    default:
      return "Not now";
  }
}

const Schema& error_schema(int status) {
  if (status == 422) return schema::validation_answer();
  return status == 503 ? schema::readiness_answer() : schema::error_answer();
}

Json content(const char* type, const Schema& schema, Json& schemas) {
  add(schema, schemas);
  return {{type, {{"schema", reference(schema)}}}};
}

// "GET /api/v1/artists/{artist_id}" -> "get_artists_artist_id".
std::string operation_id(const Operation& operation) {
  std::string id;
  for (const char c : operation.method) id += static_cast<char>(std::tolower(c));
  std::string_view path = operation.path;
  constexpr std::string_view kBase = "/api/v1";
  if (path.starts_with(kBase)) path.remove_prefix(kBase.size());
  for (const char c : path) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      id += c;
    } else if (!id.ends_with('_')) {
      id += '_';
    }
  }
  while (id.ends_with('_')) id.pop_back();
  return id;
}

Json json_of(const Operation& operation, Json& schemas) {
  Json json = {{"operationId", operation_id(operation)},
               {"tags", {operation.tag}},
               {"summary", operation.summary},
               {"description", operation.doc}};
  Json parameters = Json::array();
  if (operation.in_path != nullptr) {
    parameters.push_back(parameter(operation.in_path->properties.front(), "path"));
  }
  if (operation.in_query != nullptr) {
    for (const Property& property : operation.in_query->properties) {
      parameters.push_back(parameter(property, "query"));
    }
  }
  if (!parameters.empty()) json["parameters"] = std::move(parameters);
  if (operation.body != nullptr) {
    json["requestBody"] = {{"required", true},
                           {"content", content("application/json", *operation.body, schemas)}};
  }
  Json responses = Json::object();
  Json success = {{"description", operation.status == 204 ? "Done" : "Success"}};
  if (operation.answer != nullptr) {
    success["content"] = content("application/json", *operation.answer, schemas);
  }
  responses[std::to_string(operation.status)] = std::move(success);
  for (const int status : operation.errors) {
    Json bodies = content("application/json", error_schema(status), schemas);
    bodies.update(content("application/problem+json", schema::problem_answer(), schemas));
    responses[std::to_string(status)] = {{"description", meaning(status)},
                                         {"content", std::move(bodies)}};
  }
  json["responses"] = std::move(responses);
  return json;
}

std::string make_openapi() {
  Json schemas = Json::object();
  Json paths = Json::object();
  for (const Operation& operation : operations()) {
    std::string method;
    for (const char c : operation.method) method += static_cast<char>(std::tolower(c));
    paths[std::string(operation.path)][method] = json_of(operation, schemas);
  }
  return schema::dump({{"openapi", "3.1.0"},
                       {"info",
                        {{"title", "Music Recommendation API"},
                         {"version", "1.0.0"},
                         {"description", kIntroduction}}},
                       {"paths", std::move(paths)},
                       {"components", {{"schemas", std::move(schemas)}}}});
}

std::string type_text(const Property& property) {
  switch (property.type) {
    case Type::kInteger:
      return "whole number";
    case Type::kNumber:
      return "number";
    case Type::kBoolean:
      return "true or false";
    case Type::kString:
      return "text";
    case Type::kIntegers:
      return "list of whole numbers";
    case Type::kStrings:
      return "list of texts";
    case Type::kObject:
      return property.of == nullptr ? "object" : property.of->name;
    case Type::kObjects:
      return property.of == nullptr ? "list of objects"
                                    : std::string("list of ") + property.of->name;
    case Type::kAny:
      return "any";
  }
  return "";
}

std::string plain_number(double value) { return bound(value).dump(); }

std::string limits_text(const Property& property) {
  constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();
  std::string text;
  if (!property.choices.empty()) {
    for (const char* choice : property.choices) {
      text += (text.empty() ? "`" : ", `") + std::string(choice) + "`";
    }
  } else if (property.min && property.max) {
    text = plain_number(*property.min) + ".." + plain_number(*property.max);
  } else if (property.min) {
    text = "from " + plain_number(*property.min);
  } else if (property.min_size > 0 || property.max_size < kNoLimit) {
    text = std::to_string(property.min_size) + ".." +
           (property.max_size < kNoLimit ? std::to_string(property.max_size) : "");
    text += property.type == Type::kString ? " signs" : " elements";
  }
  return text;
}

std::string requests_table(const Schema& schema) {
  std::string text = "| name | type | limits | default | |\n|---|---|---|---|---|\n";
  for (const Property& property : schema.properties) {
    text += "| `" + std::string(property.name) + "` | " + type_text(property) + " | " +
            limits_text(property) + " | " +
            (property.preset != nullptr ? "`" + std::string(property.preset) + "`"
             : property.required        ? "required"
                                        : "") +
            " | " + property.doc + " |\n";
  }
  return text;
}

std::string answers_table(const Schema& schema) {
  std::string text = "| name | type | |\n|---|---|---|\n";
  for (const Property& property : schema.properties) {
    text += "| `" + std::string(property.name) + "` | " + type_text(property) + " | " +
            property.doc + " |\n";
  }
  return text;
}

}  // namespace

const std::string& openapi_json() {
  static const std::string kText = make_openapi();
  return kText;
}

std::string rest_markdown() {
  std::string text =
      "# The REST contract\n\n"
      "Made by `mrec-serve --print-rest` from the tables that check requests (serve/tables.cpp, "
      "serve/router.cpp).\n\n";
  text += std::string(kIntroduction) + "\n";
  std::vector<const Schema*> parts;  // of requests and answers, told at the end, each once
  std::set<std::string_view> told;
  const auto tell_later = [&](const Schema& schema) {
    for (const Property& property : schema.properties) {
      if (property.of != nullptr && told.insert(property.of->name).second) {
        parts.push_back(property.of);
      }
    }
  };
  std::string_view tag;
  for (const Operation& operation : operations()) {
    if (operation.tag != tag) text += "\n## " + std::string(operation.tag) + "\n";
    tag = operation.tag;
    text += "\n### " + std::string(operation.method) + " " + std::string(operation.path) + "\n\n" +
            std::string(operation.summary) + ". " + std::string(operation.doc) + "\n";
    if (operation.in_path != nullptr) {
      text += "\nIn the path:\n\n" + requests_table(*operation.in_path);
    }
    if (operation.in_query != nullptr) {
      text += "\nIn the query:\n\n" + requests_table(*operation.in_query);
    }
    if (operation.body != nullptr) {
      text += "\nBody, `" + std::string(operation.body->name) + "`:\n\n" +
              requests_table(*operation.body);
      tell_later(*operation.body);
    }
    text += "\nAnswer " + std::to_string(operation.status);
    if (operation.answer != nullptr) {
      text +=
          ", `" + std::string(operation.answer->name) + "`:\n\n" + answers_table(*operation.answer);
      tell_later(*operation.answer);
    } else {
      text += ".\n";
    }
    if (!operation.errors.empty()) {
      text += "\nErrors:\n\n";
      for (const int status : operation.errors) {
        text += "* " + std::to_string(status) + ": " + meaning(status) + ".\n";
      }
    }
  }
  text += "\n## Parts\n";
  for (std::size_t i = 0; i < parts.size(); ++i) {  // grows
    tell_later(*parts[i]);
    text += "\n### " + std::string(parts[i]->name) + "\n\n" + parts[i]->doc + "\n\n" +
            answers_table(*parts[i]);
  }
  for (const Schema* schema :
       {&schema::error_answer(), &schema::validation_answer(), &schema::problem_answer()}) {
    text += "\n### " + std::string(schema->name) + "\n\n" + schema->doc + "\n\n" +
            answers_table(*schema);
  }
  return text;
}

}  // namespace mrec
