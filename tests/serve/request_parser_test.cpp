#include "serve/request_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mrec::http {
namespace {

using Next = RequestParser::Next;

// Whole requests are in tests/serve/hostile_test.py; here is what sockets cannot show surely.
const std::string kTwo =
    "POST /a%20b?y=2&x=%26+1 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
    "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    "3\r\nabc\r\n2;e=f\r\nde\r\n0\r\nT: 1\r\n\r\n";

struct Seen {
  std::string path;
  std::string body;
  bool keeps_alive = false;
  bool operator==(const Seen&) const = default;
};

std::vector<Seen> requests_in(const std::string& text, std::size_t piece) {
  RequestParser parser;
  std::vector<Seen> seen;
  for (std::size_t first = 0; first < text.size(); first += piece) {
    parser.add(std::string_view(text).substr(first, piece));
    while (parser.next() == Next::kRequest) {
      seen.push_back(
          {parser.request().path, std::string(parser.request().body), parser.keeps_alive()});
      parser.finish();
    }
  }
  return seen;
}

TEST(RequestParser, RequestsAreTheSameHoweverTheirBytesAreCut) {
  const std::vector<Seen> expected = {{"/a b", "hello", true}, {"/c", "abcde", false}};
  for (std::size_t piece = 1; piece <= kTwo.size(); ++piece) {
    EXPECT_EQ(requests_in(kTwo, piece), expected) << piece;
  }
}

TEST(RequestParser, QueryAndHeadersAreFoundByName) {
  RequestParser parser;
  parser.add(kTwo);
  ASSERT_EQ(parser.next(), Next::kRequest);
  EXPECT_EQ(parser.request().parameter("x"), "& 1");
  EXPECT_EQ(parser.request().parameter("y"), "2");
  EXPECT_EQ(parser.request().header("HOST"), "h");
  EXPECT_EQ(parser.request().raw_path, "/a%20b");
}

TEST(RequestParser, IsAmidARequestFromItsFirstByteToItsLast) {
  RequestParser parser;
  EXPECT_FALSE(parser.is_amid());
  parser.add("\r\n");
  EXPECT_EQ(parser.next(), Next::kNeedsMore);
  EXPECT_FALSE(parser.is_amid()) << "an empty line is no request";
  parser.add("G");
  EXPECT_TRUE(parser.is_amid());
  EXPECT_FALSE(parser.is_in_body());
  parser.add("ET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n");
  EXPECT_EQ(parser.next(), Next::kNeedsMore);
  EXPECT_TRUE(parser.is_in_body());
  parser.add("x");
  EXPECT_EQ(parser.next(), Next::kRequest);
  parser.finish();
  EXPECT_FALSE(parser.is_amid());
}

TEST(RequestParser, LimitsHoldToTheByte) {
  const auto status = [](std::size_t body) {
    RequestParser parser({.head = 1000, .headers = 10, .body = 100});
    const std::string size = std::to_string(body);
    parser.add("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + size + "\r\n\r\n" +
               std::string(body, 'x'));
    return parser.next() == Next::kRequest ? 0 : parser.status();
  };
  EXPECT_EQ(status(100), 0);
  EXPECT_EQ(status(101), 413);
}

TEST(RequestParser, LimitsDoNotDependOnHowBytesAreCut) {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
  const auto is_read = [&](std::size_t trailer, std::size_t piece) {
    return !requests_in(head + std::string(trailer, 'x') + "\r\n\r\n", piece).empty();
  };
  for (const std::size_t trailer : {255, 256, 257, 258, 300}) {
    for (const std::size_t piece : {1, 2, 100, 1000}) {
      EXPECT_EQ(is_read(trailer, piece), trailer <= 256) << trailer << " in pieces of " << piece;
    }
  }
}

TEST(RequestParser, AskedForAContinuationOnce) {
  RequestParser parser;
  parser.add("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(parser.next(), Next::kWantsContinue);
  EXPECT_EQ(parser.next(), Next::kNeedsMore);
  parser.add("ok");
  EXPECT_EQ(parser.next(), Next::kRequest);
}

TEST(RequestParser, StaysRefused) {
  RequestParser parser;
  parser.add("nonsense\r\n\r\n");
  EXPECT_EQ(parser.next(), Next::kRefused);
  parser.add("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(parser.next(), Next::kRefused);
  EXPECT_EQ(parser.status(), 400);
}

}  // namespace
}  // namespace mrec::http
