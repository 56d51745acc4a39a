#include "dataset/read_report.h"

#include <ostream>

namespace mrec {
namespace {

// At most 120 bytes, not cut inside a character.
std::string shortened(const std::string& text) {
  constexpr std::size_t kMost = 120;
  if (text.size() <= kMost) return text;
  std::size_t end = kMost;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "...";
}

}  // namespace

void ReadReport::left_out(const std::string& kind, const std::string& file, std::int64_t line,
                          const std::string& row) {
  Kind& entry = kinds_[kind];
  if (entry.count++ > 0) return;
  std::string one_line = row;
  for (char& c : one_line) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  entry.example = file + ":" + std::to_string(line) + ": " + shortened(one_line);
}

std::int64_t ReadReport::rows_used() const {
  std::int64_t sum = 0;
  for (const auto& [file, rows] : used_) sum += rows;
  return sum;
}

void ReadReport::print(std::ostream& out) const {
  constexpr std::size_t kMostFiles = 8;
  if (used_.size() <= kMostFiles) {
    for (const auto& [file, rows] : used_) out << "  " << rows << " rows of " << file << '\n';
  } else {
    out << "  " << rows_used() << " rows of " << used_.size() << " files\n";
  }
  for (const auto& [kind, entry] : kinds_) {
    out << "  left out " << entry.count << " x " << kind << ", first " << entry.example << '\n';
  }
}

}  // namespace mrec
