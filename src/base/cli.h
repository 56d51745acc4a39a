#pragma once

#include <string>

#include "base/params.h"

namespace mrec {

// What --help says about a program besides its options.
struct Program {
  std::string name;             // "mrec-train"
  std::string summary;          // what it does, what it reads and writes
  std::string example;          // a command that works as it stands
  std::string positional = {};  // the list option that bare words belong to; none when empty
};

// Fills the fields from the command line: --name value, --name=value, '-' or '_' inside names, a
// bare --flag for a bool (or --flag=false), a list option several times, and --config FILE with
// lines `name = value` (the command line wins). No abbreviations; bare words only where the program
// has a place for them.
// Returns false when --help or --version was given and answered on stdout: the caller exits with 0.
// Throws InputError for anything it cannot use, also for a missing required option.
[[nodiscard]] bool parse_cli(int argc, const char* const* argv, const Program& program,
                             const Fields& fields);

// The project's version and the commit that it was built from, such as "0.1.0 (1a2b3c4)".
std::string version();

}  // namespace mrec
