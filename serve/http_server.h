#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "serve/http.h"

namespace mrec::http {

// Bytes to requests and replies to bytes, over TCP. All of Pistache, and of that its reactor only:
// its accepting, parsing and answering do not stand hostile clients (docs/design.md, "Transport").
//
// Few threads wait for sockets, parse, and answer what is quick; others answer the rest. A client
// that is slow or sends too much costs a descriptor, never a thread.
class Server {
 public:
  // Who answers a request.
  enum class Lane {
    kQuick,  // whoever parsed it: it needs no disk and no model, and waits behind nothing that does
    kUsual,  // one of Options::threads
    kDisk    // one of many that mostly wait for the disk, so that they share its syncs
  };
  struct Options {
    std::string address = "127.0.0.1";
    int port = 8000;             // 0: any free one
    int threads = 0;             // that answer; 0: two per core, at least 4
    int max_connections = 4096;  // lowered to what descriptors the system gives
    int request_timeout = 10;    // seconds for a head, for a body, and for taking an answer
    int keep_alive = 60;         // seconds that a connection may wait for its next request
  };
  struct Counts {
    int connections = 0;  // now
    std::int64_t accepted = 0;
    std::int64_t refused_connections = 0;  // beyond max_connections or the system's descriptors
    std::int64_t refused_requests = 0;     // not HTTP, too large, too slow
    std::int64_t shed_requests = 0;        // 503 because too many waited for a thread
    int waiting_requests = 0;              // for a thread, now
  };

  // Listens from now on, on threads of its own, and answers 503 until serve(). Throws InputError
  // when the address or the port cannot be had.
  explicit Server(const Options& options);
  ~Server();  // closes all connections
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Answers by `handler` from now on; called once.
  void serve(Handler handler, std::function<Lane(const Request&)> lane_of);

  // "http://127.0.0.1:8000"
  [[nodiscard]] std::string url() const;
  [[nodiscard]] Counts counts() const;

  // Closes connections as their requests are answered, until no more requests come or until
  // `limit`. Returns whether everything was answered.
  bool drain(std::chrono::milliseconds limit);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mrec::http
