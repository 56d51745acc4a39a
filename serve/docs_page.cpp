#include "serve/docs_page.h"

namespace mrec {

std::string_view docs_page() {
  return "<!doctype html><title>API</title><a href=\"/openapi.json\">openapi.json</a>";
}

}  // namespace mrec
