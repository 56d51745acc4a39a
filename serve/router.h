#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "serve/service.h"

namespace mrec {

// The HTTP side of the server: paths to calls, exceptions to statuses. All of Pistache.
class Router {
 public:
  struct Options {
    std::string address = "127.0.0.1";
    int port = 8000;  // 0: any free one
    int threads = 0;  // 0: one per core, at least 2
  };

  // Listens from now on, on threads of its own, and answers 503 until serve(). Throws InputError
  // when the address or the port cannot be had.
  explicit Router(const Options& options);
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  // Answers by `service` from now on; called once. `service` outlives the router.
  void serve(Service& service);

  // "http://127.0.0.1:8000"
  [[nodiscard]] std::string url() const;

  // Answers what is under way and closes those connections, then all others. Requests that keep
  // coming are answered until `limit`. Returns whether everything was answered.
  bool stop(std::chrono::milliseconds limit);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mrec
