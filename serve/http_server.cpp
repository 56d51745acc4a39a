#include "serve/http_server.h"

#include <pistache/endpoint.h>
#include <pistache/http.h>
#include <pistache/peer.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cctype>
#include <ctime>
#include <exception>
#include <new>
#include <optional>
#include <sstream>
#include <string_view>
#include <thread>
#include <utility>

#include "base/error.h"

namespace mrec::http {
namespace {

namespace pistache = Pistache::Http;
using Peer = std::shared_ptr<Pistache::Tcp::Peer>;

constexpr std::size_t kMaxRequestSize = 64 * 1024;   // request line, headers and body
constexpr std::size_t kMaxDiscarded = 1024 * 1024;   // of what a refused client still sends
constexpr std::chrono::seconds kRequestTimeout{10};  // for the headers, and for the body
constexpr std::chrono::seconds kKeepAliveTimeout{60};
constexpr std::chrono::milliseconds kQuiet{200};

// What is refused before there is a request to give to the handler.
Reply refusal(int status, std::string_view detail) {
  return {.status = status, .body = R"({"detail":")" + std::string(detail) + R"("})"};
}

Reply not_ready() {
  Reply reply = refusal(503, "Starting; try again in a second");
  reply.headers = {{"Retry-After", "1"}};
  return reply;
}

// Nothing when the path or the query is not well encoded.
std::optional<Request> to_request(const pistache::Request& from, const Peer& peer) {
  Request request;
  request.method = pistache::methodString(from.method());
  request.raw_path = from.resource();
  auto path = percent_decoded(request.raw_path, false);
  if (!path) return std::nullopt;
  request.path = *std::move(path);
  for (auto at = from.query().parameters_begin(); at != from.query().parameters_end(); ++at) {
    auto name = percent_decoded(at->first, true);
    auto value = percent_decoded(at->second, true);
    if (!name || !value) return std::nullopt;
    request.query.emplace_back(*std::move(name), *std::move(value));
  }
  std::ranges::sort(request.query);
  for (const auto& [key, header] : from.headers().rawList()) {
    request.headers.emplace_back(header.name(), header.value());
  }
  request.body = from.body();
  request.client = peer->address().host();
  return request;
}

// -- Connections ------------------------------------------------------------------------------

// RFC 9110, 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT".
std::string http_date() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 32> text{};
  const std::size_t size =
      std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return {text.data(), size};
}

// A whole response. The body of a HEAD response is counted but not sent, and 204 counts none.
std::string to_text(const Reply& reply, bool keep_alive, bool is_head) {
  std::ostringstream text;
  text << "HTTP/1.1 " << reply.status << ' '
       << pistache::codeString(static_cast<pistache::Code>(reply.status)) << "\r\n"
       << "Date: " << http_date() << "\r\n";
  if (!reply.body.empty()) text << "Content-Type: " << reply.content_type << "\r\n";
  if (reply.status != 204 && reply.status != 304) {
    text << "Content-Length: " << reply.body.size() << "\r\n";
  }
  text << "Connection: " << (keep_alive ? "keep-alive" : "close") << "\r\n";
  for (const auto& [name, value] : reply.headers) text << name << ": " << value << "\r\n";
  text << "\r\n";
  if (!is_head) text << reply.body;
  return text.str();
}

// Whether a comma-separated header holds the word, in any case.
bool has_word(const pistache::Request& request, const char* header, std::string_view word) {
  const auto raw = request.headers().tryGetRaw(header);
  if (!raw) return false;
  std::string value = raw->value();
  std::ranges::transform(value, value.begin(), [](unsigned char c) { return std::tolower(c); });
  std::istringstream words(value);
  for (std::string one; std::getline(words, one, ',');) {
    const std::size_t first = one.find_first_not_of(" \t");
    if (first == std::string::npos) continue;
    if (one.substr(first, one.find_last_not_of(" \t") - first + 1) == word) return true;
  }
  return false;
}

// What the connections of all threads share.
struct Shared {
  Handler handler;                     // fixed once is_ready
  std::atomic<bool> is_ready = false;  // until then requests are answered by 503
  std::atomic<int> under_way = 0;      // requests of which at least a byte came and no answer left
  std::atomic<bool> is_stopping = false;
};

// Counts one request as under way, from its first byte until its answer has left or its connection
// is gone.
class Ticket {
 public:
  explicit Ticket(Shared& shared) : shared_(shared) { ++shared_.under_way; }
  ~Ticket() { --shared_.under_way; }
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;

 private:
  Shared& shared_;
};

// Our state of one connection, kept with Pistache's peer. Only its own I/O thread uses it.
struct Connection {
  std::shared_ptr<Ticket> ticket;  // of the request that is coming in
  bool is_closing = false;         // answered for the last time; what still comes is discarded
  std::size_t discarded = 0;
};

// Replaces how Pistache 0.0.5 turns bytes into requests and answers. Its own way answers HTTP/1.1
// without a Connection header by "Close", never closes a connection, goes on parsing a body that is
// too large, answers in plain text, and shows the what() of any exception.
class ConnectionHandler : public pistache::Handler {
 public:
  HTTP_PROTOTYPE(ConnectionHandler)

  explicit ConnectionHandler(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

  // Never called: onInput answers by itself.
  void onRequest(const pistache::Request&, pistache::ResponseWriter) override {}

 private:
  void onInput(const char* bytes, std::size_t size, const Peer& peer) override {
    Connection& connection = connection_of(peer);
    if (connection.is_closing) {
      connection.discarded += size;
      if (connection.discarded > kMaxDiscarded) ::shutdown(peer->fd(), SHUT_RDWR);
      return;
    }
    if (!connection.ticket) connection.ticket = std::make_shared<Ticket>(*shared_);
    peer->setIdle(false);

    const auto parser = getParser(peer);
    const auto refuse = [&](int status, std::string_view detail) {
      send(peer, connection, to_text(refusal(status, detail), false, false), Close::kLinger);
      parser->reset();
    };
    try {
      if (!parser->feed(bytes, size)) return refuse(413, kTooLarge);
      if (parser->parse() != pistache::Private::State::Done) {
        if (announces_too_much(parser->request)) refuse(413, kTooLarge);
        return;
      }
    } catch (const pistache::HttpError& error) {
      return refuse(error.code(), kNotHttp);
    } catch (const std::bad_alloc&) {  // a Content-Length beyond all memory
      return refuse(413, kTooLarge);
    } catch (const std::exception&) {
      return refuse(400, kNotHttp);
    }

    const pistache::Request& from = parser->request;
    const std::optional<Request> request = to_request(from, peer);
    if (!request) return refuse(400, kNotHttp);
    const Reply reply = shared_->is_ready ? shared_->handler(*request) : not_ready();
    const bool keep_alive = !shared_->is_stopping && wants_keep_alive(from);
    send(peer, connection, to_text(reply, keep_alive, from.method() == pistache::Method::Head),
         keep_alive ? Close::kNo : Close::kNow);
    parser->reset();
  }

  enum class Close {
    kNo,
    kNow,    // once the answer has left
    kLinger  // the same, but the client may still be sending: closing while its bytes are unread
             // would reset the connection and destroy the answer on its way
  };

  void send(const Peer& peer, Connection& connection, const std::string& text, Close close) {
    connection.is_closing = close != Close::kNo;
    peer->setIdle(true);
    const int fd = peer->fd();
    peer->send(Pistache::RawBuffer(text, text.size()), MSG_NOSIGNAL)
        .then(
            [ticket = std::move(connection.ticket), fd, close](ssize_t) {
              // The peer is still Pistache's own, so the descriptor is; it reads the end of the
              // stream next and lets the peer go.
              if (close == Close::kNow) ::shutdown(fd, SHUT_RDWR);
              if (close == Close::kLinger) ::shutdown(fd, SHUT_WR);
            },
            [](std::exception_ptr&) {});
    // Writes at once what the socket takes, instead of after the next poll: by then Pistache may
    // have given the descriptor to another client.
    transport()->flush();
  }

  static Connection& connection_of(const Peer& peer) {
    constexpr const char* kName = "mrec";
    if (const auto data = peer->tryGetData(kName)) return *static_cast<Connection*>(data.get());
    const auto connection = std::make_shared<Connection>();
    peer->putData(kName, connection);
    return *connection;
  }

  static bool announces_too_much(const pistache::Request& request) {
    const auto length = request.headers().tryGet<pistache::Header::ContentLength>();
    return length && length->value() > kMaxRequestSize;
  }

  static bool wants_keep_alive(const pistache::Request& request) {
    if (request.version() == pistache::Version::Http11)
      return !has_word(request, "Connection", "close");
    return has_word(request, "Connection", "keep-alive");
  }

  static constexpr const char* kTooLarge = "Request Entity Too Large";
  static constexpr const char* kNotHttp = "The request is not valid HTTP";

  std::shared_ptr<Shared> shared_;
};

Pistache::Address to_address(const Server::Options& options) {
  const auto port = Pistache::Port(static_cast<std::uint16_t>(options.port));
  const bool is_v6 = options.address.find(':') != std::string::npos;
  return {is_v6 ? "[" + options.address + "]" : options.address, port};
}

}  // namespace

struct Server::Impl {
  std::shared_ptr<Shared> shared = std::make_shared<Shared>();
  std::string host;
  std::unique_ptr<pistache::Endpoint> endpoint;  // joins its threads when destroyed, so it is last
};

Server::Server(const Options& options) : impl_(std::make_unique<Impl>()) {
  const int num_threads = options.threads > 0
                              ? options.threads
                              : std::max(2, static_cast<int>(std::thread::hardware_concurrency()));
  const std::string place = options.address + ":" + std::to_string(options.port);
  try {
    const Pistache::Address address = to_address(options);
    impl_->host = address.host();
    impl_->endpoint = std::make_unique<pistache::Endpoint>(address);
    impl_->endpoint->init(pistache::Endpoint::options()
                              .threads(num_threads)
                              .flags(Pistache::Tcp::Options::ReuseAddr |
                                     Pistache::Tcp::Options::NoDelay |
                                     Pistache::Tcp::Options::CloseOnExec)
                              .backlog(512)
                              .maxRequestSize(kMaxRequestSize)
                              .headerTimeout(kRequestTimeout)
                              .bodyTimeout(kRequestTimeout)
                              .keepaliveTimeout(kKeepAliveTimeout));
    impl_->endpoint->setHandler(std::make_shared<ConnectionHandler>(impl_->shared));
    impl_->endpoint->serveThreaded();
  } catch (const std::exception& error) {
    throw InputError("cannot listen on " + place + ": " + error.what());
  }
}

Server::~Server() = default;

void Server::serve(Handler handler) {
  impl_->shared->handler = std::move(handler);
  impl_->shared->is_ready = true;
}

std::string Server::url() const {
  const std::string& host = impl_->host;
  const bool is_v6 = host.find(':') != std::string::npos && !host.starts_with('[');
  return "http://" + (is_v6 ? "[" + host + "]" : host) + ":" +
         std::to_string(static_cast<std::uint16_t>(impl_->endpoint->getPort()));
}

bool Server::stop(std::chrono::milliseconds limit) {
  using Clock = std::chrono::steady_clock;
  impl_->shared->is_stopping = true;
  // Requests may lie unread in sockets, so nothing under way counts only when it lasts.
  const auto deadline = Clock::now() + limit;
  auto quiet_since = Clock::now();
  while (Clock::now() < deadline && Clock::now() - quiet_since < kQuiet) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    if (impl_->shared->under_way > 0) quiet_since = Clock::now();
  }
  const bool all_answered = Clock::now() - quiet_since >= kQuiet;
  impl_->endpoint->shutdown();
  return all_answered;
}

}  // namespace mrec::http
