#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

// Who may ask, and how often.
namespace mrec::access {

// The keys of a file with one a line: `[name] key`, where the key is the text itself, of at least
// 16 characters, or `sha256:` and the hexadecimal SHA-256 of it; # begins a comment. Names are
// what logs call the client; without one it is the first digits of the sum.
class ApiKeys {
 public:
  // Throws InputError naming the line.
  static ApiKeys read(const std::string& path);

  // The client's name. Takes the same time for all keys of a length, whatever is right in them.
  [[nodiscard]] std::optional<std::string> find(std::string_view key) const;

 private:
  struct Entry {
    std::string sum;  // SHA-256, in hexadecimal
    std::string name;
  };
  std::vector<Entry> entries_;
};

// A token bucket per client: `burst` requests at once, then `per_minute` a minute.
// All functions may be called from several threads at once.
class RateLimiter {
 public:
  using Clock = std::chrono::steady_clock;
  struct Verdict {
    bool allowed = true;
    int remaining = 0;        // requests that would be allowed now
    int seconds_to_wait = 0;  // until one more is
  };

  RateLimiter(int per_minute, int burst) : per_second_(per_minute / 60.0), burst_(burst) {}
  Verdict take(const std::string& client, Clock::time_point now);
  // Of whom it keeps a bucket.
  [[nodiscard]] std::size_t num_clients();

 private:
  struct Bucket {
    double tokens = 0;
    Clock::time_point filled = {};
  };
  void forget_idle(Clock::time_point now);
  [[nodiscard]] double tokens_at(const Bucket& bucket, Clock::time_point now) const;

  const double per_second_;
  const int burst_;
  std::mutex mutex_;
  std::unordered_map<std::string, Bucket> buckets_;  // guarded by mutex_
  std::size_t next_cleaning_ = 1024;                 // guarded by mutex_; a size of the table
};

}  // namespace mrec::access
