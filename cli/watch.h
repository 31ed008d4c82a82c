// cli/watch.h: plait watch: a query's result, and what changes in it.
#pragma once

#include "cli/arguments.h"
#include "cli/exit_code.h"

namespace plait::cli {

ExitCode run_watch(const Arguments& arguments, const WatchCommand& watch);

}  // namespace plait::cli
