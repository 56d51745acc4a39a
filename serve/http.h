#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mrec::http {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// What a client asks, as far as it reached us whole. Knows no library.
struct Request {
  std::string method;     // "GET"
  std::string path;       // decoded: "/api/v1/ratings/A B"; see also `raw_path`
  std::string raw_path;   // as it came: "/api/v1/ratings/A%20B"
  Pairs query;            // decoded, in the order of their names
  Pairs headers;          // as they came
  std::string_view body;  // lives as long as the call
  std::string client;     // numeric address of the other end, without port
  std::chrono::steady_clock::time_point begin = {};  // when its last byte was here

  // The value of a header, whatever the case of its name.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
  [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const;
};

struct Reply {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";  // counts only with a body
  Pairs headers;                                  // further ones
};

// Called by several threads at once. Throws nothing.
using Handler = std::function<Reply(const Request&)>;

// Of ASCII letters.
bool equals_ignoring_case(std::string_view a, std::string_view b);

// "A%20B" -> "A B"; `plus_is_space` as in queries. Nothing for "%4" and "%zz".
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space);

}  // namespace mrec::http
