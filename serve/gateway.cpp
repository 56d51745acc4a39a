#include "serve/gateway.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <sstream>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "serve/compress.h"
#include "serve/router.h"
#include "serve/schema.h"

namespace mrec {
namespace {

using http::Reply;
using http::Request;

constexpr std::string_view kApp = "/app/";
constexpr std::size_t kMinGzip = 1024;  // bytes; less does not pay
constexpr int kFastGzip = 1;

// -- Small texts ------------------------------------------------------------------------------

bool is_sane_id(std::string_view id) {
  constexpr std::size_t kMaxSize = 64;
  return !id.empty() && id.size() <= kMaxSize && std::ranges::all_of(id, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
  });
}

std::string hex(std::uint64_t value) {
  std::array<char, 17> digits{};
  std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(value));
  return digits.data();
}

std::string new_id() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  return hex(random());
}

std::string now_text() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  std::tm utc{};
  gmtime_r(&now.tv_sec, &utc);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text.data() + size, text.size() - size, ".%03ldZ", now.tv_nsec / 1'000'000);
  return text.data();
}

// What stands in a log comes from clients: no quotes, backslashes or controls as they are.
std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c >= ' ' && c < '\x7f') {
      out += c;
    } else {
      std::array<char, 8> code{};
      std::snprintf(code.data(), code.size(), "\\u%04x", static_cast<unsigned char>(c));
      out += code.data();
    }
  }
  return out + '"';
}

// The words of a list header without their parameters; those with q=0 left out.
bool accepts(const Request& request, std::string_view name, std::string_view word) {
  const auto list = request.header(name);
  if (!list) return false;
  for (std::size_t first = 0; first < list->size();) {
    const std::size_t end = std::min(list->find(',', first), list->size());
    std::string one(list->substr(first, end - first));
    first = end + 1;
    std::erase_if(one, [](char c) { return c == ' ' || c == '\t'; });
    const std::size_t parameters = std::min(one.find(';'), one.size());
    if (!http::equals_ignoring_case(std::string_view(one).substr(0, parameters), word)) continue;
    const std::string_view rest = std::string_view(one).substr(parameters);
    return rest != ";q=0" && rest != ";q=0.0" && rest != ";q=0.00" && rest != ";q=0.000";
  }
  return false;
}

void set_header(Reply& reply, std::string name, std::string value) {
  reply.headers.emplace_back(std::move(name), std::move(value));
}

const std::string* header_of(const Reply& reply, std::string_view name) {
  const auto found = std::ranges::find_if(reply.headers, [&](const auto& pair) {
    return http::equals_ignoring_case(pair.first, name);
  });
  return found == reply.headers.end() ? nullptr : &found->second;
}

Reply error_reply(int status, std::string_view detail) {
  return {.status = status, .body = schema::error_json(detail)};
}

Reply status_reply(int status, std::string_view word, std::string_view model) {
  Reply reply{.status = status, .body = R"({"status":")" + std::string(word) + '"'};
  if (!model.empty()) reply.body += R"(,"model":")" + std::string(model) + '"';
  reply.body += '}';
  if (status == 503) set_header(reply, "Retry-After", "1");
  return reply;
}

// What everybody may have: whether the server lives, what it can be asked, and the pages, whose
// requests bring a key. By the path as it came: the router may decode it otherwise.
bool is_open(std::string_view path) {
  return path == "/" || path == "/health" || path.starts_with("/health/") || path == "/app" ||
         path.starts_with(kApp) || path == "/docs" || path == "/openapi.json";
}

bool is_read(const Request& request) { return request.method == "GET" || request.method == "HEAD"; }

// -- What is done to all replies --------------------------------------------------------------

// Turns an error into RFC 9457's application/problem+json. That a server is not ready is none.
void make_problem_if_asked(const Request& request, Reply& reply) {
  constexpr std::string_view kProblem = "application/problem+json";
  const std::string_view accepted = request.header("Accept").value_or("");
  if (reply.status < 400 || !reply.body.starts_with(R"({"detail":)")) return;
  if (accepted.find(kProblem) == std::string_view::npos) return;
  reply.body = schema::problem_json(reply.status, reply.body, request.raw_path);
  reply.content_type = kProblem;
}

bool is_compressible(std::string_view type) {
  return type.starts_with("text/") || type.starts_with("application/json") ||
         type.starts_with("application/problem+json");
}

void compress(const Request& request, Reply& reply) {
  if (reply.body.size() < kMinGzip || !is_compressible(reply.content_type) ||
      header_of(reply, "Content-Encoding") != nullptr) {
    return;
  }
  set_header(reply, "Vary", "Accept-Encoding");
  if (!accepts(request, "Accept-Encoding", "gzip")) return;
  std::string small = http::gzipped(reply.body, kFastGzip);
  if (small.size() * 10 > reply.body.size() * 9) return;
  reply.body = std::move(small);
  set_header(reply, "Content-Encoding", "gzip");
}

// Weak: it names the content, which gzip does not change. Of equal comparison in If-None-Match.
void validate(const Request& request, Reply& reply) {
  if (reply.status != 200 || !is_read(request)) return;
  const std::string* etag = header_of(reply, "ETag");
  if (etag == nullptr) {
    const std::string path = request.path;
    if (!path.starts_with("/api/") && path != "/openapi.json" && path != "/docs") return;
    // std::hash of 64 bits is enough to tell two states of one resource apart.
    set_header(reply, "ETag", "W/\"" + hex(std::hash<std::string_view>{}(reply.body)) + '"');
    set_header(reply, "Cache-Control", "no-cache");
    etag = header_of(reply, "ETag");
  }
  const auto known = request.header("If-None-Match");
  if (!known) return;
  const std::string_view tag = std::string_view(*etag).substr(etag->find('"'));
  if (*known == "*" || known->find(tag) != std::string_view::npos) {
    reply.status = 304;
    reply.body.clear();
  }
}

std::int64_t resident_bytes() {
  std::int64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * sysconf(_SC_PAGESIZE);
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Beside the program, wherever it was installed to; in the checkout that it was built from; or
// where it was meant to be installed.
std::string default_web() {
  std::error_code unknown;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", unknown);
  const std::string beside = (program.parent_path() / "../share/mrec/web").string();
  for (const std::string& web : {beside, std::string(MREC_WEB_SOURCE)}) {
    if (std::ifstream(web + "/index.html")) return web;
  }
  return MREC_WEB_INSTALLED;
}

}  // namespace

Fields GatewayOptions::fields() {
  return {
      {.name = "access_log",
       .value = &access_log,
       .help = "file that gets a line of JSON per request, or - for stderr; SIGHUP opens it anew"},
      {.name = "api_keys",
       .value = &api_keys,
       .help =
           "file with a line `[name] key` or `[name] sha256:HEX` per client; only they may ask"},
      {.name = "rate_limit",
       .value = &rate_limit,
       .help = "requests per minute and client; 0 is no limit",
       .min = 0,
       .max = 1e9},
      {.name = "rate_burst",
       .value = &rate_burst,
       .help = "requests at once within that; 0 is as many as in a minute",
       .min = 0,
       .max = 1e9},
      {.name = "cors_origin",
       .value = &cors_origin,
       .help = "site whose pages may ask, such as https://example.org; * for all"},
      {.name = "behind_proxy",
       .value = &behind_proxy,
       .help = "take the client's address from X-Forwarded-For"},
      {.name = "web", .value = &web, .help = "directory of the page; default: the installed one"},
  };
}

struct Gateway::Log {
  explicit Log(const std::string& path)
      : fd(path == "-" ? STDERR_FILENO
                       : ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640)) {
    if (fd < 0) throw InputError("access log " + path + ": cannot be opened for writing");
  }
  ~Log() {
    if (fd != STDERR_FILENO) ::close(fd);
  }
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  const int fd;
};

Gateway::Gateway(GatewayOptions options, LiveModel& live, RatingStore& store,
                 TransportCounts transport, http::Handler api)
    : options_(std::move(options)),
      live_(live),
      store_(store),
      transport_(std::move(transport)),
      api_(std::move(api)),
      page_(options_.web.empty() ? default_web() : options_.web) {
  if (!options_.web.empty() && page_.find("index.html") == nullptr) {
    throw InputError("web directory " + options_.web + ": has no index.html");
  }
  if (options_.rate_limit > 0) {
    const int burst = options_.rate_burst > 0 ? options_.rate_burst : options_.rate_limit;
    limiter_ = std::make_unique<access::RateLimiter>(options_.rate_limit, burst);
  }
  reopen();
}

void Gateway::reopen() {
  Files files;
  if (!options_.api_keys.empty()) {
    files.keys = std::make_shared<const access::ApiKeys>(access::ApiKeys::read(options_.api_keys));
  }
  if (!options_.access_log.empty()) files.log = std::make_shared<const Log>(options_.access_log);
  const std::lock_guard lock(files_mutex_);
  files_ = std::move(files);
}

Gateway::Files Gateway::files() const {
  const std::lock_guard lock(files_mutex_);
  return files_;
}

http::Server::Lane Gateway::lane_of(const Request& request) {
  using Lane = http::Server::Lane;
  if (request.path == "/health/ready") return Lane::kDisk;  // tries it once a write has failed
  if (request.path.starts_with("/health") || request.path == "/metrics") return Lane::kQuick;
  const bool writes =
      request.path.starts_with("/api/v1/ratings") || request.path == "/admin/reload";
  return writes && !is_read(request) ? Lane::kDisk : Lane::kUsual;
}

Reply Gateway::answer(const Request& request) {
  ++in_flight_;
  const auto given = request.header("X-Request-Id");
  const std::string id = given && is_sane_id(*given) ? std::string(*given) : new_id();
  const std::string address = address_of(request);
  std::string client = address;

  Reply reply;
  const auto [keys, log] = files();
  if (keys && !is_open(request.raw_path) && request.method != "OPTIONS") {
    std::string_view key = request.header("X-Api-Key").value_or("");
    constexpr std::string_view kBearer = "Bearer ";
    const std::string_view authorization = request.header("Authorization").value_or("");
    if (http::equals_ignoring_case(authorization.substr(0, kBearer.size()), kBearer)) {
      key = authorization.substr(kBearer.size());
    }
    const auto name = keys->find(key);
    if (name) {
      client = *name;
    } else {
      reply = error_reply(401, "A valid API key is needed");
      set_header(reply, "WWW-Authenticate", "Bearer realm=\"mrec\"");
    }
  }
  // Who guesses keys is counted by address, and so slowed down as well.
  access::RateLimiter::Verdict verdict;
  // The page's own files, thirty on a first visit, cost less than to count them.
  const bool is_limited =
      limiter_ && !request.path.starts_with("/health") && !request.path.starts_with(kApp);
  if (is_limited) {
    verdict = limiter_->take(client, std::chrono::steady_clock::now());
    if (!verdict.allowed) {
      reply = error_reply(429, "Too many requests; try again later");
      set_header(reply, "Retry-After", std::to_string(verdict.seconds_to_wait));
    }
  }
  if (reply.status == 200) reply = route(request, address);

  make_problem_if_asked(request, reply);
  validate(request, reply);
  compress(request, reply);
  add_cors(request, reply);
  if (is_limited) {
    set_header(reply, "X-RateLimit-Limit", std::to_string(options_.rate_limit));
    set_header(reply, "X-RateLimit-Remaining", std::to_string(verdict.remaining));
    set_header(reply, "X-RateLimit-Reset", std::to_string(verdict.seconds_to_wait));
  }
  set_header(reply, "X-Request-Id", id);

  const auto time = std::chrono::steady_clock::now() - request.begin;
  requests_.observe(request.path, reply.status, time);
  if (log) {
    const std::string* model = header_of(reply, "Mrec-Model");
    const std::string line =
        R"({"time":")" + now_text() + R"(","id":)" + json_text(id) + R"(,"method":)" +
        json_text(request.method) + R"(,"path":)" + json_text(request.raw_path) + R"(,"status":)" +
        std::to_string(reply.status) + R"(,"bytes":)" + std::to_string(reply.body.size()) +
        R"(,"micros":)" +
        std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(time).count()) +
        R"(,"client":)" + json_text(client) + R"(,"model":)" +
        json_text(model == nullptr ? "" : *model) + "}\n";
    // A log that cannot be written, on a full disk say, is no reason to answer nobody.
    if (::write(log->fd, line.data(), line.size()) < 0) errno = 0;
  }
  --in_flight_;
  return reply;
}

Reply Gateway::route(const Request& request, const std::string& client) {
  const std::string& path = request.path;
  const bool is_preflight = request.method == "OPTIONS" && request.header("Origin") &&
                            request.header("Access-Control-Request-Method");
  if (is_preflight && !options_.cors_origin.empty()) return {.status = 204};
  if (is_read(request)) {
    if (path == "/health/live") return {.body = schema::health_json()};
    if (path == "/health/ready") return ready();
    if (path == "/metrics") return metrics();
    if (auto reply = page(request)) return *std::move(reply);
  } else if (path == "/admin/reload" && request.method == "POST") {
    Request from = request;
    from.client = client;
    return reload(from);
  } else if (path.starts_with(kApp) || path == "/metrics" || path == "/health/live" ||
             path == "/health/ready") {
    Reply reply = error_reply(405, "Method Not Allowed");
    if (request.method == "OPTIONS") reply = {.status = 204};
    set_header(reply, "Allow", "GET, HEAD, OPTIONS");
    return reply;
  }
  if (path == "/admin/reload") {
    Reply reply = error_reply(405, "Method Not Allowed");
    if (request.method == "OPTIONS") reply = {.status = 204};
    set_header(reply, "Allow", "POST, OPTIONS");
    return reply;
  }
  return api_(request);
}

std::optional<Reply> Gateway::page(const Request& request) const {
  if (page_.empty()) return std::nullopt;
  const bool is_browser_at_root = request.path == "/" && accepts(request, "Accept", "text/html");
  if (is_browser_at_root || request.path == "/app") {
    return Reply{.status = 307, .headers = {{"Location", std::string(kApp)}, {"Vary", "Accept"}}};
  }
  if (!request.path.starts_with(kApp)) return std::nullopt;
  const std::string_view name = std::string_view(request.path).substr(kApp.size());
  const http::StaticFiles::File* file = page_.find(name.empty() ? "index.html" : name);
  if (file == nullptr) return error_reply(404, "Not Found");
  Reply reply{.content_type = file->type,
              .headers = {{"ETag", file->etag},
                          {"Cache-Control", "no-cache"},
                          {"X-Content-Type-Options", "nosniff"},
                          {"Referrer-Policy", "same-origin"},
                          {"Content-Security-Policy",
                           "default-src 'self'; img-src 'self' data:; object-src 'none'; "
                           "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"}}};
  if (!file->gzip.empty()) set_header(reply, "Vary", "Accept-Encoding");
  if (!file->gzip.empty() && accepts(request, "Accept-Encoding", "gzip")) {
    reply.body = file->gzip;
    set_header(reply, "Content-Encoding", "gzip");
  } else {
    reply.body = file->content;
  }
  return reply;
}

Reply Gateway::ready() {
  const std::string model = live_.current()->id;
  if (is_draining_) return status_reply(503, "draining", model);
  if (!store_.is_writable()) return status_reply(503, "no storage", model);
  return status_reply(200, "ready", model);
}

Reply Gateway::reload(const Request& request) {
  if (!files().keys) {
    const bool is_local = request.client.starts_with("127.") || request.client == "::1" ||
                          request.client.starts_with("::ffff:127.");
    // A page of any site may make a browser on this machine ask, and a proxy asks for everybody.
    const bool is_direct = !request.header("Origin") && !request.header("X-Forwarded-For") &&
                           !request.header("Forwarded");
    if (!is_local || !is_direct) {
      return error_reply(403, "Only from this machine, or with API keys configured");
    }
  }
  try {
    const LiveModel::Reload done = live_.reload();
    return {.body = R"({"model":")" + done.id + R"(","previous":")" + done.previous + R"("})",
            .headers = {{"Mrec-Model", done.id}}};
  } catch (const std::exception& error) {
    return error_reply(409, error.what());
  }
}

std::string Gateway::address_of(const Request& request) const {
  if (!options_.behind_proxy) return request.client;
  // Some proxies append to what the client has sent, others add a header behind it.
  std::string_view chain;
  for (const auto& [name, value] : request.headers) {
    if (http::equals_ignoring_case(name, "X-Forwarded-For")) chain = value;
  }
  std::string last(chain.substr(chain.rfind(',') + 1));
  std::erase(last, ' ');
  return last.empty() ? request.client : last;
}

void Gateway::add_cors(const Request& request, Reply& reply) const {
  if (options_.cors_origin.empty()) return;
  const bool any = std::ranges::find(options_.cors_origin, "*") != options_.cors_origin.end();
  if (!any) set_header(reply, "Vary", "Origin");
  const auto origin = request.header("Origin");
  if (!origin) return;
  if (!any && std::ranges::find(options_.cors_origin, *origin) == options_.cors_origin.end()) {
    return;
  }
  // Never with Access-Control-Allow-Credentials: keys come in headers that the page sets itself.
  set_header(reply, "Access-Control-Allow-Origin", any ? "*" : std::string(*origin));
  set_header(reply, "Access-Control-Expose-Headers",
             "ETag, Mrec-Model, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, "
             "X-RateLimit-Reset, X-Request-Id");
  if (request.method == "OPTIONS") {
    set_header(reply, "Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, DELETE, OPTIONS");
    set_header(reply, "Access-Control-Allow-Headers",
               "Accept, Authorization, Content-Type, If-None-Match, X-Api-Key, X-Request-Id");
    set_header(reply, "Access-Control-Max-Age", "600");
  }
}

Reply Gateway::metrics() {
  PrometheusText out;
  const auto one = [&out](std::string_view name, std::string_view type, std::string_view help,
                          auto value) {
    out.family(name, type, help);
    out.sample(static_cast<double>(value));
  };
  requests_.write(out);
  one("mrec_requests_in_flight", "gauge", "Requests that are being answered.", in_flight_.load());

  const http::Server::Counts transport = transport_();
  one("mrec_requests_waiting", "gauge", "Requests that wait for a thread.",
      transport.waiting_requests);
  one("mrec_requests_shed_total", "counter", "Requests answered 503 because too many waited.",
      transport.shed_requests);
  one("mrec_requests_refused_total", "counter",
      "Requests that were no HTTP, too large or too slow.", transport.refused_requests);
  one("mrec_connections", "gauge", "Connections that are open.", transport.connections);
  one("mrec_connections_accepted_total", "counter", "Connections that were taken.",
      transport.accepted);
  one("mrec_connections_refused_total", "counter", "Connections beyond the limits.",
      transport.refused_connections);

  const auto model = live_.current();
  const Artifact& artifact = model->artifact;
  out.family("mrec_model_info", "gauge", "The model that is served.");
  out.sample(1, {{"model", model->id}, {"loss", artifact.params.loss}});
  one("mrec_model_artists", "gauge", "Artists of the catalogue.", artifact.num_artists());
  one("mrec_model_dim", "gauge", "Length of a latent vector.", artifact.dim());
  out.family("mrec_model_metric", "gauge", "What the model's file says of its quality.");
  for (const auto& [name, text] : artifact.metrics) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size()) {
      out.sample(value, {{"name", name}});
    }
  }
  const LiveModel::Counts reloads = live_.counts();
  out.family("mrec_model_reloads_total", "counter", "Attempts to serve a new model.");
  out.sample(static_cast<double>(reloads.reloads), {{"result", "ok"}});
  out.sample(static_cast<double>(reloads.failed_reloads), {{"result", "failed"}});
  one("mrec_model_last_reload_failed", "gauge", "1 when the newest attempt failed.",
      reloads.last_failure.empty() ? 0 : 1);

  const RatingStore::Counts store = store_.counts();
  one("mrec_ratings_written_total", "counter", "Users' ratings that are on the disk.",
      store.writes);
  one("mrec_ratings_failed_total", "counter", "Users' ratings that could not be written.",
      store.failed_writes);
  one("mrec_ratings_commits_total", "counter", "Transactions that wrote them.", store.commits);
  one("mrec_ratings_waiting", "gauge", "Writes that wait for the disk.", store.waiting);

  one("mrec_uptime_seconds", "gauge", "Since the start.",
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count());
  one("process_resident_memory_bytes", "gauge", "Memory in use.", resident_bytes());
  one("process_cpu_seconds_total", "counter", "CPU time, user and system.", cpu_seconds());
  return {.body = std::move(out).text(),
          .content_type = "text/plain; version=0.0.4; charset=utf-8"};
}

}  // namespace mrec
