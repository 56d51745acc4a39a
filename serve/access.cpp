#include "serve/access.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <utility>

#include "base/error.h"
#include "base/sha256.h"

namespace mrec::access {
namespace {

constexpr std::size_t kDigits = 64;

// Looks at every digit, also after the first that differs.
bool equal_in_constant_time(std::string_view a, std::string_view b) {
  unsigned differences = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    differences |= static_cast<unsigned>(a[i]) ^ static_cast<unsigned>(b[i]);
  }
  return differences == 0;
}

}  // namespace

ApiKeys ApiKeys::read(const std::string& path) {
  constexpr std::size_t kMinSize = 16;
  constexpr std::string_view kSumPrefix = "sha256:";
  std::ifstream file(path);
  if (!file) throw InputError("API keys " + path + ": cannot be opened");
  ApiKeys keys;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    std::istringstream words(line.substr(0, line.find('#')));
    std::vector<std::string> parts;
    for (std::string word; words >> word;) parts.push_back(std::move(word));
    if (parts.empty()) continue;
    const auto refuse = [&](const std::string& why) {
      throw InputError("API keys " + path + ", line " + std::to_string(number) + ": " + why);
    };
    if (parts.size() > 2) refuse("expected a key, or a name and a key");
    std::string sum = parts.back();
    if (sum.starts_with(kSumPrefix)) {
      sum.erase(0, kSumPrefix.size());
      std::ranges::transform(sum, sum.begin(), [](unsigned char c) { return std::tolower(c); });
      if (sum.size() != kDigits || sum.find_first_not_of("0123456789abcdef") != std::string::npos) {
        refuse("sha256: is followed by 64 hexadecimal digits");
      }
    } else {
      if (sum.size() < kMinSize) refuse("a key has at least 16 characters");
      sum = sha256(sum);
    }
    constexpr std::size_t kShort = 8;
    std::string name = parts.size() == 2 ? parts.front() : sum.substr(0, kShort);
    keys.entries_.push_back({std::move(sum), std::move(name)});
  }
  if (keys.entries_.empty()) throw InputError("API keys " + path + ": holds no key");
  return keys;
}

std::optional<std::string> ApiKeys::find(std::string_view key) const {
  const std::string sum = sha256(key);
  std::optional<std::string> name;
  for (const Entry& entry : entries_) {
    if (equal_in_constant_time(entry.sum, sum)) name = entry.name;
  }
  return name;
}

RateLimiter::Verdict RateLimiter::take(const std::string& client, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  forget_idle(now);
  Bucket& bucket =
      buckets_.try_emplace(client, Bucket{static_cast<double>(burst_), now}).first->second;
  bucket.tokens = tokens_at(bucket, now);
  bucket.filled = now;
  Verdict verdict{.allowed = bucket.tokens >= 1};
  if (verdict.allowed) bucket.tokens -= 1;
  verdict.remaining = static_cast<int>(bucket.tokens);
  verdict.seconds_to_wait =
      bucket.tokens >= 1 ? 0 : static_cast<int>(std::ceil((1 - bucket.tokens) / per_second_));
  return verdict;
}

std::size_t RateLimiter::num_clients() {
  const std::lock_guard lock(mutex_);
  return buckets_.size();
}

double RateLimiter::tokens_at(const Bucket& bucket, Clock::time_point now) const {
  const double seconds = std::chrono::duration<double>(now - bucket.filled).count();
  return std::min(static_cast<double>(burst_), bucket.tokens + seconds * per_second_);
}

// A full bucket is as good as none. Done when the table has doubled, so that it costs little.
void RateLimiter::forget_idle(Clock::time_point now) {
  if (buckets_.size() < next_cleaning_) return;
  std::erase_if(buckets_, [&](const auto& one) { return tokens_at(one.second, now) >= burst_; });
  constexpr std::size_t kMin = 1024;
  next_cleaning_ = std::max(kMin, 2 * buckets_.size());
}

}  // namespace mrec::access
