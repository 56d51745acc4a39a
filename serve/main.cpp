// mrec-serve: reads model.h5, keeps ratings.db, answers the REST requests of docs/design.md.
//   mrec-serve --model model.h5 --ratings ratings.db --port 8000

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <exception>
#include <functional>
#include <iostream>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "base/cli.h"
#include "base/error.h"
#include "serve/gateway.h"
#include "serve/http_server.h"
#include "serve/live_model.h"
#include "serve/openapi.h"
#include "serve/rating_store.h"
#include "serve/router.h"
#include "serve/service.h"

namespace mrec {
namespace {

constexpr std::chrono::seconds kDrainLimit{10};

struct Options {
  std::string model;
  std::string ratings;
  std::string backup;
  bool watch = true;
  int drain_delay = 0;
  ServingOptions serving;
  bool print_openapi = false;
  bool print_rest = false;
  http::Server::Options http;
  GatewayOptions gateway;

  // A backup needs no model, so the table of options cannot ask for one. Throws InputError.
  void check() const {
    const auto require = [](const std::string& name, const std::string& value) {
      if (value.empty())
        throw InputError("option --" + name + " is missing; see mrec-serve --help");
    };
    if (backup.empty()) require("model", model);
    require("ratings", ratings);
  }

  Fields fields() { return join(own_fields(), gateway.fields()); }

  Fields own_fields() {
    return {
        {.name = "model", .value = &model, .help = "the trained model, model.h5; required"},
        {.name = "ratings",
         .value = &ratings,
         .help = "SQLite file with the users' ratings, made when missing; required"},
        {.name = "survey",
         .value = &serving.survey,
         .help = "file with the artists that new users are asked to rank; default: the model's"},
        {.name = "dataset",
         .value = &serving.dataset,
         .help = "dataset.h5 that the model was trained on: its listeners are not recommended what "
                 "they have heard"},
        {.name = "evaluation",
         .value = &serving.evaluation,
         .help =
             "JSON of mrec-evaluate: the page shows it while it is of the model that is served"},
        {.name = "study",
         .value = &serving.study,
         .help = "JSON of `mrec-study show --json`: the page shows how the model was found"},
        {.name = "quantize",
         .value = &serving.quantize,
         .help = "score by 8-bit factors and make sure of the best exactly; for large catalogues"},
        {.name = "backup",
         .value = &backup,
         .help = "copy the ratings to this new file, also while a server writes them, and end"},
        {.name = "watch",
         .value = &watch,
         .help = "serve the model anew when its files change; SIGHUP does so in any case"},
        {.name = "print_openapi",
         .value = &print_openapi,
         .help = "print the REST contract as OpenAPI 3.1 and end",
         .alone = true},
        {.name = "print_rest",
         .value = &print_rest,
         .help = "print the REST contract as Markdown, as in docs/rest.md, and end",
         .alone = true},
        {.name = "address", .value = &http.address, .help = "address to listen on"},
        {.name = "port",
         .value = &http.port,
         .help = "port to listen on; 0 takes a free one",
         .min = 0,
         .max = 65535},
        {.name = "threads",
         .value = &http.threads,
         .help = "threads that answer; 0 is two per core, at least 4",
         .min = 0,
         .max = 256},
        {.name = "max_connections",
         .value = &http.max_connections,
         .help = "clients at once; more are sent away",
         .min = 1,
         .max = 1 << 20},
        {.name = "request_timeout",
         .value = &http.request_timeout,
         .help = "seconds for sending a head, for sending a body, and for taking an answer",
         .min = 1,
         .max = 3600},
        {.name = "keep_alive",
         .value = &http.keep_alive,
         .help = "seconds that a connection may wait for its next request",
         .min = 1,
         .max = 3600},
        {.name = "drain_delay",
         .value = &drain_delay,
         .help = "seconds after SIGTERM in which all is answered but /health/ready, so that a load "
                 "balancer looks elsewhere",
         .min = 0,
         .max = 3600},
    };
  }
};

void reload(LiveModel& live) {
  try {
    const LiveModel::Reload done = live.reload();
    std::cerr << "mrec-serve: serves model " + done.id + ", before it " + done.previous + "\n";
  } catch (const std::exception& error) {  // no memory or no place for a copy is no reason to end
    std::cerr << std::string("mrec-serve: the old model stays: ") + error.what() + "\n";
  }
}

// Looks once a second, and loads a file that has not changed since the last look: a copy that is
// still being written would only be refused.
void reload_when_changed(const std::stop_token& stop, LiveModel& live) {
  constexpr std::chrono::seconds kPeriod{1};
  std::mutex mutex;
  std::condition_variable_any told;
  std::unique_lock lock(mutex);
  std::string seen;
  while (!told.wait_for(lock, stop, kPeriod, [&] { return stop.stop_requested(); })) {
    const std::string changed = live.changed_files();
    if (!changed.empty() && changed == seen) reload(live);
    seen = changed;
  }
}

void serve(int argc, char** argv) {
  Options options;
  const Program program = {
      .name = "mrec-serve",
      .summary = "answers survey, rating and recommendation requests over HTTP; ends on SIGTERM",
      .example = "mrec-serve --model model.h5 --ratings ratings.db --port 8000"};
  if (!parse_cli(argc, argv, program, options.fields())) return;
  if (options.print_openapi || options.print_rest) {
    std::cout << (options.print_openapi ? openapi_json() + "\n" : rest_markdown());
    return;
  }
  options.check();
  if (!options.backup.empty()) return back_up_ratings(options.ratings, options.backup);

  // 1. Signals are for this thread only, so they are blocked before any other one exists.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, number);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // a client that hangs up is no reason to end
  std::signal(SIGXFSZ, SIG_IGN);  // nor is a file that may not grow

  // 2. All that can be wrong shows before the first request, and before a ratings file is made.
  LiveModel live(options.model, options.serving);
  std::optional<RatingStore> store;  // outlives the server, but is made once that listens
  std::optional<Service> service;
  std::optional<Gateway> gateway;
  http::Server server(options.http);
  store.emplace(options.ratings);
  service.emplace(*store);
  gateway.emplace(
      options.gateway, live, *store, [&] { return server.counts(); },
      [&](const http::Request& request) { return answer(live, *service, request); });
  server.serve([&](const http::Request& request) { return gateway->answer(request); },
               Gateway::lane_of);
  std::cout << "listening on " + server.url() + " (model " + options.model + ", " +
                   std::to_string(live.current()->artifact.num_artists()) + " artists)\n"
            << std::flush;

  // 3. Serve until told to stop, with the newest sound model; a second signal ends the process at
  // once.
  std::optional<std::jthread> watch;
  if (options.watch) watch.emplace(reload_when_changed, std::ref(live));
  int signal = 0;
  while (sigwait(&signals, &signal) == 0 && signal == SIGHUP) {
    reload(live);
    try {
      gateway->reopen();
    } catch (const InputError& error) {
      std::cerr << std::string("mrec-serve: the old files stay: ") + error.what() + "\n";
    }
  }
  watch.reset();
  gateway->drain();
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  std::this_thread::sleep_for(std::chrono::seconds(options.drain_delay));
  if (!server.drain(kDrainLimit)) {
    std::cerr << "mrec-serve: stopped with requests still coming\n";
  }
  for (const int number : {SIGTERM, SIGINT}) std::signal(number, SIG_IGN);  // it ends already
}

}  // namespace
}  // namespace mrec

int main(int argc, char** argv) {
  try {
    mrec::serve(argc, argv);
    return 0;
  } catch (const mrec::InputError& error) {
    std::cerr << std::string("mrec-serve: ") + error.what() + "\n";
    return 2;
  } catch (const std::exception& error) {
    std::cerr << std::string("mrec-serve: ") + error.what() + "\n";
    return 1;
  }
}
