// cli/set.h: plait set: one event of one row.
#pragma once

#include <cstdint>
#include <string>

#include "cli/arguments.h"
#include "cli/exit_code.h"
#include "cli/origin.h"
#include "core/event/event.h"
#include "core/wire/message.h"

namespace plait::cli {

// The event that sets `values` on a row, its parents being the row's head.
Event event_that_sets(const std::string& collection, const wire::Row& row, const Json& values,
                      const Stamp& stamp, std::uint64_t salt);

ExitCode run_set(const Arguments& arguments, const SetCommand& set);

}  // namespace plait::cli
