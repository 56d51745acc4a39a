#pragma once

#include <string_view>

namespace mrec {

// The page /docs: shows /openapi.json of the same server, with a form to try each call.
std::string_view docs_page();

}  // namespace mrec
