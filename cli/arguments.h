// cli/arguments.h: the command line, read.
//
//   plait [--url URL] [--json] watch QUERY [PARAM …] [--once]
//   plait … set COLLECTION KEY NAME=VALUE …
//   plait … history COLLECTION KEY [--budget N]
//   plait … status
//
// Options stand anywhere, `--url X` and `--url=X` alike; behind `--` there are none. A word like -5
// is a value, not an option.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/result.h"

namespace plait::cli {

inline constexpr std::string_view default_url = "ws://127.0.0.1:7480";

// NAME=VALUE, the text of a value; or NAME:=JSON, the value as it is on the wire.
struct Assignment {
  std::string property;
  std::string value;
  bool is_json = false;
};

struct WatchCommand {
  std::string query;
  std::vector<std::string> parameters;  // of $1, $2, …
  bool once = false;                    // the first result alone
};
struct SetCommand {
  std::string collection;
  std::string key;
  std::vector<Assignment> assignments;
};
struct HistoryCommand {
  std::string collection;
  std::string key;
  std::optional<std::int64_t> budget;
};
struct StatusCommand {};
struct HelpCommand {
  std::string topic;  // a command; empty: all of them
};
struct VersionCommand {};

using Command = std::variant<WatchCommand, SetCommand, HistoryCommand, StatusCommand, HelpCommand,
                             VersionCommand>;

struct Arguments {
  std::string url{default_url};
  bool json = false;
  Command command;
};

// `words`: without the program's name. `url`: the environment's PLAIT_URL, which --url overrules.
// Refuses bad_value with the word in Error::where, and how to write it in Error::hint.
Result<Arguments> parse_arguments(std::span<const std::string> words,
                                  std::optional<std::string> url = {});

}  // namespace plait::cli
