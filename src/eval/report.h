#pragma once

#include <iosfwd>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "eval/evaluate.h"

namespace mrec {

// What was evaluated and how, in the words of the report.
using Facts = std::vector<std::pair<std::string, std::string>>;

// A table: one line per metric, one column per report, "mean +- standard error".
void print(std::ostream& out, const Facts& facts, std::span<const Report> reports);

// {"facts": {...}, "reports": [{"name", "users", "metrics": [{"metric", "k", "mean",
// "standard_error"}]}]}; k is null for figures that do not depend on it. Written whole or not at
// all.
void write_json(const std::string& path, const Facts& facts, std::span<const Report> reports);

}  // namespace mrec
