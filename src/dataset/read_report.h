#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>

namespace mrec {

// What readers met: rows used, and rows left out, counted by kind with one example each. Nothing is
// dropped without standing here.
class ReadReport {
 public:
  struct Kind {
    std::int64_t count = 0;
    std::string example;  // file:line: the row, shortened
  };

  void used(const std::string& file, std::int64_t rows) { used_[file] += rows; }
  // `kind` such as "row without an artist"; the first example is kept.
  void left_out(const std::string& kind, const std::string& file, std::int64_t line,
                const std::string& row);

  [[nodiscard]] const std::map<std::string, Kind>& kinds() const { return kinds_; }
  [[nodiscard]] const std::map<std::string, std::int64_t>& used() const { return used_; }
  [[nodiscard]] std::int64_t rows_used() const;
  void print(std::ostream& out) const;

 private:
  std::map<std::string, std::int64_t> used_;
  std::map<std::string, Kind> kinds_;
};

}  // namespace mrec
