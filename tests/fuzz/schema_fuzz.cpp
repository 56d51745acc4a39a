// Bodies of requests, whatever bytes they are: parsed, or refused by an answer that is JSON.
// libFuzzer: tests/fuzz/README.md.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/error.h"
#include "serve/json_check.h"
#include "serve/schema.h"

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

template <typename Parse>
void parse(Parse parse, std::string_view body) {
  try {
    parse(body);
  } catch (const mrec::schema::ValidationError& error) {
    check(!mrec::find_json_error(error.body()));
  } catch (const mrec::InputError& error) {
    check(!mrec::find_json_error(mrec::schema::error_json(error.what())));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  parse([](std::string_view text) { return mrec::schema::parse_submission(text); }, body);
  parse([](std::string_view text) { return mrec::schema::parse_query(text); }, body);
  return 0;
}
