#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "serve/http.h"

namespace mrec::http {

// Bytes to requests and replies to bytes, over TCP. All of Pistache.
class Server {
 public:
  struct Options {
    std::string address = "127.0.0.1";
    int port = 8000;  // 0: any free one
    int threads = 0;  // 0: one per core, at least 2
  };

  // Listens from now on, on threads of its own, and answers 503 until serve(). Throws InputError
  // when the address or the port cannot be had.
  explicit Server(const Options& options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Answers by `handler` from now on; called once.
  void serve(Handler handler);

  // "http://127.0.0.1:8000"
  [[nodiscard]] std::string url() const;

  // Answers what is under way and closes those connections, then all others. Requests that keep
  // coming are answered until `limit`. Returns whether everything was answered.
  bool stop(std::chrono::milliseconds limit);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mrec::http
