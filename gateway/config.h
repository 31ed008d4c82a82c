// gateway/config.h: what the command line and the environment say.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "core/result.h"

namespace plait::gateway {

inline constexpr std::string_view version_text = "0.2.0";

struct Config {
  std::string dsn;  // empty: libpq's own environment, PGHOST and the rest
  std::string host = "127.0.0.1";
  int port = 7480;   // 0: any that is free
  std::string role;  // empty: the login's own
  std::size_t workers = 4;
  std::size_t readers = 4;
  std::int64_t quiet_ms = 15'000;
  std::int64_t drain_ms = 10'000;
};

// What was asked for instead of a start.
struct Help {};
struct Version {};

// `arguments` without the program's name. `environment` gives a variable's value; nothing: not set.
// Refuses bad_value: the flag in Error::where.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Result<std::variant<Config, Help, Version>> read_config(std::span<const std::string> arguments,
                                                        const Environment& environment);

extern const std::string_view help_text;

}  // namespace plait::gateway
