#pragma once

#include <string>
#include <string_view>

namespace mrec {

// What other programs found out about a model: told beside it, never used. JSON, or "" where
// nothing is known.
struct ModelReports {
  std::string evaluation;  // {"facts", "warnings", "reports", "comparisons"} of mrec-evaluate
  std::string trials;      // [{"number", "value", "params", ...}, ...] of mrec-study
};

// `evaluation`: file of `mrec-evaluate --json`, left out when it is not of the model with this sum;
// `study`: file of `mrec-study show --json`; "" for none. Throws InputError for other files.
ModelReports read_model_reports(const std::string& evaluation, const std::string& study,
                                std::string_view model_sha256);

}  // namespace mrec
