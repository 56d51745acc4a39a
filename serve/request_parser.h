#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "serve/http.h"

namespace mrec::http {

// Bytes of one connection to requests, one after another (RFC 9112). Strict where lenience would
// let two programs read one text in two ways: no folded headers, no bare line feeds, no length
// beside chunks.
class RequestParser {
 public:
  struct Limits {
    std::size_t head = std::size_t{16} * 1024;  // request line and headers, in bytes
    std::size_t headers = 100;
    std::size_t body = std::size_t{64} * 1024;
  };
  enum class Next {
    kNeedsMore,      // nothing to do before add()
    kWantsContinue,  // the client waits for "100 Continue"; told once
    kRequest,        // request() and keeps_alive() hold until finish()
    kRefused         // status() and detail() say why; the connection is of no use any more
  };

  RequestParser() = default;
  explicit RequestParser(const Limits& limits) : limits_(limits) {}

  // Not between kRequest and finish(): the request's body lies in the buffer.
  void add(std::string_view bytes) { buffer_.append(bytes); }
  // What the bytes that are here give.
  Next next();

  [[nodiscard]] Request& request() { return request_; }
  [[nodiscard]] bool keeps_alive() const { return keeps_alive_; }
  // The request is answered; on to the next one.
  void finish();

  [[nodiscard]] int status() const { return status_; }
  [[nodiscard]] const char* detail() const { return detail_; }

  // Whether a request has begun but is not complete: the client owes us bytes.
  [[nodiscard]] bool is_amid() const { return step_ != Step::kHead || begin_ < buffer_.size(); }
  [[nodiscard]] bool is_in_body() const { return step_ != Step::kHead; }

 private:
  enum class Step { kHead, kLength, kChunkSize, kChunk, kChunkEnd, kTrailer, kDone, kRefused };

  Next refuse(int status, const char* detail);
  bool read_head(std::string_view head);
  bool read_request_line(std::string_view line);
  bool read_header(std::string_view line);
  bool read_framing();
  Next read_chunks();
  [[nodiscard]] std::string_view rest() const { return std::string_view(buffer_).substr(begin_); }

  Limits limits_;
  std::string buffer_;
  std::size_t begin_ = 0;  // of what is not understood yet
  Step step_ = Step::kHead;
  Request request_;
  int minor_version_ = 1;
  bool keeps_alive_ = false;
  bool wants_continue_ = false;
  std::size_t missing_ = 0;   // bytes of the body or chunk still to come
  std::size_t overhead_ = 0;  // bytes of chunk sizes and trailers
  std::string chunks_;        // the body so far
  int status_ = 0;
  const char* detail_ = "";
};

}  // namespace mrec::http
