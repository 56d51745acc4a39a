#include "serve/request_parser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace mrec::http {
namespace {

constexpr const char* kNotHttp = "The request is not valid HTTP";
constexpr const char* kTooLarge = "Request Entity Too Large";
constexpr const char* kHeadTooLarge = "Request Header Fields Too Large";
constexpr std::string_view kEnd = "\r\n";
constexpr std::size_t kMaxLine = 256;  // of a chunk's size with its extensions

bool is_token_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_char);
}

bool is_value_char(char c) { return c == '\t' || (c >= ' ' && c != '\x7f') || c < 0; }

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Whether a comma-separated list holds the word, in any case.
bool has_word(std::string_view list, std::string_view word) {
  for (std::size_t first = 0; first <= list.size();) {
    const std::size_t end = std::min(list.find(',', first), list.size());
    if (equals_ignoring_case(trimmed(list.substr(first, end - first)), word)) return true;
    first = end + 1;
  }
  return false;
}

bool add_query(std::string_view query, Pairs& pairs) {
  for (std::size_t first = 0; first < query.size();) {
    const std::size_t end = std::min(query.find('&', first), query.size());
    const std::string_view pair = query.substr(first, end - first);
    first = end + 1;
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto name = percent_decoded(pair.substr(0, equals), true);
    auto value = percent_decoded(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name || !value) return false;
    pairs.emplace_back(*std::move(name), *std::move(value));
  }
  std::ranges::stable_sort(pairs, {}, &Pairs::value_type::first);
  return true;
}

}  // namespace

RequestParser::Next RequestParser::refuse(int status, const char* detail) {
  step_ = Step::kRefused;
  status_ = status;
  detail_ = detail;
  return Next::kRefused;
}

RequestParser::Next RequestParser::next() {
  if (step_ == Step::kRefused) return Next::kRefused;
  if (step_ == Step::kDone) return Next::kRequest;
  if (step_ == Step::kHead) {
    // Empty lines before a request are allowed; clients of old send them after a body.
    while (rest().starts_with(kEnd)) begin_ += kEnd.size();
    buffer_.erase(0, std::exchange(begin_, 0));
    const std::size_t size = rest().find("\r\n\r\n");
    if (size == std::string_view::npos) {
      if (rest().size() <= limits_.head + 3) return Next::kNeedsMore;  // 3: "\r\n\r"
      return rest().find(kEnd) == std::string_view::npos ? refuse(414, "URI Too Long")
                                                         : refuse(431, kHeadTooLarge);
    }
    if (size > limits_.head) return refuse(431, kHeadTooLarge);
    if (!read_head(rest().substr(0, size)) || !read_framing()) return Next::kRefused;
    begin_ += size + 2 * kEnd.size();
  }
  if (step_ == Step::kLength) {
    if (rest().size() < missing_) {
      if (std::exchange(wants_continue_, false) && rest().empty()) return Next::kWantsContinue;
      return Next::kNeedsMore;
    }
    request_.body = rest().substr(0, missing_);
    begin_ += missing_;
    step_ = Step::kDone;
    return Next::kRequest;
  }
  return read_chunks();
}

void RequestParser::finish() {
  buffer_.erase(0, begin_);
  begin_ = 0;
  step_ = Step::kHead;
  request_ = {};
  wants_continue_ = false;
  missing_ = 0;
  overhead_ = 0;
  chunks_.clear();
}

bool RequestParser::read_head(std::string_view head) {
  const std::size_t line_end = std::min(head.find(kEnd), head.size());
  if (!read_request_line(head.substr(0, line_end))) {
    refuse(400, kNotHttp);
    return false;
  }
  for (std::size_t first = line_end + kEnd.size(); first < head.size();) {
    const std::size_t end = std::min(head.find(kEnd, first), head.size());
    if (request_.headers.size() == limits_.headers) {
      refuse(431, kHeadTooLarge);
      return false;
    }
    if (!read_header(head.substr(first, end - first))) {
      refuse(400, kNotHttp);
      return false;
    }
    first = end + kEnd.size();
  }
  return true;
}

bool RequestParser::read_request_line(std::string_view line) {
  constexpr std::array<std::string_view, 9> kMethods = {
      "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT"};
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return false;
  const std::string_view method = line.substr(0, first);
  std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (std::ranges::find(kMethods, method) == kMethods.end()) return false;
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return false;
  minor_version_ = version.back() - '0';
  if (target.empty() || !std::ranges::all_of(target, [](char c) { return c > ' ' && c < '\x7f'; }))
    return false;

  // As proxies write it: "http://host/path".
  if (const std::size_t scheme = target.find("://");
      scheme != std::string_view::npos && is_token(target.substr(0, scheme))) {
    const std::size_t path = target.find('/', scheme + 3);
    target = path == std::string_view::npos ? "/" : target.substr(path);
  }
  if (!target.starts_with('/') && target != "*") return false;
  target = target.substr(0, target.find('#'));
  const std::size_t query = std::min(target.find('?'), target.size());
  request_.method = method;
  request_.raw_path = target.substr(0, query);
  auto path = percent_decoded(request_.raw_path, false);
  if (!path) return false;
  request_.path = *std::move(path);
  return query == target.size() || add_query(target.substr(query + 1), request_.query);
}

bool RequestParser::read_header(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return false;
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (!std::ranges::all_of(value, is_value_char)) return false;
  request_.headers.emplace_back(line.substr(0, colon), value);
  return true;
}

bool RequestParser::read_framing() {
  std::string connection;
  std::string_view expect;
  std::string_view length;
  std::string_view coding;
  int hosts = 0;
  bool has_length = false;
  bool has_coding = false;
  const auto fail = [this](int status, const char* detail) {
    refuse(status, detail);
    return false;
  };
  for (const auto& [name, value] : request_.headers) {
    if (equals_ignoring_case(name, "Connection")) {
      connection += (connection.empty() ? "" : ",") + value;
    } else if (equals_ignoring_case(name, "Content-Length")) {
      if (has_length && value != length) return fail(400, kNotHttp);
      has_length = true;
      length = value;
    } else if (equals_ignoring_case(name, "Transfer-Encoding")) {
      if (has_coding) return fail(400, kNotHttp);
      has_coding = true;
      coding = value;
    } else if (equals_ignoring_case(name, "Expect")) {
      expect = value;
    } else if (equals_ignoring_case(name, "Host")) {
      ++hosts;
    }
  }
  const bool is_1_1 = minor_version_ == 1;
  if (is_1_1 ? hosts != 1 : hosts > 1) return fail(400, kNotHttp);
  keeps_alive_ = is_1_1 ? !has_word(connection, "close") : has_word(connection, "keep-alive");

  if (has_coding) {
    if (has_length || !is_1_1 || !equals_ignoring_case(coding, "chunked")) {
      return fail(400, kNotHttp);
    }
    step_ = Step::kChunkSize;
  } else {
    if (has_length) {
      if (length.empty() ||
          !std::ranges::all_of(length, [](char c) { return c >= '0' && c <= '9'; }))
        return fail(400, kNotHttp);
      const auto [end, error] =
          std::from_chars(length.data(), length.data() + length.size(), missing_);
      if (error != std::errc() || missing_ > limits_.body) return fail(413, kTooLarge);
    }
    step_ = Step::kLength;
  }
  if (!expect.empty() && is_1_1) {
    if (!equals_ignoring_case(expect, "100-continue")) return fail(417, "Expectation Failed");
    wants_continue_ = has_coding || missing_ > 0;
  }
  return true;
}

RequestParser::Next RequestParser::read_chunks() {
  const auto needs_more = [this] {
    if (std::exchange(wants_continue_, false) && rest().empty()) return Next::kWantsContinue;
    return Next::kNeedsMore;
  };
  for (;;) {
    if (overhead_ > limits_.head + limits_.body) return refuse(413, kTooLarge);
    if (step_ == Step::kChunk) {
      const std::size_t size = std::min(missing_, rest().size());
      chunks_.append(rest().substr(0, size));
      begin_ += size;
      missing_ -= size;
      if (missing_ > 0) return needs_more();
      step_ = Step::kChunkEnd;
    }
    const std::string_view text = rest();
    const std::size_t size = text.find(kEnd);
    if (size == std::string_view::npos) {
      return text.size() > kMaxLine + 1 ? refuse(400, kNotHttp) : needs_more();  // 1: "\r"
    }
    if (size > kMaxLine) return refuse(400, kNotHttp);
    const std::string_view line = text.substr(0, size);
    begin_ += size + kEnd.size();
    overhead_ += size + kEnd.size();
    if (step_ == Step::kChunkEnd) {
      if (!line.empty()) return refuse(400, kNotHttp);
      step_ = Step::kChunkSize;
    } else if (step_ == Step::kTrailer) {
      if (line.empty()) break;
    } else {
      const std::string_view digits = trimmed(line.substr(0, line.find(';')));
      const auto [end, error] =
          std::from_chars(digits.data(), digits.data() + digits.size(), missing_, 16);
      if (digits.empty() || error == std::errc::invalid_argument ||
          end != digits.data() + digits.size()) {
        return refuse(400, kNotHttp);
      }
      if (error != std::errc() || missing_ > limits_.body - chunks_.size()) {
        return refuse(413, kTooLarge);
      }
      step_ = missing_ == 0 ? Step::kTrailer : Step::kChunk;
    }
  }
  request_.body = chunks_;
  step_ = Step::kDone;
  return Next::kRequest;
}

}  // namespace mrec::http
