#include "base/table_file.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "base/error.h"

namespace mrec {
namespace {

std::ifstream opened(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    throw InputError(path + ": is a directory, expected a file");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) throw InputError(path + ": cannot be opened: " + std::strerror(errno));
  return file;
}

bool is_line_end(char c) { return c == '\n' || c == '\r'; }

// The first place from `at` on that holds one of three characters, or text.size(). Looks at eight
// characters at once: a byte of `word ^ pattern` is 0 where the character stands, and the lowest
// such byte has the lowest bit of (x - 0x01..01) & ~x & 0x80..80.
std::size_t find_one_of(std::string_view text, std::size_t at, char a, char b, char c) {
  if constexpr (std::endian::native == std::endian::little) {
    constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
    const auto zeros = [](std::uint64_t word, char character) {
      const std::uint64_t x = word ^ (kOnes * static_cast<unsigned char>(character));
      return (x - kOnes) & ~x & (kOnes << 7U);
    };
    for (std::uint64_t word = 0; at + sizeof word <= text.size(); at += sizeof word) {
      std::memcpy(&word, text.data() + at, sizeof word);
      const std::uint64_t found = zeros(word, a) | zeros(word, b) | zeros(word, c);
      if (found != 0) return at + static_cast<std::size_t>(std::countr_zero(found)) / 8;
    }
  }
  while (at < text.size() && text[at] != a && text[at] != b && text[at] != c) ++at;
  return at;
}

}  // namespace

TableFile::TableFile(std::string path, Kind kind)
    : path_(std::move(path)),
      separator_(kind == Kind::kTsv ? '\t' : ','),
      quotes_(kind == Kind::kCsv),
      file_(opened(path_)) {
  refill(0);
  if (content_.starts_with("\xEF\xBB\xBF")) at_ = 3;
}

bool TableFile::refill(std::size_t first) {
  if (at_end_) return false;
  constexpr std::size_t kChunk = std::size_t{1} << 20U;
  content_.erase(0, first);
  const std::size_t kept = content_.size();
  content_.resize(kept + kChunk);
  file_.read(content_.data() + kept, static_cast<std::streamsize>(kChunk));
  if (file_.bad()) throw InputError(path_ + ": cannot be read");
  const auto got = static_cast<std::size_t>(file_.gcount());
  content_.resize(kept + got);
  at_end_ = got < kChunk;
  return got > 0;
}

bool TableFile::next() {
  cells_.clear();
  unquoted_.clear();
  while (true) {
    while (at_ < content_.size() && is_line_end(content_[at_])) {
      if (content_[at_] == '\n') ++next_line_;
      ++at_;
    }
    if (at_ < content_.size()) break;
    const std::size_t passed = std::exchange(at_, 0);
    if (!refill(passed)) {
      content_.clear();
      return false;
    }
  }

  line_ = next_line_;
  std::size_t begin = at_;
  parse_row();
  // The row is whole when something follows it that belongs to its line end at most.
  while (at_ + 1 >= content_.size() && !at_end_) {
    refill(begin);
    at_ = begin = 0;
    next_line_ = line_;
    cells_.clear();
    unquoted_.clear();
    parse_row();
  }
  text_ = std::string_view(content_).substr(begin, at_ - begin);
  // The rest of the line end is passed over by the next call.
  return true;
}

void TableFile::parse_row() {
  while (true) {
    const bool quoted = quotes_ && at_ < content_.size() && content_[at_] == '"';
    cells_.push_back(quoted ? quoted_cell() : plain_cell());
    if (at_ >= content_.size() || content_[at_] != separator_) return;
    ++at_;
  }
}

std::string_view TableFile::plain_cell() {
  const std::size_t begin = at_;
  while (true) {
    at_ = find_one_of(content_, at_, separator_, '\n', '\r');
    const bool lone =
        at_ + 1 < content_.size() && content_[at_] == '\r' && content_[at_ + 1] != '\n';
    if (!lone) break;
    ++at_;
  }
  return {content_.data() + begin, at_ - begin};
}

std::string_view TableFile::quoted_cell() {
  const std::size_t begin = ++at_;
  const std::int64_t opened = next_line_;
  bool doubled = false;
  constexpr std::int64_t kMostLines = 100;
  while (true) {
    at_ = find_one_of(content_, at_, '"', '\n', '\n');
    const bool at_end = at_ == content_.size();
    if (at_end && !at_end_) break;  // next() reads more and parses the row again
    // Cut in the middle of a cell: the last row of a file that was not copied whole.
    if (at_end && next_line_ == opened) break;
    if (at_end || next_line_ - opened > kMostLines) {
      throw InputError(path_ + ":" + std::to_string(opened) +
                       ": a quote is opened and not closed; mend this line");
    }
    if (content_[at_] == '\n') {
      ++next_line_;
      ++at_;
    } else if (at_ + 1 < content_.size() && content_[at_ + 1] == '"') {
      doubled = true;
      at_ += 2;
    } else {
      break;
    }
  }
  std::string_view cell = std::string_view(content_).substr(begin, at_ - begin);
  at_ = std::min(at_ + 1, content_.size());
  if (doubled) {
    std::string& text = unquoted_.emplace_back();
    for (std::size_t i = 0; i < cell.size(); ++i) {
      text += cell[i];
      if (cell[i] == '"') ++i;
    }
    cell = text;
  }
  plain_cell();  // what stands between the closing quote and the separator
  return cell;
}

}  // namespace mrec
