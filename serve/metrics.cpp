#include "serve/metrics.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace mrec {
namespace {

// Segments in braces stand for anything; "..." for any rest. The last one is for all others.
constexpr auto kRoutePatterns =
    std::to_array<std::string_view>({"/",
                                     "/app/...",
                                     "/health",
                                     "/health/live",
                                     "/health/ready",
                                     "/metrics",
                                     "/openapi.json",
                                     "/docs",
                                     "/admin/reload",
                                     "/api/v1/survey-artists",
                                     "/api/v1/ratings",
                                     "/api/v1/ratings/{user}",
                                     "/api/v1/recommendations",
                                     "/api/v1/recommendations/taste",
                                     "/api/v1/recommendations/batch",
                                     "/api/v1/users/{user}/recommendations",
                                     "/api/v1/artists",
                                     "/api/v1/artists/{artist}",
                                     "/api/v1/artists/{artist}/similar",
                                     "/api/v1/genres",
                                     "/api/v1/model",
                                     "/api/v1/map",
                                     "other"});

constexpr auto kKnownStatuses =
    std::to_array<int>({200, 201, 204, 304, 307, 400, 401, 403, 404, 405, 408,
                        409, 413, 414, 415, 417, 422, 429, 431, 500, 503, 0});

constexpr auto kBounds = std::to_array<double>(
    {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5});

bool matches(std::string_view pattern, std::string_view path) {
  while (!pattern.empty() && !path.empty()) {
    if (pattern == "/...") return true;
    const std::size_t expected = std::min(pattern.find('/', 1), pattern.size());
    const std::size_t given = std::min(path.find('/', 1), path.size());
    const std::string_view segment = pattern.substr(0, expected);
    if (!segment.starts_with("/{") && segment != path.substr(0, given)) return false;
    pattern.remove_prefix(expected);
    path.remove_prefix(given);
  }
  return pattern.empty() && path.empty();
}

void append_number(std::string& text, double value) {
  std::array<char, 32> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  text.append(digits.data(), end);
}

}  // namespace

void PrometheusText::family(std::string_view name, std::string_view type, std::string_view help) {
  family_ = name;
  text_.append("# HELP ").append(name).append(" ").append(help).append("\n");
  text_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

void PrometheusText::sample(double value, const Labels& labels, std::string_view suffix) {
  text_.append(family_).append(suffix);
  char separator = '{';
  for (const auto& [name, content] : labels) {
    text_ += std::exchange(separator, ',');
    text_.append(name).append("=\"");
    for (const char c : content) {
      if (c == '\n') {
        text_ += "\\n";
      } else {
        if (c == '"' || c == '\\') text_ += '\\';
        text_ += c;
      }
    }
    text_ += '"';
  }
  if (!labels.empty()) text_ += '}';
  text_ += ' ';
  append_number(text_, value);
  text_ += '\n';
}

void RequestMetrics::observe(std::string_view path, int status, std::chrono::nanoseconds time) {
  static_assert(kRoutePatterns.size() <= kRoutes && kKnownStatuses.size() <= kStatuses &&
                kBounds.size() == kBuckets);
  const auto pattern =
      std::ranges::find_if(kRoutePatterns.begin(), kRoutePatterns.end() - 1,
                           [&](std::string_view one) { return matches(one, path); });
  Route& route = routes_[static_cast<std::size_t>(pattern - kRoutePatterns.begin())];
  const auto known = std::find(kKnownStatuses.begin(), kKnownStatuses.end() - 1, status);
  ++route.statuses[static_cast<std::size_t>(known - kKnownStatuses.begin())];
  const auto bound = std::ranges::lower_bound(kBounds, std::chrono::duration<double>(time).count());
  ++route.buckets[static_cast<std::size_t>(bound - kBounds.begin())];
  route.nanoseconds += time.count();
}

void RequestMetrics::write(PrometheusText& out) const {
  out.family("mrec_requests_total", "counter", "Answered requests by route and status.");
  for (std::size_t r = 0; r < kRoutePatterns.size(); ++r) {
    for (std::size_t s = 0; s < kKnownStatuses.size(); ++s) {
      const std::int64_t count = routes_[r].statuses[s];
      if (count == 0) continue;
      const std::string status =
          kKnownStatuses[s] == 0 ? "other" : std::to_string(kKnownStatuses[s]);
      out.sample(static_cast<double>(count), {{"route", kRoutePatterns[r]}, {"status", status}});
    }
  }
  out.family("mrec_request_seconds", "histogram",
             "Seconds from the last byte of a request to its answer.");
  for (std::size_t r = 0; r < kRoutePatterns.size(); ++r) {
    const Route& route = routes_[r];
    std::int64_t count = 0;
    for (const auto& bucket : route.buckets) count += bucket;
    if (count == 0) continue;
    std::int64_t so_far = 0;
    for (std::size_t b = 0; b <= kBounds.size(); ++b) {
      so_far += route.buckets[b];
      std::string bound = "+Inf";
      if (b < kBounds.size()) {
        bound.clear();
        append_number(bound, kBounds[b]);
      }
      out.sample(static_cast<double>(so_far), {{"route", kRoutePatterns[r]}, {"le", bound}},
                 "_bucket");
    }
    out.sample(static_cast<double>(route.nanoseconds) * 1e-9, {{"route", kRoutePatterns[r]}},
               "_sum");
    out.sample(static_cast<double>(so_far), {{"route", kRoutePatterns[r]}}, "_count");
  }
}

}  // namespace mrec
