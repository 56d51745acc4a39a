#include "base/params.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>
#include <type_traits>

#include "base/error.h"
#include "base/text.h"

namespace mrec {
namespace {

std::string joined(const std::vector<std::string>& words, std::string_view separator) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += separator;
    text += word;
  }
  return text;
}

template <typename Number>
Number parse_number(const Field& field, std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw InputError(field.name + " = '" + std::string(text) + "' is not " +
                     (std::is_integral_v<Number> ? "a whole number" : "a number"));
  }
  const auto real = static_cast<double>(value);
  if (!(real >= field.min && real <= field.max)) {
    const std::string range = std::isinf(field.max)
                                  ? "below " + plain(field.min)
                                  : "outside [" + plain(field.min) + ", " + plain(field.max) + "]";
    throw InputError(field.name + " = " + std::string(text) + " is " + range);
  }
  return value;
}

bool parse_bool(const Field& field, std::string_view text) {
  if (text == "true" || text == "1" || text == "yes") return true;
  if (text == "false" || text == "0" || text == "no") return false;
  throw InputError(field.name + " = '" + std::string(text) + "' is neither true nor false");
}

const std::string& check_choice(const Field& field, const std::string& text) {
  if (!field.choices.empty() && std::ranges::find(field.choices, text) == field.choices.end()) {
    throw InputError(field.name + " = '" + text + "' is not one of " + joined(field.choices, ", "));
  }
  return text;
}

}  // namespace

Fields join(Fields first, const Fields& second) {
  for (const Field& field : second) {
    if (std::ranges::find(first, field.name, &Field::name) != first.end()) {
      throw Error("option " + field.name + " is declared twice");
    }
    first.push_back(field);
  }
  return first;
}

void set(const Field& field, std::string_view text) {
  std::visit(
      [&](auto* target) {
        using Value = std::remove_pointer_t<decltype(target)>;
        if constexpr (std::is_same_v<Value, bool>) {
          *target = parse_bool(field, text);
        } else if constexpr (std::is_same_v<Value, std::string>) {
          *target = check_choice(field, std::string(text));
        } else if constexpr (std::is_same_v<Value, std::vector<std::string>>) {
          target->push_back(check_choice(field, std::string(text)));
        } else {
          *target = parse_number<Value>(field, text);
        }
      },
      field.value);
}

std::string to_text(const Field& field) {
  return std::visit(
      [](const auto* target) -> std::string {
        using Value = std::remove_cv_t<std::remove_pointer_t<decltype(target)>>;
        if constexpr (std::is_same_v<Value, bool>) {
          return *target ? "true" : "false";
        } else if constexpr (std::is_same_v<Value, std::string>) {
          return *target;
        } else if constexpr (std::is_same_v<Value, std::vector<std::string>>) {
          return joined(*target, ",");
        } else {
          return shortest(*target);
        }
      },
      field.value);
}

}  // namespace mrec
