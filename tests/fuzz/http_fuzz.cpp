// Bytes of a connection: requests come out the same however the bytes are cut.
// libFuzzer: tests/fuzz/README.md.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "serve/request_parser.h"

namespace {

using mrec::http::RequestParser;

std::string read_all(std::string_view bytes, std::size_t piece) {
  RequestParser parser;
  std::string seen;
  for (std::size_t first = 0; first < bytes.size(); first += piece) {
    parser.add(bytes.substr(first, piece));
    for (;;) {
      const RequestParser::Next next = parser.next();
      if (next == RequestParser::Next::kNeedsMore) break;
      if (next == RequestParser::Next::kWantsContinue) continue;
      if (next == RequestParser::Next::kRefused) {
        return seen + std::to_string(parser.status());
      }
      const mrec::http::Request& request = parser.request();
      if (request.body.size() > std::size_t{64} * 1024) std::abort();
      seen += request.method + " " + request.path + " ";
      seen.append(request.body);
      for (const auto& [name, value] : request.headers) seen.append(name).append(value);
      for (const auto& [name, value] : request.query) seen.append(name).append(value);
      parser.finish();
    }
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  // What is too long is refused when so much has come, so pieces matter only below the limits.
  if (bytes.size() > 4096) return 0;
  if (read_all(bytes, bytes.size()) != read_all(bytes, std::size_t{1} + data[0])) std::abort();
  return 0;
}
