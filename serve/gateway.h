#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/params.h"
#include "serve/access.h"
#include "serve/http.h"
#include "serve/http_server.h"
#include "serve/live_model.h"
#include "serve/metrics.h"
#include "serve/rating_store.h"
#include "serve/static_files.h"

namespace mrec {

// What an operator decides about the requests, whatever they ask.
struct GatewayOptions {
  std::string access_log;                // a path, or "-" for stderr; "": none
  std::string api_keys;                  // a file of access::ApiKeys; "": everybody may ask
  int rate_limit = 0;                    // requests per minute and client; 0: no limit
  int rate_burst = 0;                    // at once; 0: as rate_limit
  std::vector<std::string> cors_origin;  // pages of other sites that may ask; "*": of all
  bool behind_proxy = false;             // the client is the last address of X-Forwarded-For
  std::string web;                       // directory of the page; "": the installed one

  Fields fields();
};

// Between the transport and the API: request ids, access log, keys, limits, CORS, gzip, ETags,
// metrics; and what is not of the API: health, metrics, reload, the page.
// All functions may be called from several threads at once.
class Gateway {
 public:
  using TransportCounts = std::function<http::Server::Counts()>;

  // `live`, `store` and all that the functions refer to outlive this. Throws InputError for files
  // that the options name.
  Gateway(GatewayOptions options, LiveModel& live, RatingStore& store, TransportCounts transport,
          http::Handler api);

  http::Reply answer(const http::Request& request);

  static http::Server::Lane lane_of(const http::Request& request);

  // Reads the keys and opens the log again. Throws InputError; then the old ones stay.
  void reopen();
  // From now on not ready, so that a load balancer sends no more.
  void drain() { is_draining_ = true; }

 private:
  struct Log;

  // The reply, before what is done to all replies.
  http::Reply route(const http::Request& request, const std::string& client);
  [[nodiscard]] std::optional<http::Reply> page(const http::Request& request) const;
  http::Reply ready();
  http::Reply metrics();
  http::Reply reload(const http::Request& request);
  [[nodiscard]] std::string address_of(const http::Request& request) const;
  void add_cors(const http::Request& request, http::Reply& reply) const;

  const GatewayOptions options_;
  LiveModel& live_;
  RatingStore& store_;
  const TransportCounts transport_;
  const http::Handler api_;
  const http::StaticFiles page_;
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  RequestMetrics requests_;
  std::atomic<int> in_flight_ = 0;
  std::atomic<bool> is_draining_ = false;
  std::unique_ptr<access::RateLimiter> limiter_;  // none: no limit
  // std::atomic<std::shared_ptr> of GCC 12 unlocks without release: a race to the thread sanitizer.
  struct Files {
    std::shared_ptr<const access::ApiKeys> keys;  // none: everybody may ask
    std::shared_ptr<const Log> log;               // none: no log
  };
  [[nodiscard]] Files files() const;
  mutable std::mutex files_mutex_;
  Files files_;  // guarded by files_mutex_
};

}  // namespace mrec
