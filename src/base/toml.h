#pragma once

#include <string>

#define TOML_EXCEPTIONS 1
#include <toml++/toml.h>

#include "base/error.h"

namespace mrec {

// Throws InputError with `from` (such as the file) and the line.
inline toml::table parse_toml(const std::string& text, const std::string& from) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    throw InputError(from + ":" + std::to_string(error.source().begin.line) + ": " +
                     std::string(error.description()));
  }
}

}  // namespace mrec
