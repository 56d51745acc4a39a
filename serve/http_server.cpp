#include "serve/http_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <pistache/http_defs.h>
#include <pistache/reactor.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cctype>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <ctime>
#include <deque>
#include <exception>
#include <iostream>
#include <mutex>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/error.h"
#include "serve/request_parser.h"

namespace mrec::http {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kReadAtOnce = std::size_t{16} * 1024;
constexpr std::size_t kMaxDiscarded = std::size_t{256} * 1024;  // that a refused client still sends
constexpr std::size_t kKeptCapacity = std::size_t{32} * 1024;   // of an idle connection's buffer
constexpr std::chrono::seconds kLingerTimeout{2};
constexpr std::chrono::milliseconds kSweepPeriod{250};
constexpr std::chrono::milliseconds kQuiet{200};
constexpr int kMaxInARow = 8;              // requests answered before others get their turn
constexpr std::size_t kMaxWaiting = 1024;  // requests for a thread, per lane
constexpr int kPollThreads = 2;
constexpr int kDiskThreads = 16;
constexpr int kOtherDescriptors = 64;  // files, database, model
constexpr int kBacklog = 1024;

// -- Text -------------------------------------------------------------------------------------

// What is refused before there is a request to give to the handler.
Reply refusal(int status, std::string_view detail) {
  return {.status = status, .body = R"({"detail":")" + std::string(detail) + R"("})"};
}

Reply try_again(std::string_view detail) {
  Reply reply = refusal(503, detail);
  reply.headers = {{"Retry-After", "1"}};
  return reply;
}

// RFC 9110, 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT".
const std::string& http_date() {
  thread_local std::time_t second = 0;
  thread_local std::string text;
  const std::time_t now = std::time(nullptr);
  if (now != second) {
    std::tm utc{};
    gmtime_r(&now, &utc);
    std::array<char, 32> buffer{};
    text.assign(buffer.data(),
                std::strftime(buffer.data(), buffer.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc));
    second = now;
  }
  return text;
}

// A whole response. The body of a HEAD response is counted but not sent, and 204 counts none.
std::string to_text(const Reply& reply, bool keep_alive, bool is_head) {
  std::string text;
  text.reserve(512 + reply.body.size());
  const auto add = [&text](std::string_view name, std::string_view value) {
    // A header never ends early, whatever got into its value.
    if (value.find_first_of("\r\n") != std::string_view::npos) return;
    text.append(name).append(": ").append(value).append("\r\n");
  };
  text.append("HTTP/1.1 ").append(std::to_string(reply.status)).append(" ");
  text.append(Pistache::Http::codeString(static_cast<Pistache::Http::Code>(reply.status)));
  text.append("\r\n");
  add("Date", http_date());
  if (!reply.body.empty()) add("Content-Type", reply.content_type);
  if (reply.status != 204 && reply.status != 304) {
    add("Content-Length", std::to_string(reply.body.size()));
  }
  add("Connection", keep_alive ? "keep-alive" : "close");
  for (const auto& [name, value] : reply.headers) add(name, value);
  text.append("\r\n");
  if (!is_head && reply.status != 204 && reply.status != 304) text.append(reply.body);
  return text;
}

// -- Descriptors ------------------------------------------------------------------------------

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }
  void reset(int fd = -1) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }

 private:
  int fd_;
};

// Asks for as many descriptors as the system allows; returns how many there are.
int raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  constexpr rlim_t kEnough = rlim_t{1} << 20;
  rlimit wanted = limit;
  wanted.rlim_cur = std::min(limit.rlim_max, kEnough);
  if (wanted.rlim_cur > limit.rlim_cur && setrlimit(RLIMIT_NOFILE, &wanted) == 0) limit = wanted;
  return static_cast<int>(std::min(limit.rlim_cur, kEnough));
}

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

// A socket that listens. Throws Error.
int listen_on(const std::string& address, int port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  const bool is_name =
      address.find(':') == std::string::npos &&
      std::ranges::any_of(address, [](unsigned char c) { return std::isalpha(c) != 0; });
  hints.ai_flags = AI_PASSIVE | (is_name ? 0 : AI_NUMERICHOST);
  addrinfo* found = nullptr;
  const int code = getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (code != 0) throw Error(gai_strerror(code));
  const std::unique_ptr<addrinfo, FreeAddresses> list(found);

  const int fd = socket(list->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) throw Error(std::strerror(errno));
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, list->ai_addr, list->ai_addrlen) != 0 || listen(fd, kBacklog) != 0) {
    const std::string reason = std::strerror(errno);
    ::close(fd);
    throw Error(reason);
  }
  return fd;
}

struct Endpoint {
  std::string host;
  int port = 0;
};

Endpoint to_endpoint(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    return {text.data(), ntohs(v6.sin6_port)};
  }
  const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
  inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
  return {text.data(), ntohs(v4.sin_port)};
}

// -- Connections ------------------------------------------------------------------------------

class Connection;

// Requests that wait for a thread, and the threads that wait for requests.
class Queue {
 public:
  // False when too many wait already.
  bool push(std::shared_ptr<Connection> connection) {
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.size() >= kMaxWaiting) return false;
      waiting_.push_back(std::move(connection));
    }
    changed_.notify_one();
    return true;
  }
  // The next one; null after end().
  std::shared_ptr<Connection> pop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return has_ended_ || !waiting_.empty(); });
    if (has_ended_) return nullptr;
    std::shared_ptr<Connection> connection = std::move(waiting_.front());
    waiting_.pop_front();
    return connection;
  }
  void end() {
    {
      const std::lock_guard lock(mutex_);
      has_ended_ = true;
    }
    changed_.notify_all();
  }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<Connection>> waiting_;  // guarded by mutex_
  bool has_ended_ = false;                           // guarded by mutex_
};

// What all threads share.
struct Shared {
  Server::Options options;
  Handler handler;                                      // fixed once is_ready
  std::function<Server::Lane(const Request&)> lane_of;  // fixed once is_ready
  std::atomic<bool> is_ready = false;                   // until then requests are answered by 503
  std::atomic<bool> is_stopping = false;
  std::atomic<int> under_way = 0;  // requests of which at least a byte came and no answer left
  std::atomic<std::int64_t> accepted = 0;
  std::atomic<std::int64_t> refused_connections = 0;
  std::atomic<std::int64_t> refused_requests = 0;
  std::atomic<std::int64_t> shed_requests = 0;

  std::mutex connections_mutex;
  std::unordered_map<int, std::shared_ptr<Connection>> connections;  // guarded by the former

  Queue quick;  // what is quick, of clients that send so much that others must have their turn
  Queue usual;
  Queue disk;
  Queue& queue_of(Server::Lane lane) {
    switch (lane) {
      case Server::Lane::kQuick:
        return quick;
      case Server::Lane::kDisk:
        return disk;
      default:
        return usual;
    }
  }

  std::shared_ptr<Connection> find(int fd) {
    const std::lock_guard lock(connections_mutex);
    const auto found = connections.find(fd);
    return found == connections.end() ? nullptr : found->second;
  }
};

// One client. At any time at most one thread drives it: the one that took its event, the one that
// answers its request, or the sweep that finds its time over. Its descriptor is closed when the
// last of them lets go, so that none can write to another client by mistake.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Shared& shared, int fd, std::string client)
      : shared_(shared), fd_(fd), client_(std::move(client)) {
    set_deadline(std::chrono::seconds(shared.options.request_timeout));
  }
  ~Connection() { leave_way(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // The socket has changed.
  void on_event() {
    {
      const std::lock_guard lock(mutex_);
      if (is_driven_) {
        was_woken_ = true;
        return;
      }
      is_driven_ = true;
    }
    drive();
  }

  // By the thread that took it from those waiting.
  void on_turn() {
    answer();
    drive();
  }

  // Ends what takes too long. Not a request that is being answered: that is up to us.
  void on_sweep(Clock::time_point now) {
    if (now.time_since_epoch().count() < deadline_.load(std::memory_order_relaxed)) return;
    {
      const std::lock_guard lock(mutex_);
      if (is_driven_) return;
      is_driven_ = true;
    }
    const bool owes_request = after_ == After::kGoOn && sent_ == out_.size() && parser_.is_amid();
    if (!owes_request) return close();
    refuse(408, "Request Timeout");
    drive();
  }

 private:
  enum class After { kGoOn, kLinger };  // what follows when the answer has left

  // With the role of the driver; gives it up.
  void drive() {
    for (int in_a_row = 0;;) {
      if (!flush()) return close();
      if (sent_ < out_.size()) {  // the client takes its time
        if (!std::exchange(is_blocked_, true)) {
          set_deadline(std::chrono::seconds(shared_.options.request_timeout));
        }
        if (parked()) return;
        continue;
      }
      if (after_ == After::kLinger) {
        // The client may still be sending: closing while its bytes are unread would reset the
        // connection and destroy the answer on its way.
        if (!std::exchange(is_lingering_, true)) {
          ::shutdown(fd_.get(), SHUT_WR);
          set_deadline(kLingerTimeout);
          leave_way();
        }
        if (!receive()) return;
        continue;
      }
      switch (parser_.next()) {
        case RequestParser::Next::kRequest: {
          parser_.request().begin = Clock::now();
          const Server::Lane lane =
              shared_.is_ready ? shared_.lane_of(parser_.request()) : Server::Lane::kQuick;
          if (lane == Server::Lane::kQuick && in_a_row++ < kMaxInARow) {
            answer();
          } else if (shared_.queue_of(lane).push(shared_from_this())) {
            return;
          } else {
            ++shared_.shed_requests;
            send(try_again("Too many requests wait; try again in a second"));
          }
          break;
        }
        case RequestParser::Next::kWantsContinue:
          out_ = "HTTP/1.1 100 Continue\r\n\r\n";
          sent_ = 0;
          break;
        case RequestParser::Next::kRefused:
          refuse(parser_.status(), parser_.detail());
          break;
        case RequestParser::Next::kNeedsMore:
          if (!parser_.is_amid()) leave_way();
          // A head and a body have a time of their own each, however many pieces they come in.
          if (parser_.is_in_body() && !std::exchange(is_in_body_, true)) {
            set_deadline(std::chrono::seconds(shared_.options.request_timeout));
          }
          if (!receive()) return;
          break;
      }
    }
  }

  // Takes what the socket has. False when there was nothing and the role is given up.
  bool receive() {
    std::array<char, kReadAtOnce> bytes;
    const ssize_t size = ::recv(fd_.get(), bytes.data(), bytes.size(), 0);
    if (size > 0) {
      take({bytes.data(), static_cast<std::size_t>(size)});
      if (discarded_ <= kMaxDiscarded) return true;
    } else if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      return !parked();
    } else if (size < 0 && errno == EINTR) {
      return true;
    }
    close();
    return false;
  }

  void take(std::string_view bytes) {
    if (is_lingering_) {
      discarded_ += bytes.size();
      return;
    }
    if (!parser_.is_amid()) set_deadline(std::chrono::seconds(shared_.options.request_timeout));
    parser_.add(bytes);
    enter_way();
  }

  // Sends what the socket takes. False when the client is gone.
  bool flush() {
    while (sent_ < out_.size()) {
      const ssize_t size =
          ::send(fd_.get(), out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
      if (size >= 0) {
        sent_ += static_cast<std::size_t>(size);
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        return true;
      } else if (errno != EINTR) {
        return false;
      }
    }
    if (out_.capacity() > kKeptCapacity) out_ = {};
    out_.clear();
    sent_ = 0;
    if (std::exchange(is_blocked_, false)) await_next();
    return true;
  }

  // Gives up the role until the next event; false when that has already come.
  bool parked() {
    const std::lock_guard lock(mutex_);
    if (std::exchange(was_woken_, false)) return false;
    is_driven_ = false;
    return true;
  }

  void answer() {
    Request& request = parser_.request();
    request.client = client_;
    Reply reply;
    try {
      reply = shared_.is_ready ? shared_.handler(request)
                               : try_again("Starting; try again in a second");
    } catch (const std::exception& error) {
      std::cerr << std::string("mrec-serve: ") + error.what() + "\n";
      reply = refusal(500, "Internal server error");
    }
    send(reply);
  }

  void send(const Reply& reply) {
    const bool keep_alive = parser_.keeps_alive() && !shared_.is_stopping;
    out_ = to_text(reply, keep_alive, parser_.request().method == "HEAD");
    sent_ = 0;
    after_ = keep_alive ? After::kGoOn : After::kLinger;
    parser_.finish();
    is_in_body_ = false;
    await_next();
  }

  void refuse(int status, const char* detail) {
    ++shared_.refused_requests;
    out_ = to_text(refusal(status, detail), false, false);
    sent_ = 0;
    after_ = After::kLinger;
  }

  // With the role, which nobody gets any more.
  void close() {
    leave_way();
    const std::shared_ptr<Connection> alive = shared_from_this();
    ::shutdown(fd_.get(), SHUT_RDWR);
    const std::lock_guard lock(shared_.connections_mutex);
    shared_.connections.erase(fd_.get());
  }

  void enter_way() {
    if (!std::exchange(is_under_way_, true)) ++shared_.under_way;
  }
  void leave_way() {
    if (std::exchange(is_under_way_, false)) --shared_.under_way;
  }

  // For the next request, or the rest of one that came behind the last.
  void await_next() {
    const Server::Options& options = shared_.options;
    set_deadline(
        std::chrono::seconds(parser_.is_amid() ? options.request_timeout : options.keep_alive));
  }
  void set_deadline(Clock::duration time) {
    deadline_.store((Clock::now() + time).time_since_epoch().count(), std::memory_order_relaxed);
  }

  Shared& shared_;
  Descriptor fd_;
  const std::string client_;
  std::atomic<Clock::rep> deadline_ = 0;

  std::mutex mutex_;
  bool is_driven_ = false;  // guarded by mutex_
  bool was_woken_ = false;  // guarded by mutex_; by an event while it was driven

  // The driver's:
  RequestParser parser_;
  std::string out_;
  std::size_t sent_ = 0;
  After after_ = After::kGoOn;
  bool is_lingering_ = false;
  bool is_under_way_ = false;
  bool is_in_body_ = false;
  bool is_blocked_ = false;  // until the client takes the rest of its answer
  std::size_t discarded_ = 0;
};

// Pistache's threads call this when sockets change; one copy per thread.
class Poller : public Pistache::Aio::Handler {
  PROTOTYPE_OF(Pistache::Aio::Handler, Poller)

  explicit Poller(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

  void registerPoller(Pistache::Polling::Epoll&) override {}

  void onReady(const Pistache::Aio::FdSet& sockets) override {
    for (std::size_t i = 0; i < sockets.size(); ++i) {
      const auto fd = static_cast<int>(sockets.at(i).getTag().value());
      if (const auto connection = shared_->find(fd)) connection->on_event();
    }
  }

  // Edges only: a connection that nobody drives has read and written all that it could.
  void watch(int fd) {
    using Pistache::Polling::NotifyOn;
    reactor()->registerFd(key(), fd, NotifyOn::Read | NotifyOn::Write | NotifyOn::Shutdown,
                          Pistache::Polling::Mode::Edge);
  }

 private:
  std::shared_ptr<Shared> shared_;
};

// Accepts clients and looks after their deadlines.
class Acceptor {
 public:
  Acceptor(std::shared_ptr<Shared> shared, std::vector<std::shared_ptr<Poller>> pollers, int fd)
      : shared_(std::move(shared)),
        pollers_(std::move(pollers)),
        listening_(fd),
        told_to_end_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        thread_([this] { run(); }) {}
  ~Acceptor() {
    const std::uint64_t one = 1;
    const ssize_t written = ::write(told_to_end_.get(), &one, sizeof one);
    if (written == sizeof one) thread_.join();
  }
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  [[nodiscard]] Endpoint endpoint() const {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    getsockname(listening_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    return to_endpoint(address);
  }

 private:
  void run() {
    Clock::time_point next_sweep = Clock::now() + kSweepPeriod;
    std::array<pollfd, 2> waited = {
        {{listening_.get(), POLLIN, 0}, {told_to_end_.get(), POLLIN, 0}}};
    for (;;) {
      ::poll(waited.data(), waited.size(), static_cast<int>(kSweepPeriod.count()));
      if ((waited[1].revents & POLLIN) != 0) return;
      if ((waited[0].revents & POLLIN) != 0) accept_all();
      if (Clock::now() >= next_sweep) {
        sweep();
        next_sweep = Clock::now() + kSweepPeriod;
      }
    }
  }

  void accept_all() {
    constexpr int kBetweenSweeps = 1024;
    constexpr std::chrono::milliseconds kWithoutMeans(10);
    for (int i = 0; i < kBetweenSweeps; ++i) {
      // Else the last descriptor would go to a client, and none be left to drop others by.
      if (!keep_spare()) {
        std::this_thread::sleep_for(kWithoutMeans);
        return;
      }
      sockaddr_storage address{};
      socklen_t size = sizeof address;
      const int fd = accept4(listening_.get(), reinterpret_cast<sockaddr*>(&address), &size,
                             SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd >= 0) {
        adopt(fd, to_endpoint(address).host);
      } else if (errno == EMFILE || errno == ENFILE) {
        // The client would wait, and this loop spin, for ever: it is taken and dropped.
        spare_.reset();
        const int dropped = accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC);
        if (dropped >= 0) ::close(dropped);
        if (dropped < 0) return;
        ++shared_->refused_connections;
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        return;
      } else if (errno == ENOBUFS || errno == ENOMEM) {
        std::this_thread::sleep_for(kWithoutMeans);
        return;
      }  // else that client has gone again
    }
  }

  // Another thread may have opened a file by the descriptor that was let go.
  bool keep_spare() {
    if (spare_.get() < 0) spare_.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    return spare_.get() >= 0;
  }

  void adopt(int fd, std::string client) {
    std::shared_ptr<Connection> connection;
    {
      const std::lock_guard lock(shared_->connections_mutex);
      if (shared_->connections.size() <
          static_cast<std::size_t>(shared_->options.max_connections)) {
        connection = std::make_shared<Connection>(*shared_, fd, std::move(client));
        shared_->connections[fd] = connection;
      }
    }
    if (!connection) {
      const std::string text = to_text(try_again("Too many connections"), false, false);
      // As much as goes at once; who does not read it learns from the closing.
      if (::send(fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT) < 0) errno = 0;
      ::close(fd);
      ++shared_->refused_connections;
      return;
    }
    ++shared_->accepted;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    try {
      pollers_[next_++ % pollers_.size()]->watch(fd);
    } catch (const std::exception& error) {
      std::cerr << std::string("mrec-serve: ") + error.what() + "\n";
      const std::lock_guard lock(shared_->connections_mutex);
      shared_->connections.erase(fd);
    }
  }

  void sweep() {
    std::vector<std::shared_ptr<Connection>> all;
    {
      const std::lock_guard lock(shared_->connections_mutex);
      all.reserve(shared_->connections.size());
      for (const auto& [fd, connection] : shared_->connections) all.push_back(connection);
    }
    const Clock::time_point now = Clock::now();
    for (const auto& connection : all) connection->on_sweep(now);
  }

  std::shared_ptr<Shared> shared_;
  std::vector<std::shared_ptr<Poller>> pollers_;
  Descriptor listening_;
  Descriptor spare_;  // let go to take, and drop, a client when there are no others
  Descriptor told_to_end_;
  std::size_t next_ = 0;
  std::thread thread_;
};

// Answers what waits.
void answer_requests(Queue& queue) {
  while (const std::shared_ptr<Connection> connection = queue.pop()) connection->on_turn();
}

}  // namespace

struct Server::Impl {
  std::shared_ptr<Shared> shared = std::make_shared<Shared>();
  std::shared_ptr<Pistache::Aio::Reactor> reactor = Pistache::Aio::Reactor::create();
  std::vector<std::jthread> threads;
  std::unique_ptr<Acceptor> acceptor;
  Endpoint endpoint;

  ~Impl() {
    acceptor.reset();
    shared->quick.end();
    shared->usual.end();
    shared->disk.end();
    threads.clear();
    reactor->shutdown();
    reactor.reset();  // joins its threads
    shared->connections.clear();
  }
};

Server::Server(const Options& options) : impl_(std::make_unique<Impl>()) {
  Shared& shared = *impl_->shared;
  shared.options = options;
  shared.options.max_connections =
      std::max(1, std::min(options.max_connections, raise_descriptor_limit() - kOtherDescriptors));
  const int num_threads =
      options.threads > 0 ? options.threads
                          : std::max(4, 2 * static_cast<int>(std::thread::hardware_concurrency()));
  try {
    const int fd = listen_on(options.address, options.port);
    impl_->reactor->init(Pistache::Aio::AsyncContext(kPollThreads));
    const auto key = impl_->reactor->addHandler(std::make_shared<Poller>(impl_->shared));
    std::vector<std::shared_ptr<Poller>> pollers;
    for (const auto& handler : impl_->reactor->handlers(key)) {
      pollers.push_back(std::static_pointer_cast<Poller>(handler));
    }
    impl_->reactor->run();
    const auto start = [&](Queue& queue, int count) {
      for (int i = 0; i < count; ++i) {
        impl_->threads.emplace_back([&queue] { answer_requests(queue); });
      }
    };
    start(shared.quick, 1);
    start(shared.usual, num_threads);
    start(shared.disk, kDiskThreads);
    impl_->acceptor = std::make_unique<Acceptor>(impl_->shared, std::move(pollers), fd);
    impl_->endpoint = impl_->acceptor->endpoint();
  } catch (const std::exception& error) {
    throw InputError("cannot listen on " + options.address + ":" + std::to_string(options.port) +
                     ": " + error.what());
  }
}

Server::~Server() = default;

void Server::serve(Handler handler, std::function<Lane(const Request&)> lane_of) {
  impl_->shared->handler = std::move(handler);
  impl_->shared->lane_of = std::move(lane_of);
  impl_->shared->is_ready = true;
}

std::string Server::url() const {
  const std::string& host = impl_->endpoint.host;
  const bool is_v6 = host.find(':') != std::string::npos;
  return "http://" + (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(impl_->endpoint.port);
}

Server::Counts Server::counts() const {
  Shared& shared = *impl_->shared;
  Counts counts{.accepted = shared.accepted,
                .refused_connections = shared.refused_connections,
                .refused_requests = shared.refused_requests,
                .shed_requests = shared.shed_requests};
  {
    const std::lock_guard lock(shared.connections_mutex);
    counts.connections = static_cast<int>(shared.connections.size());
  }
  counts.waiting_requests =
      static_cast<int>(shared.quick.size() + shared.usual.size() + shared.disk.size());
  return counts;
}

bool Server::drain(std::chrono::milliseconds limit) {
  impl_->shared->is_stopping = true;
  // Requests may lie unread in sockets, so nothing under way counts only when it lasts.
  const auto deadline = Clock::now() + limit;
  auto quiet_since = Clock::now();
  while (Clock::now() < deadline && Clock::now() - quiet_since < kQuiet) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    if (impl_->shared->under_way > 0) quiet_since = Clock::now();
  }
  return Clock::now() - quiet_since >= kQuiet;
}

}  // namespace mrec::http
