#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mrec {

// Text in Prometheus' exposition format, version 0.0.4.
class PrometheusText {
 public:
  using Labels = std::vector<std::pair<std::string_view, std::string_view>>;

  // What the samples that follow belong to; `type` is counter, gauge or histogram.
  void family(std::string_view name, std::string_view type, std::string_view help);
  // `suffix` is "_bucket", "_sum" or "_count" of a histogram.
  void sample(double value, const Labels& labels = {}, std::string_view suffix = "");
  [[nodiscard]] std::string text() && { return std::move(text_); }

 private:
  std::string text_;
  std::string family_;
};

// Numbers of requests by route and status, and how long they took. Paths are put down to the few
// routes that exist, so that no client can make the table grow.
// All functions may be called from several threads at once.
class RequestMetrics {
 public:
  void observe(std::string_view path, int status, std::chrono::nanoseconds time);
  void write(PrometheusText& out) const;

 private:
  static constexpr std::size_t kRoutes = 24;
  static constexpr std::size_t kStatuses = 24;
  static constexpr std::size_t kBuckets = 14;
  struct Route {
    std::array<std::atomic<std::int64_t>, kStatuses> statuses{};
    std::array<std::atomic<std::int64_t>, kBuckets + 1> buckets{};  // the last: longer than all
    std::atomic<std::int64_t> nanoseconds = 0;
  };
  std::array<Route, kRoutes> routes_;
};

}  // namespace mrec
