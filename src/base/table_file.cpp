#include "base/table_file.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/error.h"
#include "base/text.h"

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

// Behind what is read: for the line end that is put there, and for looking at 64 characters at
// once.
constexpr std::size_t kRoom = 64 + TableFile::kReadable;

bool is_line_end(char c) { return c == '\n' || c == '\r'; }

// A bit for each of 64 characters: is it one of these two?
std::uint64_t bits_of(const char* text, char a, char b) {
  std::uint64_t bits = 0;
#ifdef __SSE2__
  for (unsigned i = 0; i < 64; i += 16) {
    const __m128i part = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + i));
    const __m128i found = _mm_or_si128(_mm_cmpeq_epi8(part, _mm_set1_epi8(a)),
                                       _mm_cmpeq_epi8(part, _mm_set1_epi8(b)));
    bits |= std::uint64_t{static_cast<unsigned>(_mm_movemask_epi8(found))} << i;
  }
#else
  for (unsigned i = 0; i < 64; ++i) bits |= std::uint64_t{text[i] == a || text[i] == b} << i;
#endif
  return bits;
}

}  // namespace

TableFile::TableFile(std::string path, Kind kind)
    : path_(std::move(path)),
      separator_(kind == Kind::kTsv ? '\t' : ','),
      quotes_(kind == Kind::kCsv),
      file_(opened(path_)) {
  refill(0);
  if (content().starts_with(kByteOrderMark)) at_ = 3;
}

bool TableFile::refill(std::size_t first) {
  if (at_end_) return false;
  constexpr std::size_t kLeast = std::size_t{1} << 18U;
  std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(first),
            buffer_.begin() + static_cast<std::ptrdiff_t>(size_), buffer_.begin());
  size_ -= first;
  const std::size_t wanted = std::max(kLeast, size_);  // a long row is not parsed too many times
  if (buffer_.size() < size_ + wanted + kRoom) buffer_.resize(size_ + wanted + kRoom);
  file_.read(buffer_.data() + size_, static_cast<std::streamsize>(wanted));
  if (file_.bad()) throw InputError(path_ + ": cannot be read");
  const auto got = static_cast<std::size_t>(file_.gcount());
  size_ += got;
  at_end_ = got < wanted;
  buffer_[size_] = '\n';  // so that there is one to be found
  marks_ = marks_from(0);
  return got > 0;
}

bool TableFile::next() {
  cells_.clear();
  if (!unquoted_.empty()) unquoted_.clear();
  while (true) {
    while (at_ < size_ && is_line_end(buffer_[at_])) {
      if (buffer_[at_] == '\n') ++next_line_;
      ++at_;
    }
    if (at_ < size_) break;
    const std::size_t passed = std::exchange(at_, 0);
    if (!refill(passed)) {
      size_ = 0;
      return false;
    }
  }

  line_ = next_line_;
  std::size_t begin = at_;
  parse_row();
  // The row is whole when something follows it that belongs to its line end at most.
  while (at_ + 1 >= size_ && !at_end_) {
    refill(begin);
    at_ = begin = 0;
    next_line_ = line_;
    cells_.clear();
    unquoted_.clear();
    parse_row();
  }
  text_ = content().substr(begin, at_ - begin);
  // The rest of the line end is passed over by the next call.
  return true;
}

TableFile::Marks TableFile::marks_from(std::size_t begin) const {
  return {.begin = begin, .bits = bits_of(buffer_.data() + begin, separator_, '\n')};
}

void TableFile::parse_row() {
  const char* const text = buffer_.data();
  Marks marks = marks_;
  const auto pass = [&](std::size_t to) {  // leaves out what lies before
    if (to - marks.begin < 64) {
      marks.bits &= ~std::uint64_t{0} << (to - marks.begin);
    } else {
      marks = marks_from(to);
    }
  };
  pass(at_);
  while (true) {
    const std::size_t begin = at_;
    const bool quoted = quotes_ && text[begin] == '"' && begin < size_;
    if (quoted) {
      cells_.push_back(quoted_cell());  // and then something may stand before the separator
      pass(at_);
    }
    while (marks.bits == 0) marks = marks_from(marks.begin + 64);
    const std::size_t end = marks.begin + static_cast<std::size_t>(std::countr_zero(marks.bits));
    marks.bits &= marks.bits - 1;
    if (text[end] != '\n') {
      if (!quoted) cells_.emplace_back(text + begin, end - begin);
      at_ = end + 1;
      continue;
    }
    // The line end, or the one behind all that is read. A '\r' belongs to it, and is a plain
    // character anywhere else.
    at_ = end > at_ && text[end - 1] == '\r' ? end - 1 : end;
    if (!quoted) cells_.emplace_back(text + begin, at_ - begin);
    break;
  }
  marks_ = marks;
}

std::string_view TableFile::quoted_cell() {
  const std::size_t begin = ++at_;
  const std::int64_t opened = next_line_;
  bool doubled = false;
  constexpr std::int64_t kMostLines = 100;
  while (true) {
    while (at_ < size_ && buffer_[at_] != '"' && buffer_[at_] != '\n') ++at_;
    const bool at_end = at_ == size_;
    if (at_end && !at_end_) break;  // next() reads more and parses the row again
    // Cut in the middle of a cell: the last row of a file that was not copied whole.
    if (at_end && next_line_ == opened) break;
    if (at_end || next_line_ - opened > kMostLines) {
      throw InputError(path_ + ":" + std::to_string(opened) +
                       ": a quote is opened and not closed; mend this line");
    }
    if (buffer_[at_] == '\n') {
      ++next_line_;
      ++at_;
    } else if (at_ + 1 < size_ && buffer_[at_ + 1] == '"') {
      doubled = true;
      at_ += 2;
    } else {
      break;
    }
  }
  const std::string_view cell = content().substr(begin, at_ - begin);
  at_ = std::min(at_ + 1, size_);
  if (!doubled) return cell;
  std::string& text = unquoted_.emplace_back();
  text.reserve(cell.size() + kReadable);
  for (std::size_t i = 0; i < cell.size(); ++i) {
    text += cell[i];
    if (cell[i] == '"') ++i;
  }
  const std::size_t size = text.size();
  text.append(kReadable, '\0');
  return std::string_view(text).substr(0, size);
}

}  // namespace mrec
