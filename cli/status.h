// cli/status.h: plait status: the gateway, the database, its collections.
#pragma once

#include <cstdint>
#include <string>

#include "cli/arguments.h"
#include "cli/exit_code.h"
#include "core/event/hlc.h"
#include "core/wire/message.h"

namespace plait::cli {

// What was found, by asking `url`.
struct Found {
  wire::Welcome welcome;
  std::int64_t round_trip_us = 0;  // of a ping
  std::int64_t ahead_ms = 0;       // the database's clock, before this machine's
  Json items = Json::object();     // of plait.status()
};

std::string status_lines(const std::string& url, const Found& found);
std::string status_json(const std::string& url, const Found& found);

ExitCode run_status(const Arguments& arguments);

}  // namespace plait::cli
