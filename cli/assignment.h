// cli/assignment.h: NAME=VALUE → a value of the property's type, as it is on the wire.
#pragma once

#include "cli/arguments.h"
#include "cli/collection.h"
#include "core/event/json.h"
#include "core/result.h"

namespace plait::cli {

// {"stars": 5, "title": "Origin of Symmetry"}. Refuses unknown_property, bad_value.
Result<Json> read_assignments(const Collection& collection,
                              const std::vector<Assignment>& assignments);

}  // namespace plait::cli
