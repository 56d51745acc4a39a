#pragma once

#include <string>

#include "tune/space.h"

namespace mrec {

// What is worth searching for a loss of mrec-train (ials: of a solver, sgd or als), when nobody
// says otherwise. The ranges hold the best values found on HetRec-2011 (docs/benchmarks.md) well
// inside.
Space default_space(const std::string& loss, const std::string& solver);

}  // namespace mrec
