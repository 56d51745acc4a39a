#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mrec {

// One named, documented, range-checked option. `value` points into a params struct that outlives
// the field; its default is what stands there.
struct Field {
  using Target =
      std::variant<bool*, int*, std::int64_t*, double*, std::string*, std::vector<std::string>*>;

  std::string name;  // snake_case; the command line takes '-' for '_' too
  Target value;
  std::string help;
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  std::vector<std::string> choices = {};
  bool required = false;
  bool alone = false;  // a flag with which no option is required
  // Names a file to write: parse_cli() refuses one that another field names.
  bool writes = false;
};

// The table of a params struct. It feeds the command line, config files, artifacts and the tuner.
using Fields = std::vector<Field>;

// `first` with `second` behind it. Throws Error when a name stands in both.
Fields join(Fields first, const Fields& second);

// Sets a field from text: parses, then checks range and choices. A list field gets one element
// more. Throws InputError: "dim = 0 is outside [1, 1024]".
void set(const Field& field, std::string_view text);

// The shortest text that set() reads back to the same value; list elements joined by commas.
std::string to_text(const Field& field);

}  // namespace mrec
