#pragma once

#include <span>
#include <string>

namespace mrec::report {

// What one check of a machine has found. A fault keeps a job from running, a warning makes it slow
// or fragile.
struct Finding {
  enum class Verdict { kOk, kWarning, kFault };

  std::string subject;  // "shared memory"
  Verdict verdict = Verdict::kOk;
  std::string found;        // "64 MiB free in /dev/shm"
  std::string advice = {};  // what to do; empty when all is well
};

// "ok", "warning", "fault".
std::string to_text(Finding::Verdict verdict);

std::size_t count(std::span<const Finding> findings, Finding::Verdict verdict);

// A line per finding, its advice below, and the number of faults and warnings last.
std::string to_text(std::span<const Finding> findings);

// {"faults": 0, "warnings": 1, "checks": [{"subject", "verdict", "found", "advice"}, ...]}
std::string to_json(std::span<const Finding> findings);

}  // namespace mrec::report
