// cli/history.h: plait history: the events that made a row.
#pragma once

#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/exit_code.h"
#include "core/event/json.h"

namespace plait::cli {

// 2026-11-21 04:16:51.201Z  01KAJ0W1A2B3C4D5E6F7G8H9JK  create  title=Absolution  year=2003  by app
std::string history_line(const Json& event, const std::vector<std::string>& properties);

ExitCode run_history(const Arguments& arguments, const HistoryCommand& history);

}  // namespace plait::cli
