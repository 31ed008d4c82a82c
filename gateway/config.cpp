// gateway/config.cpp: flags, each with its variable.

#include "gateway/config.h"

#include <charconv>

namespace plait::gateway {

const std::string_view help_text =
    R"(plait-gateway: streams live queries of a Postgres with the extension plait to WebSocket clients.

  plait-gateway --dsn "host=/var/run/postgresql dbname=shop user=plait_gateway" --listen 127.0.0.1:7480

  --dsn DSN           how to reach the database, as libpq takes it: key=value pairs or a postgresql:// URL
                      [PLAIT_DSN; without it PGHOST, PGDATABASE and the rest count; keep passwords in
                      ~/.pgpass, arguments can be seen by others]
  --listen HOST:PORT  where to listen; port 0 takes a free one [PLAIT_LISTEN, 127.0.0.1:7480]
  --role ROLE         the role that clients' queries and commits run as; the login must be a member
                      [PLAIT_ROLE; without it the login's own]
  --workers N         connections for commits and history [PLAIT_WORKERS, 4]
  --readers N         connections for first results [PLAIT_READERS, 4]
  --quiet-seconds N   how long a client may be silent before it is pinged [PLAIT_QUIET_SECONDS, 15]
  --drain-seconds N   how long SIGTERM waits for commits that are under way [PLAIT_DRAIN_SECONDS, 10]
  --version
  --help

The login needs the right to follow: SELECT plait.grant_feed('plait_gateway'). It prints
"listening on ws://HOST:PORT" when it is ready. GET /health and GET /metrics answer on the same port.
SIGTERM and SIGINT finish the commits that are under way, say goodbye to all clients and exit with 0.
Exit codes: 0 stopped, 1 could not start, 2 wrong arguments.
)";

namespace {

Error bad_flag(const std::string& flag, const std::string& what, const std::string& hint) {
  return {Code::bad_value, what, flag, hint};
}

Result<std::int64_t> read_number(const std::string& flag, const std::string& text, std::int64_t low,
                                 std::int64_t high) {
  std::int64_t value = 0;
  auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed == std::errc() && end == text.data() + text.size() && value >= low && value <= high)
    return value;
  return bad_flag(flag,
                  "\"" + text + "\" is not a number from " + std::to_string(low) + " to " +
                      std::to_string(high),
                  "");
}

Status read_listen(const std::string& flag, const std::string& text, Config& config) {
  std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) {
    return bad_flag(flag, "\"" + text + "\" has no port", "write HOST:PORT, as 127.0.0.1:7480");
  }
  auto port = read_number(flag, text.substr(colon + 1), 0, 65'535);
  if (!port) return port.error();
  config.host = text.substr(0, colon);
  if (config.host.starts_with('[') && config.host.ends_with(']')) {
    config.host = config.host.substr(1, config.host.size() - 2);
  }
  config.port = static_cast<int>(*port);
  return ok;
}

Status read_count(const std::string& flag, const std::string& text, std::size_t& count) {
  auto number = read_number(flag, text, 1, 100);
  if (!number) return number.error();
  count = static_cast<std::size_t>(*number);
  return ok;
}

Status read_seconds(const std::string& flag, const std::string& text, std::int64_t low,
                    std::int64_t& ms) {
  auto seconds = read_number(flag, text, low, 3'600);
  if (!seconds) return seconds.error();
  ms = *seconds * 1'000;
  return ok;
}

struct Flag {
  const char* name;
  const char* variable;
  Status (*set)(const std::string& flag, const std::string& value, Config& config);
};

constexpr Flag flags[] = {
    {"--dsn", "PLAIT_DSN",
     [](const std::string&, const std::string& value, Config& config) -> Status {
       config.dsn = value;
       return ok;
     }},
    {"--listen", "PLAIT_LISTEN", read_listen},
    {"--role", "PLAIT_ROLE",
     [](const std::string&, const std::string& value, Config& config) -> Status {
       config.role = value;
       return ok;
     }},
    {"--workers", "PLAIT_WORKERS",
     [](const std::string& flag, const std::string& value, Config& config) {
       return read_count(flag, value, config.workers);
     }},
    {"--readers", "PLAIT_READERS",
     [](const std::string& flag, const std::string& value, Config& config) {
       return read_count(flag, value, config.readers);
     }},
    {"--quiet-seconds", "PLAIT_QUIET_SECONDS",
     [](const std::string& flag, const std::string& value, Config& config) {
       return read_seconds(flag, value, 1, config.quiet_ms);
     }},
    {"--drain-seconds", "PLAIT_DRAIN_SECONDS",
     [](const std::string& flag, const std::string& value, Config& config) {
       return read_seconds(flag, value, 0, config.drain_ms);
     }},
};

const Flag* find_flag(std::string_view name) {
  for (const Flag& flag : flags) {
    if (name == flag.name) return &flag;
  }
  return nullptr;
}

}  // namespace

Result<std::variant<Config, Help, Version>> read_config(std::span<const std::string> arguments,
                                                        const Environment& environment) {
  Config config;
  for (const Flag& flag : flags) {
    auto value = environment(flag.variable);
    if (!value) continue;
    auto set = flag.set(flag.variable, *value, config);
    if (!set) return set.error();
  }
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string name = arguments[i];
    if (name == "--help" || name == "-h") return {Help{}};
    if (name == "--version") return {Version{}};
    // --flag value and --flag=value.
    std::size_t equals = name.starts_with("--") ? name.find('=') : std::string::npos;
    std::optional<std::string> value;
    if (equals != std::string::npos) {
      value = name.substr(equals + 1);
      name.resize(equals);
    }
    const Flag* flag = find_flag(name);
    if (flag == nullptr)
      return bad_flag(name, "there is no such argument", "plait-gateway --help lists them");
    if (!value && i + 1 == arguments.size()) return bad_flag(name, "its value is missing", "");
    if (!value) value = arguments[++i];
    auto set = flag->set(name, *value, config);
    if (!set) return set.error();
  }
  return {config};
}

}  // namespace plait::gateway
