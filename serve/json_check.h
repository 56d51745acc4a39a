#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mrec {

// What is wrong with a text that should be JSON, in the words and at the place of Python's json
// module, which the clients of the contract know.
struct JsonError {
  std::string message;       // "Expecting ',' delimiter"
  std::size_t position = 0;  // code points before the fault
};

// Nothing when the text is JSON (RFC 8259; so, other than in Python, NaN and half surrogate pairs
// are faults). Throws InputError for a text that Python cannot read at all: bytes that are not
// UTF-8, or values nested deeper than kMaxJsonDepth.
std::optional<JsonError> find_json_error(std::string_view text);

inline constexpr int kMaxJsonDepth = 200;

// The number of code points of a valid UTF-8 text.
std::size_t num_code_points(std::string_view text);

}  // namespace mrec
