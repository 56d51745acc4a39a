#include "report/diagnosis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace mrec::report {
namespace {

using enum Finding::Verdict;

const std::vector<Finding> kFindings{
    {.subject = "MPI", .found = "Open MPI"},
    {.subject = "shared memory", .verdict = kWarning, .found = "1 MiB", .advice = "get \"more\""},
    {.subject = "files", .verdict = kFault, .found = "no disk", .advice = "buy one"}};

TEST(Diagnosis, AdviceStandsBelowWhatItIsFor) {
  EXPECT_EQ(to_text(kFindings),
            "ok       MPI             Open MPI\n"
            "warning  shared memory   1 MiB\n"
            "                         -> get \"more\"\n"
            "fault    files           no disk\n"
            "                         -> buy one\n"
            "1 fault, 1 warning\n");
}

TEST(Diagnosis, JsonCountsAndQuotes) {
  const std::string json = to_json(kFindings);
  EXPECT_THAT(json,
              testing::StartsWith("{\n  \"faults\": 1,\n  \"warnings\": 1,\n  \"checks\": ["));
  EXPECT_THAT(json, testing::HasSubstr(R"("advice": "get \"more\"")"));
}

}  // namespace
}  // namespace mrec::report
