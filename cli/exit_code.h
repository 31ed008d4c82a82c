// cli/exit_code.h: what the shell hears.
#pragma once

#include <cstdint>

namespace plait::cli {

enum class ExitCode : std::uint8_t {
  ok = 0,
  refused = 1,     // the gateway or the database said no, or the answer is not known
  usage = 2,       // the command line is wrong
  no_gateway = 3,  // there is no connection, or none that answers
};

}  // namespace plait::cli
