#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "base/error.h"
#include "serve/access.h"
#include "serve/metrics.h"
#include "serve/router.h"
#include "temp_dir.h"

namespace mrec {
namespace {

using access::ApiKeys;
using access::RateLimiter;
using std::chrono::milliseconds;
using std::chrono::minutes;
using testing::HasSubstr;

// What clients see of the gateway is in operations_test.py; here is what takes time or many.

TEST(RateLimiter, GivesABurstAndThenARate) {
  RateLimiter limiter(60, 3);
  const RateLimiter::Clock::time_point start{};
  for (const int left : {2, 1, 0}) {
    const RateLimiter::Verdict verdict = limiter.take("a", start);
    EXPECT_TRUE(verdict.allowed);
    EXPECT_EQ(verdict.remaining, left);
  }
  const RateLimiter::Verdict refused = limiter.take("a", start + milliseconds(100));
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.seconds_to_wait, 1);
  EXPECT_TRUE(limiter.take("b", start + milliseconds(100)).allowed) << "another client";
  EXPECT_TRUE(limiter.take("a", start + milliseconds(1001)).allowed);
  EXPECT_FALSE(limiter.take("a", start + milliseconds(1002)).allowed);
  EXPECT_EQ(limiter.take("a", start + minutes(10)).remaining, 2) << "no more than the burst";
}

TEST(RateLimiter, ClientsThatCannotBeToldFromNewOnesAreForgotten) {
  RateLimiter limiter(60, 1);
  RateLimiter::Clock::time_point now{};
  for (int i = 0; i < 10'000; ++i) {
    now += milliseconds(10);  // 100 clients a second, each forgiven after one
    EXPECT_TRUE(limiter.take(std::to_string(i), now).allowed);
  }
  EXPECT_LE(limiter.num_clients(), 1024U);
}

TEST(ApiKeys, AreFoundByTheirText) {
  const TempDir directory;
  const ApiKeys keys = ApiKeys::read(directory.file(
      "keys",
      "shop 0123456789abcdef\n"
      "# SHA-256 of \"another long key\", as sha256sum prints it\n"
      "page sha256:CDD33B4D5257C2AFDA692F4F61501BD8BE15CDB8F334952BA61CFA59C4279A98\n"));
  EXPECT_EQ(keys.find("0123456789abcdef"), "shop");
  EXPECT_EQ(keys.find("another long key"), "page");
  EXPECT_FALSE(keys.find("0123456789abcdeF"));
  EXPECT_FALSE(keys.find("0123456789abcde"));
  EXPECT_FALSE(keys.find(""));
}

TEST(RequestMetrics, KnowsEveryRouteOfTheApi) {
  for (const Operation& operation : operations()) {
    RequestMetrics metrics;
    std::string path(operation.path);
    if (const std::size_t brace = path.find('{'); brace != std::string::npos) {
      path.replace(brace, path.find('}') - brace + 1, "12");
    }
    metrics.observe(path, operation.status, milliseconds(1));
    PrometheusText text;
    metrics.write(text);
    EXPECT_THAT(std::move(text).text(), testing::Not(HasSubstr("other"))) << path;
  }
}

TEST(RequestMetrics, NoClientMakesTheTableGrow) {
  RequestMetrics metrics;
  for (int i = 0; i < 1000; ++i) {
    metrics.observe("/" + std::to_string(i), 600 + i, milliseconds(3));
    metrics.observe("/api/v1/ratings/" + std::to_string(i), 200, milliseconds(3));
  }
  PrometheusText out;
  metrics.write(out);
  const std::string text = std::move(out).text();
  EXPECT_LT(text.size(), 4000U);
  EXPECT_THAT(text, HasSubstr(R"(mrec_requests_total{route="other",status="other"} 1000)"));
  EXPECT_THAT(text, HasSubstr(R"(mrec_requests_total{route="/api/v1/ratings/{user}",status="200"} )"
                              "1000"));
  EXPECT_THAT(text, HasSubstr(R"(mrec_request_seconds_bucket{route="other",le="0.0025"} 0)"));
  EXPECT_THAT(text, HasSubstr(R"(mrec_request_seconds_bucket{route="other",le="0.005"} 1000)"));
  EXPECT_THAT(text, HasSubstr(R"(mrec_request_seconds_sum{route="other"} 3)"));
}

TEST(PrometheusText, EscapesWhatLabelsHold) {
  PrometheusText out;
  out.family("x", "gauge", "Help.");
  out.sample(0.5, {{"name", "a\"b\\c\nd"}});
  EXPECT_EQ(std::move(out).text(),
            "# HELP x Help.\n# TYPE x gauge\nx{name=\"a\\\"b\\\\c\\nd\"} 0.5\n");
}

}  // namespace
}  // namespace mrec
