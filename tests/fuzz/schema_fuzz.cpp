// Bodies, paths and queries of requests, whatever bytes they are: parsed, or refused by an answer
// that is JSON. The first byte chooses what the others are.
// libFuzzer: tests/fuzz/README.md.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/error.h"
#include "serve/http.h"
#include "serve/json_check.h"
#include "serve/schema.h"
#include "serve/validation_error.h"

namespace {

void parse(std::uint8_t what, std::string_view text) {
  namespace schema = mrec::schema;
  const auto query = [text] {
    mrec::http::Pairs pairs;
    for (std::size_t first = 0; first < text.size();) {
      const std::size_t end = std::min(text.find('&', first), text.size());
      const std::string_view pair = text.substr(first, end - first);
      const std::size_t equals = std::min(pair.find('='), pair.size());
      pairs.emplace_back(pair.substr(0, equals), pair.substr(std::min(equals + 1, pair.size())));
      first = end + 1;
    }
    return pairs;
  };
  switch (what % 12) {
    case 0:
      schema::parse_submission(text);
      break;
    case 1:
      schema::parse_query(text);
      break;
    case 2:
      schema::parse_taste(text);
      break;
    case 3:
      schema::parse_batch(text);
      break;
    case 4:
      schema::parse_replacement("user", text);
      break;
    case 5:
      schema::parse_user_id(text);
      break;
    case 6:
      schema::parse_artist_id(text);
      break;
    case 7:
      schema::parse_known_user_query(query());
      break;
    case 8:
      schema::parse_survey_query(query());
      break;
    case 9:
      schema::parse_artists_query(query());
      break;
    case 10:
      schema::parse_similar_query(query());
      break;
    default:
      schema::parse_map_query(query());
      break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string answer;
  try {
    parse(data[0], {reinterpret_cast<const char*>(data) + 1, size - 1});
    return 0;
  } catch (const mrec::schema::ValidationError& error) {
    answer = error.body();
  } catch (const mrec::InputError& error) {
    answer = mrec::schema::error_json(error.what());
  } catch (const mrec::NotFound& error) {
    answer = mrec::schema::error_json(error.what());
  }
  if (mrec::find_json_error(answer)) std::abort();
  return 0;
}
