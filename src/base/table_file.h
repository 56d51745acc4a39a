#pragma once

#include <cstdint>
#include <deque>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mrec {

// Reads a table row by row: tab separated with quotes as plain characters, or CSV as in RFC 4180
// (cells in quotes may hold separators, line ends and doubled quotes). Takes LF, CRLF, a BOM and a
// last line without its end. Holds a few rows of the file at a time; reads from its beginning to
// its end, so that it may be a pipe.
class TableFile {
 public:
  enum class Kind { kTsv, kCsv };
  // So many characters behind every cell may be read, whatever they are: who looks at eight or
  // sixteen at once need not care for the end.
  static constexpr std::size_t kReadable = 16;

  // Throws InputError when the file cannot be read.
  TableFile(std::string path, Kind kind);

  // Goes to the next row; false at the end. Lines without any character are passed over.
  // Throws InputError for a quote that is opened and not closed within 100 lines or before the end
  // of the file, unless the file ends in the very line.
  bool next();

  // Of the current row, valid until the next call of next().
  [[nodiscard]] std::span<const std::string_view> cells() const { return cells_; }
  [[nodiscard]] std::string_view text() const { return text_; }  // the whole row
  [[nodiscard]] std::int64_t line() const { return line_; }      // where it begins, from 1

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  // Where separators and line ends are among the 64 characters from `begin` on: a bit for each.
  struct Marks {
    std::size_t begin = 0;
    std::uint64_t bits = 0;  // those that are not passed
  };

  [[nodiscard]] std::string_view content() const { return {buffer_.data(), size_}; }
  [[nodiscard]] Marks marks_from(std::size_t begin) const;
  void parse_row();
  std::string_view quoted_cell();
  // Drops what lies before `first` and reads more behind; false at the end of the file.
  bool refill(std::size_t first);

  std::string path_;
  char separator_;
  bool quotes_;
  std::ifstream file_;
  std::vector<char> buffer_;  // what is read and not yet passed, a line end and some room
  std::size_t size_ = 0;      // of what is read
  bool at_end_ = false;       // nothing follows what is read
  std::size_t at_ = 0;
  Marks marks_;
  std::int64_t line_ = 0;
  std::int64_t next_line_ = 1;
  std::string_view text_;
  std::vector<std::string_view> cells_;
  std::deque<std::string> unquoted_;  // cells that held doubled quotes
};

}  // namespace mrec
