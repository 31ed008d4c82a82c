// gateway/main.cpp: starts the threads, waits for a signal, drains.

#include <signal.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "gateway/config.h"
#include "gateway/first_look.h"
#include "gateway/hub.h"
#include "gateway/inbox.h"
#include "gateway/loop.h"
#include "gateway/readers.h"
#include "gateway/tail.h"
#include "gateway/workers.h"

namespace plait::gateway {

namespace {

void complain(const Error& error) {
  std::fprintf(stderr, "plait-gateway: %s%s%s\n", error.where.c_str(),
               error.where.empty() ? "" : ": ", error.what.c_str());
  if (!error.hint.empty()) std::fprintf(stderr, "  %s\n", error.hint.c_str());
}

// As many sockets as the system lets one process have.
void raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// SIGTERM and SIGINT, for the one thread that waits for them; all threads to come inherit the mask.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

Hub::Settings hub_settings(const Config& config) {
  Hub::Settings settings;
  settings.timing.quiet_ms = config.quiet_ms;
  settings.limits = {.message_bytes_max = 4 << 20,
                     .depth_max = 64,
                     .queries_max = 100,
                     .requests_max = 64,
                     .commit_events_max = 10'000,
                     .result_bytes_max = 64 << 20};
  return settings;
}

int serve(const Config& config, const sigset_t& signals) {
  Metrics metrics;
  Inbox<News> inbox;
  const Hub::Settings settings = hub_settings(config);
  const wire::Limits& limits = settings.limits;
  Hub hub(settings, "plait-gateway " + std::string(version_text), metrics);
  Loop loop({.host = config.host,
             .port = config.port,
             .drain_ms = config.drain_ms,
             .message_bytes_max = static_cast<std::size_t>(limits.message_bytes_max)},
            hub, inbox, metrics);
  auto started = loop.start();
  if (!started) return complain(started.error()), 1;
  inbox.set_wake([&] { loop.wake(); });
  auto answer = [&](JobDone done) { inbox.put(std::move(done)); };

  Workers workers({config.dsn, config.role, config.workers}, answer);
  Tail tail(
      {.dsn = config.dsn, .role = config.role}, metrics, [] { return now().ms; },
      [&](News news) { inbox.put(std::move(news)); });
  Readers readers(
      {.dsn = config.dsn,
       .role = config.role,
       .threads = config.readers,
       .bounds = {.result_bytes_max = static_cast<std::size_t>(limits.result_bytes_max)}},
      answer, [&] { tail.nudge(); });
  tail.start(readers);

  std::thread waiter([&] {
    int signal = 0;
    sigwait(&signals, &signal);
    loop.drain();
  });
  auto ran = loop.run(tail, readers, workers, [&](int port) {
    std::printf("listening on ws://%s:%d\n", config.host.c_str(), port);
    std::fflush(stdout);
  });
  pthread_kill(waiter.native_handle(), SIGUSR1);  // if nobody asked, it need not wait any more
  waiter.join();
  tail.stop();
  if (!ran) complain(ran.error());
  return ran ? 0 : 1;
}

int run(const std::vector<std::string>& arguments) {
  auto config = read_config(arguments, [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  });
  if (!config) return complain(config.error()), 2;
  if (std::holds_alternative<Help>(*config)) return std::fputs(help_text.data(), stdout), 0;
  if (std::holds_alternative<Version>(*config)) {
    return std::printf("plait-gateway %s\n", version_text.data()), 0;
  }
  const Config& settings = std::get<Config>(*config);
  raise_file_limit();
  auto looked = first_look(settings.dsn, settings.role, complain);
  if (!looked) return complain(looked.error()), 1;
  return serve(settings, block_signals());
}

}  // namespace

}  // namespace plait::gateway

int main(int count, char** values) {
  return plait::gateway::run(std::vector<std::string>(values + 1, values + count));
}
