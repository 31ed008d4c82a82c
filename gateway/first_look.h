// gateway/first_look.h: before anything is started: can this database be served at all?
#pragma once

#include <functional>
#include <string>

#include "core/result.h"

namespace plait::gateway {

// Connects and looks for the extension, the right to follow the feed and the role. While the
// database is out of reach it tries again, and tells `waiting` why, once a reason. Refuses what
// will not pass by itself, with what to do.
Status first_look(const std::string& dsn, const std::string& role,
                  const std::function<void(const Error&)>& waiting);

}  // namespace plait::gateway
