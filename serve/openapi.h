#pragma once

#include <string>

namespace mrec {

// The contract for programs (OpenAPI 3.1) and for people (Markdown), both made from operations()
// and the tables of serve/tables.h, and so never at odds with what is checked.
const std::string& openapi_json();
std::string rest_markdown();

}  // namespace mrec
